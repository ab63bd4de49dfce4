// The first look at 3 a.m.: who, since when, is that normal; one host and one interface above and below the axis; the strip of all
// that is stored; the wheel and the keyboard; any field as a tab; what leaves the window.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { axeObjections, copiedTable, downloadedText, fromMenu, openPage, shoot, startBrowser } from './browser.mjs';
import { call, startCollector } from './collector.mjs';
import { captureOf } from './netflow_v5.mjs';
import { steps } from './steps.mjs';
import { windowParts } from './window_parts.mjs';

const kMinute = 60_000;
const kWeek = 7 * 24 * 60 * kMinute;
const kBackup = '10.4.7.30';
const kVault = '198.51.100.40';
const kUplink = 3;
const kSpeed = 10_000_000;
let collector;
let browser;
let page;
let complaints;
const now_ms = Math.floor(Date.now() / kMinute) * kMinute - kMinute;
const step = steps(() => page);
const { rows, hash, until, plotPoint, settle, tab, show } = windowParts(() => page);
const range = () => `from=${now_ms - 60 * kMinute}&to=${now_ms}`;
const answer = () => page.getByTestId('answer');
const spoken = async () => (await answer().innerText()).replaceAll(/\s+/g, ' ');

/** An hour of 1 Mbit/s of the web, today and a week ago; today a backup of 6 Mbit/s from minute 42 to 54. Stamps in ascending order. */
function traffic() {
  const flows = [];
  const flow = (from, to, port, mbits, start_ms, back = 0) => {
    const octets = Math.round((mbits * 1e6 * 60) / 8);
    const common = { protocol: 6, flags: 0x1b, packets: Math.ceil(octets / 1200), start_ms, end_ms: start_ms + kMinute - 1 };
    const clientPort = 40_000 + (flows.length % 20_000);
    flows.push({ ...common, from, to, fromPort: clientPort, toPort: port, octets, in_if: 1, out_if: kUplink });
    if (back > 0) flows.push({ ...common, from: to, to: from, fromPort: port, toPort: clientPort, octets: Math.round((back * 1e6 * 60) / 8), in_if: kUplink, out_if: 1 });
  };
  for (const end_ms of [now_ms - kWeek, now_ms]) {
    // From a little before the hour, so that the exporter was heard at its start.
    for (let minute = -5; minute < 60; minute++) {
      const start_ms = end_ms - (60 - minute) * kMinute;
      flow('10.4.1.25', '203.0.113.80', 443, 0.2, start_ms, 0.5);
      flow('10.4.1.26', '203.0.113.9', 443, 0.1, start_ms, 0.2);
      if (end_ms === now_ms && minute >= 42 && minute < 54) flow(kBackup, kVault, 873, 6, start_ms, 0.1);
    }
  }
  return flows;
}

before(async () => {
  collector = await startCollector(async (data) => {
    const capture = join(data, 'week.pcap');
    await writeFile(capture, captureOf(traffic(), '192.0.2.1'));
    await promisify(execFile)(process.env.WEIR_BIN, ['import', '--data', data, capture]);
    return '';
  });
  browser = await startBrowser();
  ({ page, complaints } = await openPage(browser, { viewport: { width: 1440, height: 900 } }));
  // A monitor would tell the speed.
  await page.routeWebSocket(/\/ws$/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => {
      const heard = JSON.parse(message);
      for (const one of Array.isArray(heard.result?.exporters) ? heard.result.exporters : []) one.interfaces = [{ index: kUplink, name: 'ge-0/0/3', alias: 'uplink', speed_bps: kSpeed }];
      socket.send(JSON.stringify(heard));
    });
  });
  await page.goto(`${collector.url}#token=${collector.token}&tab=hosts&${range()}`);
  await rows().first().waitFor();
});
after(async () => {
  await browser?.close();
  await collector?.stop();
});

const kSizes = [[390, 844], [1280, 800], [1920, 1080], [3840, 2160]];

async function pictures(name, theme) {
  for (const [width, height] of kSizes) {
    await page.setViewportSize({ width, height });
    await page.waitForTimeout(250);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, `${name} at ${width}`);
    await shoot(page, `${name}-${width}-${theme}`);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  assert.deepEqual(await axeObjections(page), [], `${name}, ${theme}`);
}

step('the first look needs at most 60 kB, compressed', async () => {
  const text = async (path) => (await fetch(new URL(path, collector.url))).text();
  const page = await text('');
  const parts = [...page.matchAll(/(?:src|href)="(\.\/assets\/index-[^"]+)"/g)].map((match) => match[1]);
  assert.equal(parts.length, 2, 'a script and a style');
  const sizes = [page, ...(await Promise.all(parts.map(text)))].map((content) => gzipSync(content, { level: 9 }).length);
  assert.ok(sizes.reduce((sum, size) => sum + size) <= 60_000, `page, script and style have ${sizes.join(' + ')} bytes`);
});

step('who, since when, and whether that is normal is the first line', async () => {
  await until('the same time of last week', async () => /last week at this time \d/.test(await spoken()));
  const words = await spoken();
  assert.match(words, /^More than last week/);
  assert.match(words, new RegExp(`7\\.10 Mbit/s, 7\\.1 × the rest: ${kBackup} 100 % of the rise`));
  assert.match(words, /7\.1 × as much: 7\.10 Mbit\/s, last week at this time 1\.00 Mbit\/s/);
});

step('it fits phone, laptop, desktop and wall, light and dark', async () => {
  await pictures('first-look', 'light');
  await fromMenu(page, 'Dark theme');
});

step('in the dark as well', async () => {
  await pictures('first-look', 'dark');
  await fromMenu(page, 'Light theme');
});

step('its name filters, its time zooms', async () => {
  await answer().getByRole('button', { name: kBackup }).click();
  await until('its filter', () => hash().get('filter') === `host ${kBackup}`);
  await page.goBack();
  await until('no filter', () => hash().get('filter') === null);
  await answer().getByTitle('Zoom to this time').click();
  await until('its time', () => Number(hash().get('from')) >= now_ms - 18 * kMinute && Number(hash().get('to')) <= now_ms - 6 * kMinute);
  await page.goBack();
});

step('the line can be of the day before, of which nothing is stored, or none', async () => {
  await show(`tab=hosts&${range()}&compare=day`);
  await until('words', async () => /Nothing is stored of the day before/.test(await spoken()));
  await show(`tab=hosts&${range()}&compare=none`);
  await until('no words', async () => !/stored|last week/.test(await spoken()));
});

step('the legend has last, mean and max', async () => {
  await show(`tab=hosts&${range()}`);
  await settle();
  const legend = (await page.getByRole('group', { name: 'Legend' }).innerText()).replaceAll(/\s+/g, ' ');
  assert.match(legend, new RegExp(`bit/s last mean max ${kBackup} 0 1\\.22 M 6\\.10 M`));
  assert.match(legend, /Together 1\.00 M 2\.22 M 7\.10 M/);
});

step('one host is drawn sent above and received below, by its other ends', async () => {
  await show(`tab=hosts&${range()}&filter=host%20${kBackup}`);
  await settle();
  const summary = await page.getByTestId('summary').innerText();
  assert.match(summary.replaceAll(/\s+/g, ' '), /sent 1\.20 Mbit\/s mean, 6\.00 Mbit\/s peak · received 20\.0 kbit\/s mean, 100 kbit\/s peak/);
  assert.match(await page.getByRole('group', { name: 'Legend' }).innerText(), new RegExp(kVault));
  await page.mouse.move(...(await plotPoint(0.8, 0.6)));
  const tip = (await page.locator('.surface .tip').first().innerText()).replaceAll(/\s+/g, ' ');
  assert.match(tip, new RegExp(`sent ↑ received ↓ ${kVault} 6\\.00 Mbit/s 100 kbit/s`));
  await shoot(page, 'one-host');
  await page.mouse.move(5, 5);
});

step('an interface has its speed as a line, and percent of it', async () => {
  await show(`tab=hosts&${range()}&exporter=192.0.2.1&if=${kUplink}`);
  await settle();
  await until('the speed', async () => (await page.getByTestId('speed').count()) === 2 || (await page.getByTestId('speed').count()) === 1);
  await page.getByText('interface speed 10.0 Mbit/s').waitFor();
  assert.match((await page.getByTestId('summary').innerText()).replaceAll(/\s+/g, ' '), /out 1\.50 Mbit\/s mean, 6\.30 Mbit\/s peak \(63\.0 %\) · in 720 kbit\/s mean, 800 kbit\/s peak \(8\.0 %\)/);
  await page.mouse.move(...(await plotPoint(0.8, 0.75)));
  assert.match((await page.locator('.surface .tip').first().innerText()).replaceAll(/\s+/g, ' '), /together 6\.30 Mbit\/s \(63\.0 %\)/);
  await page.mouse.move(5, 5);
  await shoot(page, 'one-interface');
});

step('the strip holds all that is stored; a click goes there, a drag makes a range', async () => {
  await show(`tab=hosts&${range()}`);
  await settle();
  const strip = page.getByTestId('strip');
  const { store } = await call(collector, 'status.get');
  assert.equal(Number(await strip.getAttribute('aria-valuemin')), store.oldest_ms);
  const box = await strip.boundingBox();
  await page.mouse.click(box.x + box.width / 2, box.y + 12);
  await until('the middle', () => Math.abs((Number(hash().get('from')) + Number(hash().get('to'))) / 2 - (store.oldest_ms + now_ms) / 2) < 60 * kMinute);
  assert.equal(Number(hash().get('to')) - Number(hash().get('from')), 60 * kMinute);
  // Nothing was sent then: the strip stays, and leads on.
  await page.getByTestId('nothing').waitFor();
  const below = await strip.boundingBox();
  await page.mouse.move(below.x + below.width * 0.2, below.y + 12);
  await page.mouse.down();
  await page.mouse.move(below.x + below.width * 0.4, below.y + 12, { steps: 4 });
  await shoot(page, 'strip-dragging');
  await page.mouse.up();
  await until('a fifth of it', () => Math.abs(Number(hash().get('to')) - Number(hash().get('from')) - (now_ms - store.oldest_ms) / 5) < 90 * kMinute);
  await strip.press('ArrowRight');
  await settle();
});

step('the wheel zooms around the pointer', async () => {
  await show(`tab=hosts&${range()}`);
  await settle();
  await page.mouse.move(...(await plotPoint(0.75, 0.5)));
  await page.mouse.wheel(0, -200);
  await until('nearer', () => Number(hash().get('to')) - Number(hash().get('from')) < 40 * kMinute);
  const middle = now_ms - 15 * kMinute;
  const share = (middle - Number(hash().get('from'))) / (Number(hash().get('to')) - Number(hash().get('from')));
  assert.ok(Math.abs(share - 0.75) < 0.02, `what was under the pointer is at ${share}`);
  await settle();
  await page.mouse.wheel(0, 300);
  await until('further', () => Number(hash().get('to')) - Number(hash().get('from')) > 60 * kMinute);
  await page.mouse.move(5, 5);
});

step('the chart is read and zoomed by keyboard', async () => {
  await show(`tab=hosts&${range()}`);
  await settle();
  await page.getByTestId('chart').focus();
  await page.keyboard.press('Home');
  await until('values', async () => /1\.00 Mbit\/s\. 10\.4\.1\.25 700 kbit\/s/.test(await page.getByTestId('chart-says').innerText()));
  await page.keyboard.down('Shift');
  for (let at = 0; at < 20; at++) await page.keyboard.press('ArrowRight');
  await page.keyboard.up('Shift');
  await shoot(page, 'chart-keys');
  assert.deepEqual(await axeObjections(page), []);
  await page.keyboard.press('Enter');
  await until('a zoom', () => Number(hash().get('from')) === now_ms - 60 * kMinute && Number(hash().get('to')) === now_ms - 60 * kMinute + 21 * 18_000);
});

step('any field is a tab, also crossed with another', async () => {
  await show(`tab=hosts&${range()}`);
  await tab('By …').click();
  const { fields } = await call(collector, 'fields.list');
  const offered = await page.getByLabel('Group by').locator('option').evaluateAll((options) => options.map((option) => [option.value, option.textContent]));
  assert.deepEqual(offered.sort(), fields.filter((field) => field.group_by).map((field) => [field.name, field.label]).sort());
  await page.getByLabel('Group by').selectOption('out_if');
  await until('the field', () => hash().get('by') === 'out_if');
  await settle();
  assert.deepEqual((await copiedTable(page)).map((line) => line['Out interface']), [String(kUplink), '1']);
  await page.getByLabel('And by').selectOption('protocol');
  await until('both', () => hash().get('by') === 'out_if,protocol');
  await settle();
  assert.deepEqual((await copiedTable(page)).map((line) => line.Protocol), ['tcp', 'tcp']);
  await page.getByRole('heading', { name: 'By out interface and protocol' }).waitFor();
  await rows().first().dblclick();
  await until('a filter', () => hash().get('filter') === 'protocol 6 and out_if 3');
  assert.deepEqual(await axeObjections(page), []);
  await shoot(page, 'by-fields');
});

step('headings and tabs stay in sight', async () => {
  await show(`tab=hosts&${range()}`);
  await settle();
  await page.setViewportSize({ width: 1280, height: 420 });
  await page.mouse.move(300, 200);
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
  await page.waitForTimeout(200);
  for (const one of [page.getByRole('button', { name: 'Time range' }), tab('Top Hosts'), page.getByRole('columnheader', { name: 'Bytes' })]) {
    const box = await one.boundingBox();
    assert.ok(box.y >= 0 && box.y < 200, `it stands at ${box.y}`);
  }
  await shoot(page, 'sticky');
  await page.setViewportSize({ width: 1440, height: 900 });
});

step('the chart leaves the window as figures and as a picture', async () => {
  await show(`tab=hosts&${range()}`);
  await settle();
  const lines = (await downloadedText(page, () => fromMenu(page, 'CSV of the chart'))).trim().split('\r\n').map((line) => line.split(','));
  assert.equal(lines.length, 201);
  assert.equal(lines[0].at(-1), 'Together (bit/s)');
  assert.equal(lines[1][0], new Date(now_ms - 60 * kMinute).toISOString());
  for (const line of lines.slice(1)) assert.ok(Math.abs(line.slice(2, -1).reduce((sum, rate) => sum + Number(rate), 0) - Number(line.at(-1))) < 1);
  await fromMenu(page, 'Copy the chart as a picture');
  await page.getByText('The chart is in the clipboard').waitFor();
  assert.deepEqual(await page.evaluate(async () => (await navigator.clipboard.read()).flatMap((item) => item.types)), ['image/png']);
});

step('a fixed scale holds the axis', async () => {
  await show(`tab=hosts&${range()}&scale=100000000`);
  await settle();
  await shoot(page, 'fixed-scale');
  await page.getByRole('button', { name: 'More', exact: true }).click();
  assert.equal(await page.getByLabel('Scale of the chart').inputValue(), '100000000');
  await page.getByLabel('Scale of the chart').selectOption('');
  await until('no scale', () => hash().get('scale') === null);
  await page.keyboard.press('Escape');
});

step('the report prints as a report', async () => {
  await fromMenu(page, 'Save or print a report');
  const report = page.getByRole('dialog', { name: 'Report' });
  await report.getByRole('heading', { name: 'Top sessions' }).waitFor();
  for (const part of ['Top hosts', 'Top ports']) await report.getByRole('heading', { name: part }).waitFor();
  assert.deepEqual(await axeObjections(page), []);
  await shoot(page, 'report');
  const pdf = await page.pdf({ path: join(process.env.WEIR_SHOTS, 'report.pdf'), format: 'A4' });
  assert.ok(pdf.length > 10_000);
  // Drawn for paper: the chart is not empty, and is light also where the window is dark.
  const ink = await report.locator('canvas.chart').evaluate((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return [data[0], new Set(Array.from({ length: data.length / 400 }, (_, at) => data.slice(at * 400, at * 400 + 3).join())).size];
  });
  assert.ok(ink[0] > 250 && ink[1] > 5, `corner ${ink[0]}, ${ink[1]} colours`);
  await report.getByRole('button', { name: 'Close' }).click();
});

step('nothing went wrong in the page', async () => assert.deepEqual(complaints, []));
