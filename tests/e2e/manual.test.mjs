// The five investigations of plugin/web/README.md, step by step as they stand there. With WEIR_UPDATE_DOCS=1 its pictures are made anew.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { copiedTable, openPage, startBrowser } from './browser.mjs';
import { startCollector } from './collector.mjs';
import { incidentCaptures, kBackup, kBranch, kEdge, kLeak, kMove, kScanner, kShop, kUplink } from './incidents.mjs';
import { steps } from './steps.mjs';
import { windowParts } from './window_parts.mjs';

const kMinute = 60_000;
const kMostOctets = 200_000;
const docs = fileURLToPath(new URL('../../plugin/web/docs', import.meta.url));
const end_ms = Math.floor(Date.now() / kMinute) * kMinute - kMinute;
const at = (minute) => end_ms - (60 - minute) * kMinute;
const range = (from = 0, to = 60) => `from=${at(from)}&to=${at(to)}`;
let collector;
let browser;
let page;
let complaints;
const step = steps(() => page);
const parts = windowParts(() => page);
const { rows, hash, until, settle, hostRow } = parts;
const taken = [];

before(async () => {
  collector = await startCollector(async (data) => {
    for (const [number, capture] of incidentCaptures(end_ms).entries()) {
      const file = join(data, `${number}.pcap`);
      await writeFile(file, capture);
      await promisify(execFile)(process.env.WEIR_BIN, ['import', '--data', data, file]);
    }
    return '';
  });
  browser = await startBrowser();
  ({ page, complaints } = await openPage(browser, { viewport: { width: 1160, height: 720 } }));
  // A monitor would tell names and the speed.
  await page.routeWebSocket(/\/ws$/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => {
      const heard = JSON.parse(message);
      for (const one of Array.isArray(heard.result?.exporters) ? heard.result.exporters : []) {
        one.name = one.address === kEdge ? 'edge-r1' : 'branch-r2';
        one.interfaces = one.address === kEdge ? [{ index: kUplink, name: 'ge-0/0/3', alias: 'uplink', speed_bps: 10_000_000 }] : [];
      }
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

const show = async (view) => {
  await parts.show(view);
  await settle();
};
const answer = async () => (await page.getByTestId('answer').innerText()).replaceAll(/\s+/g, ' ');
const why = () => page.getByTestId('why');
const explained = () => until('an explanation', async () => (await why().locator('.verdict').count()) > 0 && (await why().innerText()));

async function picture(name, height = 720) {
  await page.setViewportSize({ width: 1160, height });
  await page.mouse.move(5, 5);
  await page.evaluate(() => document.activeElement?.blur());
  await until('no message over it', async () => (await page.locator('.notice.visible').count()) === 0);
  await page.waitForTimeout(200);
  taken.push(`manual-${name}.png`);
  await page.screenshot({ path: join(process.env.WEIR_UPDATE_DOCS === '1' ? docs : process.env.WEIR_SHOTS, `manual-${name}.png`) });
}

step('a full link: the interface, its peak, and the sentence that names the backup', async () => {
  await show(`tab=hosts&${range()}&exporter=${kEdge}&if=${kUplink}`);
  await until('last week', async () => /last week at this time/.test(await answer()));
  assert.match(await answer(), /^More than last week .* 10\.4\.7\.30 \d+ % of the rise/);
  assert.match((await page.getByTestId('summary').innerText()).replaceAll(/\s+/g, ' '), /peak \(8\d\.\d %\)/);
  await picture('link');
  await page.getByTestId('answer').getByTitle('Zoom to this time').click();
  await settle();
  await page.getByRole('button', { name: 'Why?' }).click();
  assert.match(await explained(), /10\.4\.7\.30 → 198\.51\.100\.40 on 873\/tcp.* explains/);
  await picture('link-why');
  await why().locator('.causes .said').first().click();
  await until('its filter', () => (hash().get('filter') ?? '').includes(kBackup.client));
  await settle();
  await page.keyboard.press('w');
});

step('a slow application: it got less than last week, and who had the rest', async () => {
  const shop = `tab=hosts&filter=${encodeURIComponent(`host ${kShop.server}`)}`;
  await show(`${shop}&${range(kBackup.from, kBackup.to)}`);
  await until('last week', async () => /last week at this time/.test(await answer()));
  assert.match(await answer(), /^Less than last week/);
  await show(`${shop}&${range(30, 60)}`);
  await until('last week', async () => /last week at this time/.test(await answer()));
  await picture('slow');
  await show(`tab=hosts&${range(30, 60)}&exporter=${kEdge}&if=${kUplink}&way=out&show=heat`);
  await page.getByTestId('heat').getByRole('button', { name: kBackup.client, exact: true }).waitFor();
  await settle();
  await picture('slow-heat', 920);
});

step('a scan: many sessions of one client, nearly no bytes', async () => {
  await show(`tab=by&by=client,server_port&sort=sessions&${range(15, 30)}&show=sankey`);
  const ribbon = page.getByTestId('sankey').getByRole('option', { name: new RegExp(`^${kScanner.client.replaceAll('.', '\\.')} → .*${kScanner.port}`) });
  await ribbon.waitFor();
  const [first] = await page.getByTestId('sankey').getByRole('option').all();
  assert.match(await first.getAttribute('aria-label'), new RegExp(`^${kScanner.client.replaceAll('.', '\\.')} → .*: 240 sessions`));
  await picture('scan', 960);
  await show(`tab=by&by=server,server_port&sort=sessions&${range(15, 30)}&filter=${encodeURIComponent(`client ${kScanner.client}`)}`);
  const table = await copiedTable(page);
  assert.ok(table.length >= 24 && table.every((line) => /445/.test(Object.values(line).join(' ')) || /Other/.test(Object.values(line)[0])));
  await picture('scan-targets');
});

step('exfiltration: far more sent than received, to a server that nobody else asks', async () => {
  await show(`tab=hosts&sort=octets_client&${range(0, 20)}`);
  assert.equal(await rows().first().getAttribute('data-key'), `host=${kLeak.client}`);
  await hostRow(kLeak.client).locator('.name').click();
  await settle();
  await picture('leak');
  await show(`tab=hosts&${range(0, 30)}&filter=${encodeURIComponent(`host ${kLeak.client}`)}`);
  await until('last week', async () => /last week at this time|Nothing is stored/.test(await answer()));
  assert.match((await page.getByTestId('summary').innerText()).replaceAll(/\s+/g, ' '), /sent .* mean, 1\.80 Mbit\/s peak · received .* 30\.0 kbit\/s peak/);
  await picture('leak-host');
});

step('who moved: one interface goes dark, another lights up, and the same hosts are on both', async () => {
  await show(`tab=by&by=out_if&${range()}&exporter=${kBranch}&show=heat`);
  const heat = page.getByTestId('heat');
  await heat.getByRole('button', { name: String(kMove.after), exact: true }).waitFor();
  await picture('moved');
  await show(`tab=by&by=client,out_if&${range()}&exporter=${kBranch}&show=sankey`);
  for (const face of [kMove.before, kMove.after]) await page.getByTestId('sankey').getByRole('option', { name: new RegExp(`^10\\.5\\.1\\.14 → ${face}: `) }).waitFor();
  await picture('moved-who', 960);
});

step('the manual shows these pictures and no others, none too large', async () => {
  const manual = await readFile(fileURLToPath(new URL('../../plugin/web/README.md', import.meta.url)), 'utf8');
  const shown = [...manual.matchAll(/\]\(docs\/(manual-[a-z-]+\.png)\)/g)].map((match) => match[1]);
  assert.deepEqual(shown, taken);
  for (const name of taken) assert.ok((await stat(join(docs, name))).size <= kMostOctets, `${name} has more than ${kMostOctets} octets`);
});

step('nothing went wrong in the page', async () => assert.deepEqual(complaints, []));
