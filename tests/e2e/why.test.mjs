// "Why is it higher?": an incident is planted, a stretch is asked about by button, key and hand, and the sentence names it.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { axeObjections, openPage, shoot, startBrowser } from './browser.mjs';
import { call, startCollector } from './collector.mjs';
import { sendV5 } from './netflow_v5.mjs';
import { steps } from './steps.mjs';
import { windowParts } from './window_parts.mjs';

const kMinute = 60_000;
const kStep_ms = 10_000;
const kBusy = '10.4.7.30';
const kVault = '198.51.100.40';
/** Ordinary traffic over 40 minutes; in the last twelve one host copies to a vault. */
const kCopies_ms = 12 * kMinute;
let collector;
let browser;
let page;
let complaints;
let now_ms;
/** Messages to the collector are kept back while this is a list. */
let kept = null;
/** Questions of this method are refused. */
let refused = null;
const step = steps(() => page);
const parts = windowParts(() => page);
const { hash, until, plotPoint, settle } = parts;
const why = () => page.getByTestId('why');
const show = async (view) => {
  await parts.show(view);
  await settle();
};
const range = (from_min, to_min) => `from=${now_ms - from_min * kMinute}&to=${now_ms - to_min * kMinute}`;

function traffic() {
  const records = [];
  const flow = (from, to, octets, start_ms, port) => records.push({
    from, to, fromPort: 20_000 + (records.length % 40_000), toPort: port, protocol: 6, flags: 0x1b, packets: Math.ceil(octets / 1000), octets, start_ms, end_ms: start_ms + kStep_ms - 1, in_if: 1, out_if: 3,
  });
  for (let at = now_ms - 40 * kMinute; at < now_ms; at += kStep_ms) {
    for (let host = 0; host < 12; host++) flow(`10.4.1.${10 + host}`, `203.0.113.${host % 5}`, 40_000 + ((at / kStep_ms + host) % 7) * 4000, at, host % 2 ? 443 : 25);
    if (at >= now_ms - kCopies_ms) flow(kBusy, kVault, 2_500_000, at, 873);
  }
  return records;
}

before(async () => {
  collector = await startCollector();
  now_ms = Math.floor(Date.now() / kStep_ms) * kStep_ms - 20_000;
  await sendV5(traffic(), collector.udp, { now_ms: Date.now() });
  browser = await startBrowser();
  ({ page, complaints } = await openPage(browser, { viewport: { width: 1280, height: 800 }, timezoneId: 'Europe/Berlin' }));
  await page.routeWebSocket(/\/ws$/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((message) => {
      if (refused !== null && message.includes(`"${refused}"`)) socket.send(JSON.stringify({ jsonrpc: '2.0', id: JSON.parse(message).id, error: { code: -32603, message: 'Internal error: the disk is on fire' } }));
      else if (kept !== null && message.includes('"flows.explain"')) kept.push(() => server.send(message));
      else server.send(message);
    });
    server.onMessage((message) => socket.send(message));
  });
  await until('what was sent', async () => (await call(collector, 'status.get')).store.sessions >= 240 * 12 + 72);
  await page.goto(`${collector.url}#token=${collector.token}&${range(20, 2)}`);
  await settle();
});
after(async () => {
  await browser?.close();
  await collector?.stop();
});

step('the button asks about what is on screen, and the first sentence names who, to whom, by what, how much and since when', async () => {
  await show(range(20, 2));
  await page.getByRole('button', { name: 'Why?' }).click();
  await why().getByText('Unusual', { exact: true }).waitFor();
  const cause = await why().locator('.causes li').first().innerText();
  assert.match(cause, new RegExp(`^${kBusy} → ${kVault} on 873/tcp \\(rsync\\) explains (9\\d|100) % of the rise against the 18 min before: 1\\d\\d\\.\\d MB, not seen in the 18 min before\\.`));
  // In the zone of the reader, to the interval of the look.
  const since = new Date(now_ms - kCopies_ms).toLocaleTimeString('en-GB', { timeZone: 'Europe/Berlin', hour: '2-digit', minute: '2-digit' });
  const within = new Date(now_ms - kCopies_ms - 6000).toLocaleTimeString('en-GB', { timeZone: 'Europe/Berlin', hour: '2-digit', minute: '2-digit' });
  assert.match(cause, new RegExp(`Since (${since}|${within})`));
  assert.doesNotMatch(cause, /UTC/);
  await why().getByText('Nothing is stored of the same time last week: no comparison with it.').waitFor();
  await why().getByText('No alert fired in this time.').waitFor();
  const before = why().getByRole('row', { name: /The 18 min before/ });
  assert.match(await before.innerText(), /\d+(\.\d)? ×/);
  assert.deepEqual(await axeObjections(page), []);
  await page.waitForTimeout(300);
  await shoot(page, 'why-1280-light');
});

step('the sentence is a filter, and the panel says that the filter is another one then', async () => {
  await why().locator('.causes .said').first().click();
  assert.equal(hash().get('filter'), `client ${kBusy} and server ${kVault} and protocol 6 and server_port 873`);
  await settle();
  await why().getByRole('button', { name: 'Explain with it' }).click();
  await why().getByText(`client ${kBusy} and server ${kVault}`).first().waitFor();
  await why().getByText('Unusual', { exact: true }).waitFor();
  await page.goBack();
  await settle();
});

step('Escape and w close it, and the focus is where it was', async () => {
  await page.keyboard.press('Escape');
  await why().waitFor({ state: 'detached' });
  await page.keyboard.press('w');
  await why().getByText('Unusual', { exact: true }).waitFor();
  await page.keyboard.press('w');
  await why().waitFor({ state: 'detached' });
});

step('Shift and drag asks about a stretch of the chart, which stays on screen and is marked', async () => {
  await show(range(40, 0));
  const [left, y] = await plotPoint(0.75, 0.5);
  const [right] = await plotPoint(0.9, 0.5);
  const view = () => ['from', 'to', 'filter', 'out'].map((name) => new URLSearchParams(new URL(page.url()).hash.slice(1)).get(name));
  const seen = view();
  await page.keyboard.down('Shift');
  await page.mouse.move(left, y);
  await page.mouse.down();
  await page.mouse.move(right, y, { steps: 5 });
  await page.mouse.up();
  await page.keyboard.up('Shift');
  await why().locator('.causes li').first().waitFor();
  assert.deepEqual(view(), seen, 'the view has changed');
  assert.match(await why().locator('.causes li').first().innerText(), new RegExp(`^${kBusy} → ${kVault}`));
  assert.ok(await page.getByTestId('asked').isVisible());
  await page.keyboard.press('Escape');
  assert.ok(!(await page.getByTestId('asked').isVisible()));
});

step('by keyboard: a stretch is marked with Shift and arrows, w asks about it', async () => {
  await page.getByTestId('chart').focus();
  await page.keyboard.press('End');
  for (let i = 0; i < 20; i++) await page.keyboard.press('Shift+ArrowLeft');
  await page.keyboard.press('w');
  await why().waitFor();
  await why().locator('.badge').waitFor();
  assert.ok(await page.getByTestId('asked').isVisible());
  await page.keyboard.press('Escape');
});

step('a quiet time is nothing unusual', async () => {
  await show(range(26, 14));
  await page.keyboard.press('w');
  await why().getByText('Nothing unusual', { exact: true }).waitFor();
  assert.equal(await why().locator('.causes li').count(), 0);
  await shoot(page, 'why-nothing-unusual');
  await page.keyboard.press('w');
});

step('while the collector compares it can be stopped, and what goes wrong is said', async () => {
  kept = [];
  await page.keyboard.press('w');
  await why().getByText('Comparing …').waitFor();
  assert.deepEqual(await axeObjections(page), []);
  await why().getByRole('button', { name: 'Stop' }).click();
  await why().getByText('Stopped.').waitFor();
  kept = null;
  refused = 'flows.explain';
  await why().getByRole('button', { name: 'Ask again' }).click();
  await why().getByRole('alert').getByText('the disk is on fire').waitFor();
  refused = null;
  await why().getByRole('button', { name: 'Try again' }).click();
  await why().getByText('Nothing unusual', { exact: true }).waitFor();
  await page.keyboard.press('w');
});

step('in the dark, and on a phone', async () => {
  await show(range(20, 2));
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.keyboard.press('w');
  await why().getByText('Unusual', { exact: true }).waitFor();
  assert.deepEqual(await axeObjections(page), []);
  await page.waitForTimeout(200);
  await shoot(page, 'why-1280-dark');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.waitForTimeout(400);
  await shoot(page, 'why-390-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.waitForTimeout(200);
  await shoot(page, 'why-390-light');
  const box = await why().boundingBox();
  assert.ok(box.x >= 0 && box.x + box.width <= 390, `the panel is ${box.width} wide`);
  assert.ok(await why().evaluate((element) => element.scrollWidth <= element.clientWidth), 'the panel scrolls sideways');
  assert.deepEqual(await axeObjections(page), []);
  await why().getByRole('button', { name: 'Close' }).click();
  await why().waitFor({ state: 'detached' });
});

step('nothing went wrong in the page', async () => {
  assert.deepEqual(complaints, []);
});
