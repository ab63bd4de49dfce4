// The Flows window as a person uses it, from the first start to the answer at 3 a.m. Steps build on each other.
import assert from 'node:assert/strict';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadSchemas, plainMethodNames } from '../../plugin/web/tests/schema_check.mjs';
import { axeObjections, clipboardText, copiedTable, downloadedText, fromMenu, openPage, parseBytes, shoot, startBrowser } from './browser.mjs';
import { call, findCollector } from './collector.mjs';
import { steps } from './steps.mjs';
import { sendV5 } from './netflow_v5.mjs';
import { expectedSums, makeTraffic } from './traffic.mjs';
import { windowParts } from './window_parts.mjs';

const kMinute = 60_000;
let collector;
let browser;
let page;
let complaints;
let asked;
let traffic;
let expected;
let sent_ms;
const step = steps(() => page);
const { tab, rows, summary, hash, hostRow, until, plotPoint, colourAt, swatchOf, settle, show, typeRange } = windowParts(() => page);

before(async () => {
  collector = await findCollector();
  browser = await startBrowser();
  ({ page, complaints, asked } = await openPage(browser));
});
after(async () => {
  await browser?.close();
  await collector?.stop();
});

step('the first start says how to point an exporter here', async () => {
  await page.goto(`${collector.url}#token=${collector.token}`);
  await page.getByRole('heading', { name: 'Waiting for the first flow record' }).waitFor();
  assert.ok(!page.url().includes(collector.token), 'the token stays in the URL');
  await page.getByText(new RegExp(`UDP .*${process.env.WEIR_URL ? '' : collector.udp}`)).waitFor();
  await page.getByRole('button', { name: 'softflowd' }).click();
  await page.getByText(/softflowd -i eth0 -v 9/).waitFor();
  assert.deepEqual(await axeObjections(page), []);
  await shoot(page, 'first-start');
});

step('without a token the page says how to get one', async () => {
  const { page: stranger, context } = await openPage(browser);
  await stranger.goto(collector.url);
  await stranger.getByRole('heading', { name: 'The Flows window needs a token' }).waitFor();
  await stranger.getByText('weir token --data DIR').waitFor();
  await stranger.goto(`${collector.url}#token=wrong`);
  await stranger.getByRole('heading', { name: 'The collector refuses this token' }).waitFor();
  assert.deepEqual(await axeObjections(stranger), []);
  await shoot(stranger, 'token');
  await context.close();
});

step('live data appears by itself', async () => {
  sent_ms = Date.now();
  traffic = makeTraffic(sent_ms - 1000);
  expected = expectedSums(traffic.sessions);
  // The spike comes last, so that rows and areas have to change places.
  const sequence = await sendV5(traffic.records.filter((record) => !record.spike), collector.udp, { now_ms: sent_ms });
  await tab('Top Hosts').waitFor();
  await until('rows of hosts', async () => (await rows().count()) > 5);
  await settle();
  await sendV5(traffic.records.filter((record) => record.spike), collector.udp, { now_ms: sent_ms, sequence });
  await until('the whole of the traffic', async () => {
    await page.keyboard.press('r');
    await page.waitForTimeout(200);
    return (await summary().textContent()).includes(`${expected.totals.sessions.toLocaleString('en')} sessions`);
  });
  assert.equal(await page.locator('table th[scope=col]').first().innerText(), 'Host');
  await settle();
  await shoot(page, 'live-1280');
  // The spike of the largest is a little right of the middle, and lies at the bottom in the colour of its row.
  const drawn = await colourAt(0.567, 0.05);
  const swatch = await swatchOf('10.4.7.30');
  assert.ok(drawn.every((value, at) => Math.abs(value - swatch[at]) < 25), `the lowest area is drawn ${drawn}, its row has ${swatch}`);
});

step('pictures: wide, and dark', async () => {
  await page.reload();
  await until('rows after a reload', async () => (await rows().count()) > 5);
  // A quarter of an hour that is whole: nothing of it is still to come.
  const end_ms = Math.max(...traffic.sessions.map((session) => session.end_ms));
  await show(`tab=hosts&from=${end_ms - 15 * kMinute}&to=${end_ms}`);
  await settle();
  await until('the strip', async () => /H/.test((await page.getByTestId('strip').locator('path').first().getAttribute('d')) ?? ''));
  await page.setViewportSize({ width: 1920, height: 1080 });
  await page.waitForTimeout(300);
  await shoot(page, 'live-1920');
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.waitForTimeout(300);
  await shoot(page, 'live-1440');
  await page.setViewportSize({ width: 1360, height: 800 });
  await fromMenu(page, 'Dark theme');
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
  await page.mouse.move(...(await plotPoint(0.5, 0.3)));
  await page.waitForTimeout(200);
  await shoot(page, 'dark-1360');
  await page.mouse.move(5, 5);
  assert.deepEqual(await axeObjections(page), []);
  await fromMenu(page, 'Light theme');
  await page.setViewportSize({ width: 1280, height: 800 });
  assert.deepEqual(await axeObjections(page), []);
  await show('tab=hosts');
  await settle();
});

step('the table of hosts has what was sent, to the byte', async () => {
  await page.getByRole('button', { name: 'Time range' }).click();
  await page.getByRole('button', { name: 'Last 1 h' }).click();
  assert.equal(hash().get('range'), '1h');
  await settle();
  const table = await until('all hosts', async () => {
    const copied = await copiedTable(page);
    return copied.length === expected.hosts.size ? copied : null;
  });
  for (const line of table) {
    const host = expected.hosts.get(line.Host);
    assert.ok(host, `a host that sent nothing: ${line.Host}`);
    assert.deepEqual(
      [line.Bytes, line.In, line.Out, line['As client'], line['As server'], line.Packets.replaceAll(',', ''), line.Sessions.replaceAll(',', '')].map(Number),
      [host.octets, host.in, host.out, host.asClient, host.asServer, host.packets, host.sessions], line.Host);
    const shown = parseBytes(await hostRow(line.Host).locator('td[data-column=octets]').innerText());
    assert.ok(Math.abs(shown - host.octets) <= host.octets * 0.006, `${line.Host}: ${shown} for ${host.octets}`);
  }
  const order = table.map((line) => Number(line.Bytes));
  assert.deepEqual(order, [...order].sort((a, b) => b - a));
});

step('talkers and listeners each add up to what was sent', async () => {
  for (const [name, part] of [['Talkers', 'out'], ['Listeners', 'in']]) {
    await page.getByRole('button', { name, exact: true }).click();
    await until(`${name} in the title`, async () => (await page.getByRole('heading', { level: 1 }).innerText()).toLowerCase().includes(name.toLowerCase()));
    await settle();
    const table = await until('the sums', async () => {
      const copied = await copiedTable(page);
      return copied.every((line) => Number(line.Bytes) === expected.hosts.get(line.Host)?.[part]) ? copied : null;
    });
    assert.equal(table.reduce((sum, line) => sum + Number(line.Bytes), 0), expected.totals.octets);
  }
  await page.getByRole('button', { name: 'Both', exact: true }).click();
  await settle();
});

step('the tables of ports, VLANs and sessions as well', async () => {
  await tab('Top Ports').click();
  await until('ports', async () => (await page.locator('th').first().innerText()).startsWith('Service') && (await rows().count()) === expected.ports.size);
  for (const line of await copiedTable(page)) {
    const number = { tcp: 6, udp: 17 }[line.Protocol];
    const port = expected.ports.get(`${line.Port}/${number}`);
    assert.ok(port, `a port without traffic: ${line.Port}/${line.Protocol}`);
    assert.deepEqual([Number(line.Bytes), Number(line.Sessions.replaceAll(',', ''))], [port.octets, port.sessions], `${line.Port}/${line.Protocol}`);
  }
  await shoot(page, 'ports');

  await tab('Top VLANs').click();
  await until('VLANs', async () => (await page.locator('th').first().innerText()).startsWith('VLAN') && (await rows().count()) === 1);
  const [vlan] = await copiedTable(page);
  assert.equal(Number(vlan.Bytes), expected.totals.octets);

  await tab('Top Sessions').click();
  await until('sessions', async () => (await page.locator('th').first().innerText()).startsWith('Client') && (await rows().count()) === 100);
  const largest = [...traffic.sessions].sort((a, b) => b.toServer.octets + b.toClient.octets - a.toServer.octets - a.toClient.octets);
  const sessions = await copiedTable(page);
  sessions.slice(0, 20).forEach((line, at) => {
    const { client, server, clientPort, serverPort, toServer, toClient } = largest[at];
    assert.deepEqual(
      [line.Client, line.Server, Number(line['Client port']), Number(line['Server port']), Number(line['Bytes →']), Number(line['Bytes ←'])],
      [client, server, clientPort, serverPort, toServer.octets, toClient.octets]);
  });
  assert.deepEqual(await axeObjections(page), []);
  await shoot(page, 'sessions-1280');
  await page.setViewportSize({ width: 1920, height: 1080 });
  await page.waitForTimeout(300);
  await shoot(page, 'sessions-1920');
  await page.setViewportSize({ width: 1280, height: 800 });
});

step('keys reach the tabs', async () => {
  await page.keyboard.press('Alt+Digit1');
  await until('hosts', async () => (await tab('Top Hosts').getAttribute('aria-selected')) === 'true');
  await tab('Top Hosts').focus();
  await page.keyboard.press('ArrowRight');
  assert.equal(await tab('Top Ports').getAttribute('aria-selected'), 'true');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'tab-ports');
  await page.keyboard.press('Home');
  assert.equal(await tab('Top Hosts').getAttribute('aria-selected'), 'true');
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard, mouse, filter' }).waitFor();
  assert.deepEqual(await axeObjections(page), []);
  await page.keyboard.press('Escape');
  await settle();
});

step('hovering names what is under the pointer', async () => {
  await typeRange(traffic.sessions[0].start_ms - 30_000, sent_ms + 30_000);
  await until('the range in the URL', () => hash().get('from') !== null);
  await settle();
  await page.mouse.move(...(await plotPoint(0.5, 0.2)));
  const tip = page.locator('.surface .tip').first();
  await tip.waitFor();
  const text = await tip.innerText();
  assert.match(text, /10\.4\.7\.30/);
  assert.match(text, /bit\/s/);
  await shoot(page, 'hover');
  await page.mouse.move(5, 5);
});

step('dragging zooms with fresh buckets, and back', async () => {
  const before = { from: Number(hash().get('from')), to: Number(hash().get('to')) };
  await page.mouse.move(...(await plotPoint(0.4, 0.5)));
  await page.mouse.down();
  await page.mouse.move(...(await plotPoint(0.5, 0.5)), { steps: 4 });
  await page.mouse.move(...(await plotPoint(0.6, 0.5)), { steps: 4 });
  await shoot(page, 'dragging');
  await page.mouse.up();
  await until('the zoom in the URL', () => Number(hash().get('to')) - Number(hash().get('from')) < (before.to - before.from) / 3);
  const zoomed = { from_ms: Number(hash().get('from')), to_ms: Number(hash().get('to')) };
  const share = (ms) => (ms - before.from) / (before.to - before.from);
  assert.ok(Math.abs(share(zoomed.from_ms) - 0.4) < 0.011 && Math.abs(share(zoomed.to_ms) - 0.6) < 0.011, `zoomed to ${share(zoomed.from_ms)}–${share(zoomed.to_ms)}`);
  const { totals } = await call(collector, 'flows.totals', { range: zoomed });
  const shown = await until('the totals of the zoom', async () => {
    const figure = (await summary().textContent()).match(/[\d.]+ [kMGT]?B/);
    if (!figure) return false;
    const bytes = parseBytes(figure[0]);
    return Math.abs(bytes - totals.octets) <= totals.octets * 0.006 && bytes;
  });
  assert.ok(shown < expected.totals.octets);
  await settle();
  await shoot(page, 'zoomed');
  await page.getByRole('button', { name: 'Zoom out' }).click();
  await until('the range before', () => Number(hash().get('from')) === before.from && Number(hash().get('to')) === before.to);
  await page.goBack();
  await until('the zoom again', () => Number(hash().get('from')) === zoomed.from_ms);
  await page.goForward();
  await until('and out again', () => Number(hash().get('from')) === before.from);
  await settle();
});

step('chart, table and collector agree at every zoom', async () => {
  const mistakes = loadSchemas();
  const start = traffic.sessions[0].start_ms;
  for (const [from_ms, to_ms] of [[start - kMinute, sent_ms + kMinute], [start + 5 * kMinute, start + 8 * kMinute], [start + 6 * kMinute + 123, start + 6 * kMinute + 7777]]) {
    for (const by of [['host'], ['server_port', 'protocol'], ['vlan']]) {
      const params = { range: { from_ms, to_ms }, by, direction: 'talkers', limit: 5, buckets: 200 };
      const result = await call(collector, 'flows.top', params);
      assert.equal(mistakes('flows.top.result', result), null);
      const sum = (values) => values.reduce((total, value) => total + value, 0);
      assert.equal(sum(result.rows.map((row) => row.octets)) + result.other.octets, result.totals.octets, `rows of ${by} in ${to_ms - from_ms} ms`);
      result.rows.forEach((row, at) => assert.equal(sum(result.series[at].octets), row.octets, `series ${at} of ${by}`));
      assert.equal(sum(result.series.flatMap((series) => series.octets)), result.totals.octets);
    }
  }
  assert.match(mistakes('flows.top.result', { ...(await call(collector, 'flows.top')), totals: undefined }), /totals/);
  for (const method of plainMethodNames()) assert.equal(mistakes(`${method}.result`, await call(collector, method)), null);
});

step('a click on an area or the legend selects the row', async () => {
  await page.mouse.click(...(await plotPoint(0.5, 0.05)));
  await until('a selected row', async () => (await page.locator('tbody tr.on').count()) === 1);
  assert.equal(await page.locator('tbody tr.on').getAttribute('data-key'), 'host=10.4.7.30');
  const entry = page.getByRole('group', { name: 'Legend' }).getByRole('button', { name: '203.0.113.80' });
  await entry.click();
  assert.equal(await page.locator('tbody tr.on').getAttribute('data-key'), 'host=203.0.113.80');
  await shoot(page, 'selected');
  await entry.click();
  assert.equal(await page.locator('tbody tr.on').count(), 0);
});

step('rows filter and exclude by the menu', async () => {
  await hostRow('10.4.1.25').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Filter on selected' }).click();
  await until('the filter', () => hash().get('filter') === 'host 10.4.1.25');
  const mine = traffic.sessions.filter(({ client, server }) => [client, server].includes('10.4.1.25'));
  await until('its sessions', async () => (await summary().textContent()).includes(`${mine.length} sessions`));
  await hostRow('203.0.113.80').click();
  await page.getByRole('button', { name: 'Exclude', exact: true }).click();
  await until('both terms', () => hash().get('filter') === 'host 10.4.1.25 and not host 203.0.113.80');
  const left = mine.filter(({ client, server }) => ![client, server].includes('203.0.113.80'));
  await until('what is left', async () => (await summary().textContent()).includes(`${left.length} sessions`));
  await settle();
  assert.deepEqual(await axeObjections(page), []);
  await shoot(page, 'filtered');
  await page.getByRole('button', { name: 'Remove not host 203.0.113.80' }).click();
  await until('one term', () => hash().get('filter') === 'host 10.4.1.25');
  await page.getByRole('button', { name: 'Clear the filter' }).first().click();
  await until('no filter', () => hash().get('filter') === null);
  await settle();
});

step('a mistake in the filter is marked where it is', async () => {
  await page.keyboard.press('/');
  await page.keyboard.type('host 10.4.0.0/16 and prot 443');
  await page.keyboard.press('Enter');
  const alert = page.getByRole('alert');
  await alert.waitFor();
  assert.match(await alert.innerText(), /Column 22/);
  assert.equal(await alert.locator('mark').innerText(), 'prot');
  await shoot(page, 'mistake');
  assert.deepEqual(await axeObjections(page), []);
  await page.getByRole('button', { name: 'Clear the filter' }).first().click();
  await alert.waitFor({ state: 'hidden' });
});

step('nothing found is told apart from nothing received', async () => {
  await page.getByLabel('Add a filter').fill('host 192.0.2.250');
  await page.getByLabel('Add a filter').press('Enter');
  await page.getByRole('heading', { name: 'No session in this range matches' }).waitFor();
  assert.deepEqual(await axeObjections(page), []);
  await shoot(page, 'nothing');
  await page.getByTestId('nothing').getByRole('button', { name: 'Clear the filter' }).click();
  await until('rows again', async () => (await rows().count()) > 5);
});

step('headings sort, and packets rank by packets', async () => {
  await page.getByRole('columnheader', { name: 'Packets' }).getByRole('button').click();
  await until('the sort in the URL', () => hash().get('sort') === 'packets');
  await settle();
  const sorted = (await copiedTable(page)).map((line) => Number(line.Packets.replaceAll(',', '')));
  assert.deepEqual(sorted, [...sorted].sort((a, b) => b - a));
  await page.getByRole('columnheader', { name: 'Packets' }).getByRole('button').click();
  await until('the order in the URL', () => hash().get('order') === 'asc');
  const turned = (await copiedTable(page)).map((line) => Number(line.Packets.replaceAll(',', '')));
  assert.deepEqual(turned, sorted.reverse());
});

step('the pie shows the same rows', async () => {
  await page.getByRole('button', { name: 'Pie' }).click();
  await page.getByTestId('pie').getByRole('option').first().waitFor();
  await page.waitForTimeout(200);
  assert.deepEqual(await axeObjections(page), []);
  await shoot(page, 'pie');
  const hole = page.getByTestId('pie-hole');
  await hole.getByText('together').waitFor();
  // The largest slice begins at the top, clockwise.
  const box = await page.getByTestId('pie').boundingBox();
  await page.mouse.move(box.x + box.width / 2 + 14, box.y + box.height / 2 - 120, { steps: 3 });
  await hole.locator('b').waitFor();
  assert.match(await hole.innerText(), /\d %/);
  await page.mouse.move(5, 5);
  await hole.getByText('together').waitFor();
  await page.getByRole('button', { name: 'Table', exact: true }).click();
});

step('CSV is the table as it stands there, with every digit', async () => {
  const lines = (await downloadedText(page, () => page.getByRole('button', { name: 'CSV', exact: true }).click())).trim().split('\r\n');
  assert.equal(lines[0], 'Host,Bytes,%,Drawn %,In,Out,As client,As server,Packets,Sessions');
  const shown = await rows().evaluateAll((all) => all.map((row) => row.dataset.key.replace('host=', '')));
  assert.deepEqual(lines.slice(1).map((line) => line.split(',')[0]), shown);
  for (const line of lines.slice(1)) {
    const [host, octets, , , octets_in, octets_out, , , packets] = line.split(',');
    const sum = expected.hosts.get(host);
    assert.deepEqual([octets, octets_in, octets_out, packets].map(Number), [sum.octets, sum.in, sum.out, sum.packets], host);
  }
});

step('about goes to the clipboard', async () => {
  await fromMenu(page, 'About');
  const dialog = page.getByRole('dialog', { name: 'About Weir' });
  await dialog.getByRole('button', { name: 'Copy to Clipboard' }).click();
  await dialog.getByText('Copied').waitFor();
  assert.match(await clipboardText(page), /Weir/i);
  assert.deepEqual(await axeObjections(page), []);
  await shoot(page, 'about');
  await page.keyboard.press('Escape');
});

step('a link shows the same to whoever opens it', async () => {
  const link = new URL(page.url());
  const { page: other, context } = await openPage(browser);
  await other.goto(`${link.origin}${link.pathname}#token=${collector.token}&${link.hash.slice(1)}`);
  await other.locator('#tab-panel tbody tr').first().waitFor();
  assert.equal(new URL(other.url()).hash, link.hash);
  await context.close();
});

step('nothing was asked of the outside, and nothing went wrong in the page', async () => {
  const { host } = new URL(collector.url);
  const elsewhere = [...asked].filter((url) => !url.startsWith('blob:') && new URL(url).host !== host);
  assert.deepEqual(elsewhere, []);
  assert.deepEqual(complaints, []);
});

step('pictures of the documentation', async () => {
  const docs = fileURLToPath(new URL('../../plugin/web/docs/', import.meta.url));
  await mkdir(docs, { recursive: true });
  for (const [shot, picture] of [['live-1440', 'flows-light'], ['dark-1360', 'flows-dark'], ['first-start', 'first-start']]) {
    await copyFile(join(process.env.WEIR_SHOTS, `${shot}.png`), join(docs, `${picture}.png`));
  }
}, { skip: process.env.WEIR_UPDATE_DOCS !== '1' });
