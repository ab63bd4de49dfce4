// Chromium with nothing to say to the outside, and what the test looks for in a page. Packages are those of plugin/web.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(new URL('../../plugin/web/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const { AxeBuilder } = require('@axe-core/playwright');

const kFlags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-dev-shm-usage', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export async function startBrowser() {
  const program = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
  if (!program) throw new Error('no Chromium: ./install/packages install test brings it, or name one in CHROMIUM');
  return chromium.launch({ executablePath: program, args: kFlags });
}

/** A page that remembers its complaints and every address it asked. */
export async function openPage(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'light', permissions: ['clipboard-read', 'clipboard-write'], ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints = [];
  const asked = new Set();
  page.on('pageerror', (error) => complaints.push(error.stack ?? error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('request', (request) => asked.add(request.url()));
  page.on('websocket', (socket) => asked.add(socket.url()));
  return { page, context, complaints, asked };
}

/** Lines that say what axe objects to. Rows are alike: the first few of a table are looked at. */
export async function axeObjections(page) {
  const { violations } = await new AxeBuilder({ page }).exclude('tbody tr:nth-child(n+5)').analyze();
  return violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.map((node) => node.target.join(' ')).slice(0, 5).join(', ')}`);
}

export async function shoot(page, name) {
  await page.screenshot({ path: join(process.env.WEIR_SHOTS, `${name}.png`) });
}

/** What stands behind the button of the bar. */
export async function fromMenu(page, name) {
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('dialog', { name: 'More' }).getByRole('button', { name, exact: true }).click();
}

/** Text of the clipboard. Chromium sometimes never answers when the machine is busy: then it is asked again. */
export async function clipboardText(page) {
  for (let attempt = 0; attempt < 5; attempt++) {
    await page.bringToFront();
    const read = page.evaluate(() => navigator.clipboard.readText()).catch(() => null);
    const text = await Promise.race([read, new Promise((resolve) => setTimeout(resolve, 3000, null))]);
    if (text !== null) return text;
  }
  throw new Error('the clipboard could not be read');
}

/** The table as the Copy button gives it: a list of objects, heading → text. */
export async function copiedTable(page) {
  // What was copied before must not be taken for this.
  await page.evaluate(() => Promise.race([navigator.clipboard.writeText(''), new Promise((resolve) => setTimeout(resolve, 3000))]));
  await page.getByRole('button', { name: 'Copy', exact: true }).click();
  let text = '';
  for (let attempt = 0; text === '' && attempt < 100; attempt++) {
    await page.getByText(/rows copied/).waitFor();
    text = await clipboardText(page);
  }
  const [heading, ...lines] = text.split('\n').map((line) => line.split('\t'));
  return lines.map((line) => Object.fromEntries(heading.map((name, at) => [name, line[at]])));
}

/** The text of the file that act() makes the page download. */
export async function downloadedText(page, act) {
  const [download] = await Promise.all([page.waitForEvent('download'), act()]);
  const chunks = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** "1.23 GB" as a number, to compare with what is exact. */
export function parseBytes(text) {
  const match = /^([\d.]+) ([kMGTP]?)B$/.exec(text.trim());
  if (!match) throw new Error(`"${text}" is no number of bytes`);
  return Number(match[1]) * 1000 ** ['', 'k', 'M', 'G', 'T', 'P'].indexOf(match[2]);
}
