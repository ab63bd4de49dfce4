// Alerts as a person meets them: a rule fires on traffic that came in by UDP, the bell counts it, its row is dealt with,
// its link shows the evidence. And the window behind a web server, over a restart, at the end of a token.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { axeObjections, copiedTable, fromMenu, openPage, shoot, startBrowser } from './browser.mjs';
import { call, startCollector } from './collector.mjs';
import { startFrontServer, startReceiver } from './doors.mjs';
import { sendV5 } from './netflow_v5.mjs';
import { steps } from './steps.mjs';
import { makeTraffic } from './traffic.mjs';
import { windowParts } from './window_parts.mjs';

const kBusy = '10.4.5.77';
const kBurst = 60_000_000; // octets
const kRule = `weir.rule {
  name = "busy client",
  description = "A client sends over 40 MB in ten seconds",
  severity = "high",
  query = { by = "client", window = "10s", every = "10s" },
  when = { octets_out = ">40M" },
  clear_after = "1h",
  message = "{client} sent {octets_out} in ten seconds",
}
`;
const kBroken = 'weir.rule {\n  name = "broken",\n  query = { by = "nobody", window = "1m" },\n  when = { octets = 1 },\n}\n';

let collector;
let receiver;
let browser;
let page;
let complaints;
let traffic;
let sent_ms;
let sequence = 0;
let rules;
const step = steps(() => page);
const { tab, rows, hash, until, settle, typeRange } = windowParts(() => page);
const region = (name) => page.getByRole('region', { name });
const rowOf = (rule, key) => region('Alerts').getByRole('row').filter({ hasText: rule }).filter({ hasText: key });
const bell = (name) => page.getByRole('button', { name, exact: true });
const timeline = () => page.getByTestId('timeline');
const onPage = async () => (await page.getByRole('heading', { level: 1, name: 'Alerts' }).count()) === 1;
const show = (part) => page.getByRole('group', { name: 'Alerts shown' }).getByRole('button', { name: part, exact: true }).click();

async function send(records, now_ms) {
  sequence = await sendV5(records, collector.udp, { now_ms, sequence });
}

/** One client sends the burst, now. */
async function burst(from, octets = kBurst) {
  const now_ms = Date.now();
  await send([{ from, to: '198.51.100.40', fromPort: 50_001, toPort: 873, protocol: 6, flags: 0x1b, packets: 50_000, octets, start_ms: now_ms - 200, end_ms: now_ms - 200, in_if: 1, out_if: 3 }], now_ms);
}

async function pictures(name) {
  await page.waitForTimeout(250);
  assert.deepEqual(await axeObjections(page), [], name);
  await shoot(page, `${name}-light`);
  await fromMenu(page, 'Dark theme');
  await page.waitForTimeout(200);
  assert.deepEqual(await axeObjections(page), [], `${name}, dark`);
  await shoot(page, `${name}-dark`);
  await fromMenu(page, 'Light theme');
}

before(async () => {
  receiver = await startReceiver();
  collector = await startCollector(async (data, url) => {
    rules = join(data, 'rules');
    await mkdir(rules);
    await writeFile(join(rules, 'busy.lua'), kRule);
    return `[alert]\nrules = ${JSON.stringify(rules)}\nlateness_ms = 1000\nlate_ms = 0\nwebhooks = [${JSON.stringify(receiver.url)}]\nwindow_url = ${JSON.stringify(url)}\n`;
  });
  browser = await startBrowser();
  ({ page, complaints } = await openPage(browser, { viewport: { width: 1440, height: 900 } }));
});
after(async () => {
  await browser?.close();
  await collector?.stop();
  receiver?.stop();
});

step('while nothing fires, the page says who watches', async () => {
  sent_ms = Date.now();
  traffic = makeTraffic(sent_ms - 1000);
  await send(traffic.records, sent_ms);
  await page.goto(`${collector.url}#token=${collector.token}`);
  await until('rows of hosts', async () => (await rows().count()) > 5);
  await bell('No alert fires').click();
  await until('the page', onPage);
  await page.getByText('No alert has fired.').waitFor();
  await page.getByText(/\d+ rules are active, \d+ are off/).waitFor();
  await pictures('alerts-none');
});

step('a rule fires on traffic, the bell counts, the row is shown', async () => {
  await burst(kBusy);
  await bell('1 alert fires').waitFor();
  const row = rowOf('busy client', kBusy);
  await row.getByText(`${kBusy} sent 60.0 MB in ten seconds`).waitFor();
  await row.getByText('high').waitFor();
  await burst('10.4.9.7', 2 * kBurst);
  await bell('2 alerts fire').waitFor();
  await until('two messages at the webhook', () => receiver.messages.length === 2);
  await page.getByTestId('alert-mark').first().waitFor();
  await pictures('alerts-firing');
});

step('acknowledged by name, and silenced until a time', async () => {
  await page.getByRole('button', { name: `Acknowledge busy client: ${kBusy}` }).click();
  await rowOf('busy client', kBusy).getByText(/firing, acknowledged by/).waitFor();
  await page.getByRole('button', { name: `Silence busy client: ${kBusy}` }).click();
  const dialog = page.getByRole('dialog', { name: 'Silence busy client' });
  await dialog.getByRole('button', { name: '4 hours' }).click();
  await dialog.getByLabel('Why').fill('backup of the new disks');
  await pictureOf(dialog);
  await dialog.getByLabel('Why').press('Enter');
  await rowOf('busy client', kBusy).getByText(/silenced/).waitFor();
  const { silences } = await call(collector, 'alerts.silences');
  assert.equal(silences.length, 1);
  assert.equal(silences[0].key, kBusy);
  assert.ok(Math.abs(silences[0].until_ms - Date.now() - 4 * 3_600_000) < 60_000);
  // Nothing of that key is delivered from now on, while others are.
  await burst('10.4.60.12');
  await bell('3 alerts fire').waitFor();
  await until('the third message', () => receiver.messages.length === 3);
  await pictures('alerts-silenced');
});

step('the list is narrowed by state, severity and words', async () => {
  const listed = () => region('Alerts').locator('tbody tr').count();
  const find = page.getByLabel('Find an alert');
  assert.equal(await listed(), 3);
  await show('Silenced');
  await until('the silenced one', async () => (await listed()) === 1 && (await rowOf('busy client', kBusy).count()) === 1);
  await show('Open');
  await find.fill('10.4.9.7');
  await until('the one that was looked for', async () => (await listed()) === 1);
  await find.fill('');
  await page.getByLabel('Severity', { exact: true }).selectOption('disaster');
  await page.getByText('No alert matches.').waitFor();
  await page.getByLabel('Severity', { exact: true }).selectOption('');
  await show('All');
  await until('all of them', async () => (await listed()) === 3);
});

step('who may only look is offered nothing else', async () => {
  const { page: other, context } = await openPage(browser);
  await other.goto(`${collector.url}#token=${await collector.makeToken('--role', 'viewer')}&tab=alerts`);
  await other.getByRole('region', { name: 'Alerts' }).getByText(kBusy, { exact: true }).waitFor();
  assert.equal(await other.getByRole('button', { name: /^(Acknowledge|Silence) / }).count(), 0);
  await context.close();
});

async function pictureOf(dialog) {
  await dialog.waitFor();
  assert.deepEqual(await axeObjections(page), []);
  await shoot(page, 'alerts-silence-dialog');
}

step('the rules: states, mistakes in words, silences, where messages go', async () => {
  await writeFile(join(rules, 'broken.lua'), kBroken);
  await page.getByRole('button', { name: /needs? attention/ }).waitFor();
  await show('Rules');
  const table = region('Rules');
  await table.getByRole('row').filter({ hasText: 'busy client' }).getByText('fires for 3').waitFor();
  await page.getByRole('listitem').getByText(/broken\.lua:1: .*nobody/).waitFor();
  const silences = page.getByRole('region', { name: 'Silences' });
  await silences.getByText(/backup of the new disks/).waitFor();
  await page.getByRole('button', { name: /Send a test message to webhook 1/ }).click();
  await until('a test message and its end', () => receiver.messages.filter((message) => message.rule === 'test').length === 2);
  await pictures('alerts-rules');
  await page.setViewportSize({ width: 1280, height: 800 });
  await shoot(page, 'alerts-rules-1280');
  await page.setViewportSize({ width: 1440, height: 900 });
  await silences.getByRole('button', { name: 'End the silence of busy client' }).click();
  await silences.getByText('None.').waitFor();
  await writeFile(join(rules, 'broken.lua'), '');
});

step('a back-test marks the time line', async () => {
  await typeRange(traffic.sessions[0].start_ms - 30_000, sent_ms);
  await until('the range in the URL', () => hash().get('from') !== null);
  const range = { from_ms: Number(hash().get('from')), to_ms: Number(hash().get('to')) };
  const expected = await call(collector, 'rules.test', { rule: 'busy client', range });
  assert.equal(expected.alerts_total, 1);
  await page.getByRole('button', { name: 'Test busy client' }).click();
  await page.getByText(/“busy client” would have fired 1 time/).waitFor();
  const mark = page.locator('[data-testid=alert-mark].supposed');
  assert.equal(await mark.count(), 1);
  // The table of rules is long: the time line is above it.
  await page.evaluate(() => scrollTo(0, 0));
  const share = (expected.alerts[0].fired_ms - range.from_ms) / (range.to_ms - range.from_ms);
  const box = await timeline().boundingBox();
  await page.mouse.move(box.x + box.width * share, box.y + 30);
  await page.getByTestId('alert-words').getByText(/busy client would have fired: 10\.4\.7\.30 sent/).waitFor();
  await pictures('alerts-back-test');
  await page.mouse.move(5, 5);
  await page.getByRole('button', { name: 'Clear the marks' }).click();
  await until('no hollow mark', async () => (await mark.count()) === 0);
});

step('a key opens the flows that are the evidence', async () => {
  await show('Open');
  await rowOf('busy client', kBusy).getByRole('button', { name: kBusy, exact: true }).click();
  await until('the hosts of the evidence', async () => (await tab('Top Hosts').getAttribute('aria-selected')) === 'true' && hash().get('filter') === `client ${kBusy}`);
  const { alerts } = await call(collector, 'alerts.list');
  const alert = alerts.find((one) => one.key === kBusy);
  assert.deepEqual([Number(hash().get('from')), Number(hash().get('to'))], [alert.range.from_ms, alert.range.to_ms]);
  await settle();
  const table = await until('both ends', async () => {
    const copied = await copiedTable(page);
    return copied.some((line) => line.Host === kBusy && Number(line.Out) >= kBurst) ? copied : null;
  });
  assert.ok(table.some((line) => line.Host === '198.51.100.40'), JSON.stringify(table));
  await pictures('alerts-evidence');
});

step('the link of a delivered message opens the same', async () => {
  const message = receiver.messages.find((one) => JSON.stringify(one).includes(kBusy));
  const link = new URL(message.link ?? message.url);
  const { page: other, context } = await openPage(browser);
  await other.goto(`${link.origin}${link.pathname}#token=${collector.token}&${link.hash.slice(1)}`);
  await other.locator(`tr[data-key="host=${kBusy}"]`).waitFor();
  assert.equal(new URL(other.url()).hash, new URL(page.url()).hash);
  await context.close();
});

step('keys alone: to the page, to a row, to its evidence and back', async () => {
  await page.keyboard.press('Alt+Digit9');
  await until('the page', onPage);
  await page.getByRole('group', { name: 'Alerts shown' }).getByRole('button').first().focus();
  for (let presses = 0; presses < 14 && (await page.evaluate(() => document.activeElement?.title ?? '')).startsWith('Shows the flows') === false; presses++) await page.keyboard.press('Tab');
  const key = await page.evaluate(() => document.activeElement.textContent);
  await shoot(page, 'alerts-focus');
  await page.keyboard.press('Enter');
  await until('the evidence', () => hash().get('filter') === `client ${key}`);
  await page.goBack();
  await until('the alerts again', onPage);
});

step('under a path of a web server', async () => {
  const front = await startFrontServer('/zabbix/flows/', collector.url);
  const { page: other, context, complaints: wrong } = await openPage(browser);
  await other.goto(`${front.url}#token=${collector.token}&tab=alerts`);
  await other.getByRole('region', { name: 'Alerts' }).getByText(kBusy, { exact: true }).waitFor();
  await other.getByRole('button', { name: 'Flows', exact: true }).click();
  await other.locator('#tab-panel tbody tr').first().waitFor();
  const [download] = await Promise.all([other.waitForEvent('download'), fromMenu(other, 'CSV of all rows')]);
  assert.ok((await (await download.createReadStream()).toArray()).join('').startsWith('host,'));
  assert.ok(new URL(other.url()).pathname === '/zabbix/flows/');
  assert.deepEqual(wrong, []);
  await context.close();
  front.stop();
});

step('the collector goes and comes: the window says so and is back by itself, with its alerts', async () => {
  const before = complaints.length;
  await collector.restart(async () => {
    await page.getByText(/Not connected, next try in/).waitFor();
    await page.waitForTimeout(1200);
    await shoot(page, 'alerts-away');
  });
  await page.getByText('Connected', { exact: true }).waitFor();
  await until('alerts again', async () => (await bell('3 alerts fire').count()) === 1);
  await shoot(page, 'alerts-back');
  // What Chromium says of refused connections is no mistake of the page.
  complaints.splice(before, complaints.length, ...complaints.slice(before).filter((line) => !/WebSocket connection|ERR_CONNECTION_REFUSED/.test(line)));
});

step('a token that ends says so, and a new one goes on where one was', async () => {
  const { page: other, context } = await openPage(browser);
  await other.goto(`${collector.url}#token=${await collector.makeToken('--ttl', '3s')}&tab=alerts`);
  await other.getByRole('region', { name: 'Alerts' }).getByText(kBusy, { exact: true }).waitFor();
  const lost = other.getByTestId('lost');
  await lost.getByText('The token has expired.').waitFor();
  assert.ok(await other.getByRole('region', { name: 'Alerts' }).getByText(kBusy, { exact: true }).isVisible(), 'what was on screen stays');
  assert.deepEqual(await axeObjections(other), []);
  await shoot(other, 'token-expired');
  await lost.getByLabel('Token').fill(collector.token);
  await lost.getByRole('button', { name: 'Open' }).click();
  await lost.waitFor({ state: 'detached' });
  await context.close();
});

step('nothing went wrong in the page', async () => assert.deepEqual(complaints, []));
