// What is shown is true: one byte is drawn once, a rise is measured against just before it, an interface can be picked without a
// monitor, a range goes where it is sent, and figures that became old say so.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before } from 'node:test';
import { promisify } from 'node:util';
import { axeObjections, copiedTable, downloadedText, fromMenu, openPage, shoot, startBrowser } from './browser.mjs';
import { call, startCollector } from './collector.mjs';
import { sendV5 } from './netflow_v5.mjs';
import { steps } from './steps.mjs';
import { windowParts } from './window_parts.mjs';

const kMinute = 60_000;
const kBusy = '10.4.7.30';
const kVault = '198.51.100.40';
const kPublic = '8.8.8.8';
const kUplink = 3;
let collector;
let browser;
let page;
let complaints;
let now_ms;
/** Messages to the collector are kept back while this is a list. */
let kept = null;
const step = steps(() => page);
const { tab, rows, summary, hash, hostRow, until, plotPoint, colourAt, swatchOf, settle, show } = windowParts(() => page);
const cell = async (host, column) => (await hostRow(host).locator(`td[data-column=${column}]`).innerText()).trim();
const legend = () => page.getByRole('group', { name: 'Legend' });
const range = () => `from=${now_ms - 20 * kMinute}&to=${now_ms}`;

/**
 * Twenty minutes over the uplink: in the last ten one host copies to a vault. Of all octets on the uplink, 97 % are the host's:
 * 95 % with the vault, 2 % with others, and the other 3 % between hosts that have nothing to do with it.
 */
function traffic() {
  const records = [];
  const flow = (from, to, octets, start_ms, end_ms, port) => records.push({
    from, to, fromPort: 40_000 + (records.length % 20_000), toPort: port, protocol: 6, flags: 0x1b, packets: Math.ceil(octets / 1000), octets, start_ms, end_ms, in_if: 1, out_if: kUplink,
  });
  const kStep = 10_000;
  for (let at = now_ms - 20 * kMinute; at < now_ms; at += kStep) {
    const copies = at >= now_ms - 10 * kMinute;
    if (copies) flow(kBusy, kVault, 1_900_000, at, at + kStep - 1, 873);
    flow(kBusy, '203.0.113.80', 20_000, at, at + kStep - 1, 443);
    flow('10.4.1.25', '203.0.113.9', 30_000, at, at + kStep - 1, 25);
    // Beside the uplink, on another interface.
    records.push({ ...records.at(-1), out_if: 7, from: '10.4.9.9', to: '10.5.9.9', octets: 5_000_000 });
    if (at % 60_000 === 0) records.push({ ...records.at(-1), to: kPublic, octets: 500, packets: 1 });
  }
  return records;
}

before(async () => {
  collector = await startCollector();
  now_ms = Math.floor(Date.now() / 10_000) * 10_000 - 20_000;
  await sendV5(traffic(), collector.udp, { now_ms: Date.now() });
  browser = await startBrowser();
  ({ page, complaints } = await openPage(browser, { viewport: { width: 1440, height: 900 }, timezoneId: 'Europe/Berlin' }));
  await page.routeWebSocket(/\/ws$/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((message) => (kept !== null && message.includes('"flows.') ? kept.push(() => server.send(message)) : server.send(message)));
  });
  await until('what was sent', async () => (await call(collector, 'status.get')).store.sessions >= 120 * 3 + 60);
});
after(async () => {
  await browser?.close();
  await collector?.stop();
});

step('97 % of an interface is 97 % in chart, axis, table, pie and CSV, and on the command line', async () => {
  await page.goto(`${collector.url}#token=${collector.token}&tab=hosts&${range()}&exporter=127.0.0.1&if=${kUplink}&way=out`);
  await hostRow(kBusy).waitFor();
  await settle();
  const params = { range: { from_ms: now_ms - 20 * kMinute, to_ms: now_ms }, filter: `exporter 127.0.0.1 and out_if ${kUplink}` };
  const { totals } = await call(collector, 'flows.totals', params);
  const busy = 120 * 20_000 + 60 * 1_900_000;
  const share = ((100 * busy) / totals.octets).toFixed(1);
  assert.equal(share, '97.0');
  assert.equal(totals.octets, busy + 120 * 30_000);

  // The table: both ends of the copy have their share, and what is drawn adds up.
  assert.deepEqual([await cell(kBusy, 'share'), await cell(kBusy, 'drawn')], ['97.0', '97.0']);
  assert.deepEqual([await cell(kVault, 'share'), await cell(kVault, 'drawn')], [((100 * 60 * 1_900_000) / totals.octets).toFixed(1), '0.0']);
  const drawn = await page.locator('#tab-panel td[data-column=drawn]').evaluateAll((cells) => cells.map((one) => Number(one.innerText)));
  assert.ok(Math.abs(drawn.reduce((sum, one) => sum + one, 0) - 100) < 0.3, drawn.join());

  // The chart: 1.56 Mbit/s is the height while the host copies, and its area is 97 % of it.
  assert.match(await summary().textContent(), /1\.56 Mbit\/s peak/);
  assert.ok(!(await legend().innerText()).includes('on the wire'));
  const axis_top = 2_000_000;
  const height = 1_560_000 / axis_top;
  const close = (one, other) => one.every((value, at) => Math.abs(value - other[at]) < 25);
  assert.ok(close(await colourAt(0.75, height * 0.05), await swatchOf(kBusy)));
  assert.ok(close(await colourAt(0.75, height * 0.95), await swatchOf(kBusy)), 'its area reaches up to 97 % of the height');
  const above = await colourAt(0.75, height * 1.1);
  assert.ok([[0, 0, 0], [255, 255, 255]].some((blank) => close(above, blank)), `nothing is drawn above the wire, found ${above}`);
  await page.mouse.move(...(await plotPoint(0.75, height * 0.5)));
  const tip = page.locator('.surface .tip').first();
  await tip.waitFor();
  assert.match((await tip.innerText()).replaceAll(/\s+/g, ' '), /together 1\.56 Mbit\/s/);
  await shoot(page, '97-percent');
  await page.mouse.move(5, 5);

  await page.getByRole('button', { name: 'Pie' }).click();
  assert.match(await page.getByTestId('pie').getAttribute('aria-label'), new RegExp(`${kBusy} 97\\.0 %`));
  await page.waitForTimeout(200);
  await shoot(page, '97-percent-pie');
  await page.getByRole('button', { name: 'Table', exact: true }).click();

  const table = async (act) => (await downloadedText(page, act)).trim().split(/\r?\n/).map((line) => line.split(','));
  const [shownHeads, ...shown] = await table(() => page.getByRole('button', { name: 'CSV', exact: true }).click());
  const of = (line, head) => Number(line[shownHeads.indexOf(head)]);
  assert.ok(Math.abs(shown.reduce((sum, line) => sum + of(line, 'Drawn %'), 0) - 100) < 0.001, 'what is drawn adds up to the wire');
  assert.equal(of(shown.find((line) => line[0] === kBusy), '%').toFixed(1), share);
  const [heads, ...lines] = await table(() => fromMenu(page, 'CSV of all rows'));
  const once = heads.indexOf('octets_once');
  assert.equal(lines.reduce((sum, line) => sum + Number(line[once]), 0), totals.octets, 'the column adds up to the wire');
  assert.equal(((100 * Number(lines.find((line) => line[0] === kBusy)[once])) / totals.octets).toFixed(1), share);

  const iso = (ms) => new Date(ms).toISOString();
  const { stdout } = await promisify(execFile)(process.env.WEIR_BIN, ['query', '--data', collector.data, '--by', 'host', '--filter', params.filter, '--from', iso(params.range.from_ms), '--to', iso(params.range.to_ms)]);
  assert.match(stdout.split('\n').find((line) => line.startsWith(kBusy)), /97\.0/);
  assert.deepEqual(await axeObjections(page), []);
});

step('listeners and talkers add up without a second column', async () => {
  await page.getByRole('button', { name: 'Talkers' }).click();
  await until('no column of what is drawn', async () => (await page.getByRole('columnheader', { name: 'Drawn %' }).count()) === 0);
  await settle();
  assert.equal(await cell(kBusy, 'share'), '97.0');
  await page.getByRole('button', { name: 'Both', exact: true }).click();
  await settle();
});

step('a pie of sessions by talkers has the shares of the table, and says why they exceed 100 %', async () => {
  await show(`tab=hosts&${range()}&direction=talkers&sort=sessions`);
  await settle();
  const share = await cell(kBusy, 'share');
  await page.getByRole('button', { name: 'Pie' }).click();
  const { totals } = await call(collector, 'flows.totals', { range: { from_ms: now_ms - 20 * kMinute, to_ms: now_ms } });
  assert.match(await page.getByTestId('pie').getAttribute('aria-label'), new RegExp(`${kBusy} ${share.replace('.', '\\.')} %`));
  await shoot(page, 'pie-of-sessions');
  const { rows: all, other } = await call(collector, 'flows.top', { range: { from_ms: now_ms - 20 * kMinute, to_ms: now_ms }, by: ['host'], direction: 'talkers', measure: 'sessions' });
  const sum = all.reduce((total, row) => total + row.sessions, other.sessions);
  assert.equal(await page.getByTestId('pie-note').count(), sum > totals.sessions ? 1 : 0);
  await page.getByRole('button', { name: 'Table', exact: true }).click();
});

step('an interface can be picked without a monitor', async () => {
  await show(`tab=hosts&${range()}&exporter=127.0.0.1`);
  await settle();
  await page.getByRole('button', { name: 'Interface', exact: true }).click();
  const list = page.getByRole('dialog', { name: 'Interface' });
  await list.getByRole('button', { name: /^interface 7/ }).waitFor();
  const names = await list.getByRole('button').allInnerTexts();
  assert.deepEqual(names.map((name) => name.split('\n')[0]), ['All interfaces', 'interface 1', 'interface 7', `interface ${kUplink}`]);
  await shoot(page, 'interfaces');
  assert.deepEqual(await axeObjections(page), []);
  await list.getByRole('button', { name: new RegExp(`^interface ${kUplink}`) }).click();
  await until('the interface in the URL', () => hash().get('if') === String(kUplink));
  await page.getByRole('group', { name: 'Way through the interface' }).waitFor();
});

step('what rose is measured against just before, also when it was noticed later', async () => {
  for (const late_ms of [0, 3 * kMinute]) {
    await show(`tab=hosts&${range()}&exporter=127.0.0.1&at=${now_ms - 10 * kMinute + late_ms}`);
    await until('the column', async () => (await page.getByRole('columnheader', { name: 'Rose by' }).count()) === 1);
    await settle();
    await until('the whole of the rise', async () => (await hostRow(kBusy).count()) === 1 && /^\+1\.52 Mbit\/s$/.test(await cell(kBusy, 'rise')));
    assert.equal(await cell(kVault, 'rise'), '+1.52 Mbit/s', 'both ends of the copy rose');
    assert.match(await cell('10.4.1.25', 'rise'), /^[+−](<1|\d) bit\/s$/);
  }
  await shoot(page, 'rose-by');
});

step('Shift takes the rows between, and paints no text', async () => {
  await show(`tab=hosts&${range()}`);
  await settle();
  await rows().nth(0).click();
  await rows().nth(3).locator('td').nth(3).click({ modifiers: ['Shift'] });
  await until('four rows', async () => (await page.locator('tbody tr.on').count()) === 4);
  assert.equal(await page.evaluate(() => getSelection().toString()), '');
  await rows().nth(5).click({ modifiers: ['ControlOrMeta'] });
  await until('five rows', async () => (await page.locator('tbody tr.on').count()) === 5);
  await shoot(page, 'shift-selected');
  await page.keyboard.press('Escape');
});

step('a preset keeps the end, and zooming out neither starts Live nor leads into the future', async () => {
  await page.getByRole('button', { name: 'Time range' }).click();
  await page.getByRole('button', { name: '5 min to this end', exact: true }).click();
  await until('five minutes', () => Number(hash().get('to')) === now_ms && Number(hash().get('from')) === now_ms - 5 * kMinute);
  await show('tab=hosts&live=0');
  await settle();
  const [left, middle] = [await plotPoint(0.2, 0.5), await plotPoint(0.6, 0.5)];
  await page.mouse.move(...left);
  await page.mouse.down();
  await page.mouse.move(...middle, { steps: 5 });
  await page.mouse.up();
  await until('a zoom', () => hash().get('from') !== null);
  await page.keyboard.press('-');
  await until('the moving window again', () => hash().get('from') === null && hash().get('live') === '0');
  await page.keyboard.press('-');
  await until('three times as long, and moving', () => hash().get('range') === '45m' && hash().get('live') === '0');
  await settle();
});

step('times are in a zone that is named, and in UTC for who asks', async () => {
  await show(`tab=hosts&${range()}`);
  await settle();
  const clock = (zone) => new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: zone }).format(now_ms);
  await page.getByText(/Times in UTC\+0[12]:00, local/).waitFor();
  const bar = page.getByRole('button', { name: 'Time range' });
  assert.ok((await bar.innerText()).includes(clock('Europe/Berlin')));
  await page.getByRole('button', { name: 'Show UTC' }).click();
  await until('UTC', async () => (await bar.innerText()).includes(clock('UTC')));
  assert.equal(hash().get('tz'), 'utc');
  await bar.click();
  await page.getByText('Times are UTC').waitFor();
  assert.deepEqual([await page.getByLabel('End day').inputValue(), await page.getByLabel('End time').inputValue()], new Date(now_ms).toISOString().slice(0, 19).split('T'));
  await page.keyboard.press('Escape');
  await shoot(page, 'utc');
  await page.getByRole('button', { name: 'Show local time' }).click();
});

step('a click on any heading asks the collector for the first rows by it, in either order', async () => {
  await show(`tab=hosts&${range()}&rows=2`);
  await settle();
  const heading = (name) => page.getByRole('columnheader', { name, exact: true }).getByRole('button');
  const shown = async () => (await copiedTable(page)).map((line) => line.Host);
  const ask = async (params) => (await call(collector, 'flows.top', { by: ['host'], limit: 2, range: { from_ms: now_ms - 20 * kMinute, to_ms: now_ms }, ...params })).rows.map((row) => row.key.host);
  const byBytes = await ask({});
  for (const [name, measure, order] of [['In', 'octets_in', 'desc'], ['Out', 'octets_out', 'desc'], ['As client', 'octets_client', 'desc'], ['As server', 'octets_server', 'desc'], ['Packets', 'packets', 'desc'], ['Sessions', 'sessions', 'desc'], ['Host', 'key', 'asc']]) {
    for (const turned of [false, true]) {
      await heading(name).click();
      const expected = await ask({ measure, order: turned ? (order === 'desc' ? 'asc' : 'desc') : order });
      await until(`${name}${turned ? ', turned round' : ''}: ${expected}`, async () => (await shown()).join() === expected.join());
      assert.equal(await page.getByTestId('sorted-among').count(), 0, name);
    }
  }
  assert.notDeepEqual(await ask({ measure: 'octets_in' }), byBytes, 'the order by another column is another');
  await shoot(page, 'sorted-by-host');
});

step('sorting by what follows from the rank says that only the rows that came are sorted', async () => {
  await show(`tab=hosts&${range()}&rows=3`);
  await settle();
  await page.getByRole('columnheader', { name: 'Drawn %' }).getByRole('button').click();
  await page.getByTestId('sorted-among').getByText('Sorted among the 3 rows with the most bytes only.').waitFor();
  assert.equal((await copiedTable(page)).length, 3);
});

step('whois is offered for an address that somebody was given, and asks where it was told to', async () => {
  await show(`tab=hosts&${range()}&rows=100`);
  await settle();
  const menu = page.getByRole('menu');
  await hostRow(kBusy).click({ button: 'right' });
  await menu.waitFor();
  assert.equal(await menu.getByRole('menuitem', { name: /Whois/ }).count(), 0, 'a private address');
  await page.keyboard.press('Escape');
  await hostRow(kPublic).click({ button: 'right' });
  await page.evaluate(() => (window.open = (url) => (window.opened = url)));
  await menu.getByRole('menuitem', { name: `Whois ${kPublic}` }).click();
  assert.equal(await page.evaluate(() => window.opened), `https://search.arin.net/rdap/?query=${kPublic}`);
  await page.keyboard.press('Escape');
});

step('a question that takes long shows that it runs, can be stopped, and leaves no old figure under a new title', async () => {
  await show(`tab=hosts&${range()}`);
  await settle();
  const before = await summary().textContent();
  assert.match(before, /MB/);
  kept = [];
  await tab('Top Ports').click();
  const asking = page.getByTestId('asking');
  await asking.waitFor();
  assert.ok(!/[kMG]B/.test(await summary().textContent()), 'no figures of the hosts under "Top ports"');
  await shoot(page, 'asking');
  assert.deepEqual(await axeObjections(page), []);
  await asking.getByRole('button', { name: 'Stop' }).click();
  await asking.waitFor({ state: 'detached' });
  await page.getByText('Stopped: Refresh asks again.').waitFor();
  kept = null;
  await page.keyboard.press('r');
  await until('the ports', async () => (await page.locator('th').first().innerText()).startsWith('Service') && (await rows().count()) > 1);
  assert.equal(await summary().textContent(), before, 'the same range and filter');
});

step('a phone held upright shows all of the bar', async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await show(`tab=hosts&${range()}&exporter=127.0.0.1&if=${kUplink}`);
  await settle();
  for (const name of ['Top Hosts', 'Top Sessions', 'Networks']) {
    await tab(name).click();
    await settle();
    const wide = await page.evaluate(() => [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > 391).map((one) => `${one.tagName}.${one.className}`).slice(0, 8));
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390, `${name}: ${wide.join(', ')}`);
  }
  await tab('Top Hosts').click();
  await settle();
  for (const name of ['More', 'No alert fires', 'Exporters', 'Refresh', 'Zoom out', 'One range back', 'Now']) {
    const box = await page.getByRole('button', { name, exact: true }).boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= 390, `${name} at ${box.x}`);
  }
  for (const name of ['Time range', 'Exporter', 'Interface']) {
    await page.getByRole('button', { name, exact: true }).click();
    const sheet = page.getByRole('dialog', { name });
    await sheet.waitFor();
    await page.waitForTimeout(200);
    const box = await sheet.boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= 390, `${name}: ${box.x} to ${box.x + box.width}`);
    await shoot(page, `phone-${name.toLowerCase().replace(' ', '-')}`);
    await page.keyboard.press('Escape');
  }
  await shoot(page, 'phone');
  await page.setViewportSize({ width: 1440, height: 900 });
});

step('a collector that is away is told above the figures, and nothing looks alive', async () => {
  await show('tab=hosts&live=10');
  await settle();
  const dot = page.locator('.live .dot');
  assert.ok(await dot.evaluate((one) => one.classList.contains('ok')));
  const heard = complaints.length;
  await collector.restart(async () => {
    const lost = page.getByTestId('lost');
    await lost.getByText(/No connection to the collector since \d\d:\d\d:\d\d\./).waitFor();
    const box = await lost.boundingBox();
    assert.ok(box.y < 200, `the words stand at ${box.y}`);
    assert.ok(!(await dot.evaluate((one) => one.classList.contains('ok'))));
    await tab('Top VLANs').click();
    await page.getByText('No figures: the collector cannot be reached.').waitFor();
    await tab('Top Hosts').click();
    await page.waitForTimeout(200);
    assert.ok((await legend().innerText()).includes(kBusy), 'the picture is as it was');
    await shoot(page, 'collector-away');
    assert.deepEqual(await axeObjections(page), []);
  });
  await page.getByTestId('lost').waitFor({ state: 'detached' });
  await settle();
  complaints.splice(heard, complaints.length, ...complaints.slice(heard).filter((line) => !/WebSocket connection|ERR_CONNECTION_REFUSED/.test(line)));
});

step('nothing went wrong in the page', async () => assert.deepEqual(complaints, []));
