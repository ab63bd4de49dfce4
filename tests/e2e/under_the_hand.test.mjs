// What a person does while the window refreshes under the hand, and names that nobody would choose.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { openPage, shoot, startBrowser } from './browser.mjs';
import { call, startCollector } from './collector.mjs';
import { sendV5 } from './netflow_v5.mjs';
import { steps } from './steps.mjs';
import { windowParts } from './window_parts.mjs';

const kLongName = 'edge-router-with-a-very-long-name.datacenter-7.example.corporate.internal <b>x</b>';
const kMarkup = 'Halle <img src=x onerror=window.ran=1>';
let collector;
let browser;
let page;
let complaints;
let sequence = 0;
/** Messages to the collector are kept back while this is a list. */
let kept = null;
const step = steps(() => page);
const { tab, rows, hash, hostRow, until, plotPoint, settle, show } = windowParts(() => page);

async function send(...flows) {
  const now_ms = Date.now();
  const records = flows.map(([from, octets], at) => ({
    from, to: '198.51.100.1', fromPort: 40_000 + at, toPort: 443, protocol: 6, packets: Math.ceil(octets / 1000), octets, start_ms: now_ms - 60_000, end_ms: now_ms - 2000, in_if: 1, out_if: 2, flags: 0x1b,
  }));
  sequence = await sendV5(records, collector.udp, { now_ms, sequence });
}
const addressesShown = () => rows().evaluateAll((all) => all.map((row) => row.dataset.key.replace('host=', '')));

before(async () => {
  collector = await startCollector(async (data) => {
    const own = join(data, 'own');
    await mkdir(own);
    await writeFile(join(own, 'networks.lua'), `network("10.9.0.0/16", '${kMarkup}')\n`);
    return `[script]\nown_dir = ${JSON.stringify(own)}\n`;
  });
  browser = await startBrowser();
  ({ page, complaints } = await openPage(browser));
  await page.routeWebSocket(/\/ws$/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((message) => (kept !== null && message.includes('"flows.') ? kept.push(() => server.send(message)) : server.send(message)));
  });
});
after(async () => {
  await browser?.close();
  await collector?.stop();
});

step('names are text, whatever they are', async () => {
  await send(['10.9.0.1', 500_000], ['10.9.0.2', 400_000], ['10.9.0.3', 300_000]);
  await until('the exporter', async () => (await call(collector, 'exporters.list')).exporters.length === 1);
  await call(collector, 'exporters.set', { address: '127.0.0.1', name: kLongName });
  await page.goto(`${collector.url}#token=${collector.token}&tab=networks&direction=talkers`);
  await page.locator('#tab-panel').getByText(kMarkup).waitFor();
  await page.getByRole('button', { name: 'Exporter', exact: true }).click();
  await page.getByRole('dialog').getByText(kLongName).waitFor();
  await page.setViewportSize({ width: 900, height: 800 });
  const box = await page.getByRole('dialog').boundingBox();
  assert.ok(box.x >= 0 && box.x + box.width <= 900, `the list reaches from ${box.x} to ${box.x + box.width}`);
  await shoot(page, 'long-exporter-900');
  await page.keyboard.press('Escape');
  assert.equal(await page.evaluate(() => window.ran), undefined);
});

step('no tab makes the page wider than a narrow screen', async () => {
  const width = () => page.evaluate(() => document.documentElement.scrollWidth);
  for (const name of ['Top Hosts', 'Top Ports', 'Top VLANs', 'Top Sessions', 'Applications', 'Networks']) {
    await tab(name).click();
    await settle();
    assert.equal(await width(), 900, name);
  }
  const back = page.url();
  for (const [id, name] of [['alerts', 'Alerts'], ['exporters', 'Exporters'], ['settings', 'Settings']]) {
    await show(`tab=${id}`);
    await page.getByRole('heading', { level: 1, name }).waitFor();
    assert.equal(await width(), 900, name);
  }
  await show('tab=alerts');
  await page.getByRole('button', { name: 'Rules', exact: true }).click();
  await page.getByRole('region', { name: 'Rules' }).locator('tbody tr').first().waitFor();
  assert.equal(await width(), 900, 'the rules');
  await page.goto(back);
  await page.setViewportSize({ width: 1280, height: 800 });
});

step('the focus stays on its row when a refresh moves it', async () => {
  await show('tab=hosts&direction=talkers&live=0');
  await until('the order', async () => (await addressesShown()).join() === '10.9.0.1,10.9.0.2,10.9.0.3');
  await hostRow('10.9.0.3').getByRole('button').focus();
  await send(['10.9.0.3', 900_000]);
  await until('the new order', async () => {
    await page.keyboard.press('r');
    await page.waitForTimeout(100);
    return (await addressesShown())[0] === '10.9.0.3';
  });
  assert.equal(await page.evaluate(() => document.activeElement?.closest('tr')?.dataset.key), 'host=10.9.0.3');
});

step('what is selected can be acted on after a refresh has taken its row away', async () => {
  await show('tab=hosts&direction=talkers&live=0&rows=2');
  await until('two rows', async () => (await addressesShown()).join() === '10.9.0.3,10.9.0.1');
  await hostRow('10.9.0.1').click();
  await send(['10.9.0.2', 900_000]);
  await until('another second row', async () => {
    await page.keyboard.press('r');
    await page.waitForTimeout(100);
    return !(await addressesShown()).includes('10.9.0.1');
  });
  await page.getByText('1 selected').waitFor();
  await page.getByRole('button', { name: 'Filter on', exact: true }).click();
  await until('its filter', () => hash().get('filter') === 'host 10.9.0.1');
});

step('a chip that was clicked comes back with Escape', async () => {
  await page.getByRole('button', { name: 'host 10.9.0.1', exact: true }).click();
  await until('no filter', () => hash().get('filter') === null);
  assert.equal(await page.getByLabel('Add a filter').inputValue(), 'host 10.9.0.1');
  await page.keyboard.press('Escape');
  await until('the filter again', () => hash().get('filter') === 'host 10.9.0.1');
  assert.equal(await page.getByLabel('Add a filter').inputValue(), '');
  await page.getByRole('button', { name: 'Clear the filter' }).first().click();
});

step('figures of an earlier question are marked as such until the answer is there', async () => {
  await show('tab=hosts&live=0');
  await settle();
  const old = page.locator('main.old');
  assert.equal(await old.count(), 0);
  kept = [];
  await page.getByRole('button', { name: 'Listeners' }).click();
  await old.waitFor();
  assert.ok((await rows().count()) > 1, 'they stay readable meanwhile');
  await shoot(page, 'outdated');
  for (const go of kept) go();
  kept = null;
  await old.waitFor({ state: 'detached' });
  assert.deepEqual(await addressesShown(), ['198.51.100.1']);
});

step('a drag begins at the moment on which it began, though the picture moves', async () => {
  await show('tab=hosts&range=5m&live=0');
  await settle();
  await page.mouse.move(...(await plotPoint(0.6, 0.5)));
  const when = page.locator('.surface .when');
  const pressed = (await when.innerText()).match(/[\d:]{8}/)[0];
  await page.mouse.down();
  await page.mouse.move(...(await plotPoint(0.7, 0.5)), { steps: 3 });
  const words = page.locator('.surface .drag');
  const left = (await words.boundingBox()).x;
  await until('a picture that has moved', async () => {
    await page.keyboard.press('r');
    await page.waitForTimeout(300);
    return (await words.boundingBox()).x < left - 10;
  });
  await page.mouse.up();
  await until('the zoom', () => hash().get('from') !== null);
  const clock = await page.evaluate((ms) => new Date(ms).toTimeString().slice(0, 8), Number(hash().get('from')));
  assert.equal(clock, pressed);
  assert.deepEqual(complaints, []);
});
