// What the operator's own files call traffic: applications and networks, renamed while the window is open, for what is
// stored too; a mistake is named and changes nothing.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { axeObjections, openPage, shoot, startBrowser } from './browser.mjs';
import { call, startCollector } from './collector.mjs';
import { sendV5 } from './netflow_v5.mjs';
import { steps } from './steps.mjs';
import { makeTraffic } from './traffic.mjs';
import { windowParts } from './window_parts.mjs';

let collector;
let browser;
let page;
let complaints;
let own;
const step = steps(() => page);
const { tab, rows, hostRow, until, settle } = windowParts(() => page);
const firstCells = () => rows().evaluateAll((all) => all.map((row) => row.querySelector('td, th').innerText.trim()));

before(async () => {
  collector = await startCollector(async (data) => {
    own = join(data, 'own');
    await mkdir(own);
    const [countries, systems] = [join(data, 'countries.csv'), join(data, 'systems.csv')];
    await writeFile(countries, '203.0.113.0,203.0.113.255,NO\n198.51.100.0,198.51.100.127,DE\n');
    await writeFile(systems, '203.0.113.0,203.0.113.255,64500,Example Net\n');
    return `[script]\nown_dir = ${JSON.stringify(own)}\n[enrich]\ncountry_database = ${JSON.stringify(countries)}\nas_database = ${JSON.stringify(systems)}\n`;
  });
  const now_ms = Date.now();
  await sendV5(makeTraffic(now_ms - 5000).records, collector.udp, { now_ms, sequence: 0 });
  browser = await startBrowser();
  ({ page, complaints } = await openPage(browser, { viewport: { width: 1440, height: 900 } }));
});
after(async () => {
  await browser?.close();
  await collector?.stop();
});

step('a host stands beside its country and whose it is, and a private one beside nothing', async () => {
  await page.goto(`${collector.url}#token=${collector.token}`);
  await until('rows', async () => (await rows().count()) > 5);
  const whose = (address) => hostRow(address).locator('td[data-column=whose]').innerText();
  await until('what the files say', async () => (await whose('203.0.113.80')) === 'Norway · Example Net');
  assert.deepEqual([await whose('198.51.100.40'), await whose('10.4.1.25')], ['Germany', '']);
  await settle();
  assert.deepEqual(await axeObjections(page), []);
  await shoot(page, 'hosts-with-countries');
});

step('the tab of applications names what the shipped rules know', async () => {
  await page.goto(`${collector.url}#token=${collector.token}`);
  await until('rows', async () => (await rows().count()) > 5);
  await tab('Applications').click();
  await until('applications', async () => (await firstCells()).includes('Web'));
  assert.ok((await firstCells()).includes('Backup'));
  await settle();
  assert.deepEqual(await axeObjections(page), []);
  await shoot(page, 'applications');
});

step('while no network has a name, the tab says how they get one', async () => {
  await tab('Networks').click();
  await page.getByTestId('no-names').getByText('network("10.4.0.0/16", "Branch Oslo")').waitFor();
  assert.deepEqual(await axeObjections(page), []);
  await shoot(page, 'no-names');
  await tab('Applications').click();
});

step('own files name hosts and traffic of before, within seconds', async () => {
  await writeFile(join(own, 'networks.lua'), 'network("10.4.0.0/16", "Branch Oslo")\nnetwork("203.0.113.0/24", "Cloud")\n');
  await writeFile(join(own, 'applications.lua'), 'application { name = "Nightly copy", ports = { "tcp/873" }, client_nets = { "10.4.7.0/24" } }\n');
  await until('the new name', async () => (await firstCells()).includes('Nightly copy'));
  assert.ok(!(await firstCells()).includes('Backup'));
  await tab('Networks').click();
  await until('networks', async () => (await firstCells()).includes('Branch Oslo'));
  assert.equal(await page.getByTestId('no-names').count(), 0);
  await settle();
  assert.deepEqual(await axeObjections(page), []);
  await shoot(page, 'networks');
  await tab('Top Hosts').click();
  await until('a name beside an address', async () => (await hostRow('10.4.7.30').innerText()).includes('Branch Oslo'));
  await settle();
  await shoot(page, 'hosts-with-networks');
});

step('names work in a filter', async () => {
  await page.getByLabel('Add a filter').fill('application "Nightly copy"');
  await page.keyboard.press('Enter');
  await until('the two ends alone', async () => (await rows().count()) === 2);
});

step('a mistake is shown with file and line, and what was good stays', async () => {
  await writeFile(join(own, 'applications.lua'), 'application { name = "Nightly copy",\n  ports = { "tcp/99999" } }\n');
  const mistake = page.getByRole('alert').filter({ hasText: /applications\.lua:1: "tcp\/99999" is not a port/ });
  await mistake.waitFor({ timeout: 20_000 });
  await settle();
  assert.equal((await page.locator('footer').innerText()).split('tcp/99999').length, 2, 'told once, though it stands in the log too');
  assert.equal(await rows().count(), 2);
  assert.deepEqual(await axeObjections(page), []);
  await shoot(page, 'names-mistake');
  const status = await call(collector, 'status.get', {});
  assert.ok(status.name_scripts.some((script) => script.error?.includes('applications.lua:1')));
  await writeFile(join(own, 'applications.lua'), 'application { name = "Nightly copy", ports = { "tcp/873" } }\n');
  await until('the mistake to be gone', async () => (await mistake.count()) === 0);
  assert.deepEqual(complaints, []);
});
