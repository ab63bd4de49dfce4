// The page of exporters and the page of settings: what they say is what the collector says, who may changes, who may not looks.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { axeObjections, openPage, shoot, startBrowser } from './browser.mjs';
import { call, startCollector } from './collector.mjs';
import { sendV5 } from './netflow_v5.mjs';
import { steps } from './steps.mjs';
import { windowParts } from './window_parts.mjs';

const kEdge = '127.0.0.2';
const kBranch = '127.0.0.3';
const kSizes = [[390, 844], [1280, 800], [1920, 1080], [3840, 2160]];
let collector;
let browser;
let page;
let complaints;
const step = steps(() => page);
const { hash, until, settle, show } = windowParts(() => page);
const row = (address) => page.locator(`tr[data-exporter="${address}"]`);
const detail = () => page.getByTestId('exporter');
const part = (name) => detail().getByRole('region', { name, exact: true });
const fact = (name) => part('Facts').locator('dt', { hasText: new RegExp(`^${name}$`) }).locator('xpath=following-sibling::dd[1]').innerText();
const known = async (address) => (await call(collector, 'exporters.list')).exporters.find((one) => one.address === address);

function records(now_ms, count, octets) {
  return Array.from({ length: count }, (_, at) => ({
    from: '10.4.7.30', to: '198.51.100.40', fromPort: 40_000 + at, toPort: 873, protocol: 6, flags: 0x1b, packets: 1000, octets, start_ms: now_ms - 30_000, end_ms: now_ms - 2000, in_if: 1, out_if: 3,
  }));
}

/** A page as it is looked at: on a phone, a laptop, a desk and a wall, light and dark. One step each: pictures of a wall take their time. */
function lookAt(name, hash_, ready) {
  for (const theme of ['light', 'dark']) {
    step(`${name} fits and is clear at every size, ${theme}`, async () => {
      await show(hash_);
      await ready();
      await page.evaluate((one) => (document.documentElement.dataset.theme = one), theme);
      for (const [width, height] of kSizes) {
        await page.setViewportSize({ width, height });
        await page.waitForTimeout(120);
        assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, `${name} is wider than ${width}`);
        await shoot(page, `${name.replaceAll(' ', '-')}-${theme}-${width}`);
        if (width === 390 || (width === 1280 && theme === 'dark')) assert.deepEqual(await axeObjections(page), [], `${theme}, ${width}`);
      }
      await page.evaluate(() => (document.documentElement.dataset.theme = 'light'));
      await page.setViewportSize({ width: 1440, height: 900 });
    });
  }
}

before(async () => {
  collector = await startCollector(async () => '[store]\nmax_bytes = 5_000_000_000\n');
  const now_ms = Date.now();
  await sendV5(records(now_ms, 60, 1_000_000), collector.udp, { now_ms, from: kEdge });
  // 30 records are missing between these two, which come from one port: they are one stream.
  for (const sequence of [0, 60]) await sendV5(records(now_ms, 30, 2000), collector.udp, { now_ms, from: kBranch, fromPort: 45_999, sequence });
  browser = await startBrowser();
  ({ page, complaints } = await openPage(browser, { viewport: { width: 1440, height: 900 } }));
});
after(async () => {
  await browser?.close();
  await collector?.stop();
});

step('the page is one click from the traffic, and lists who sends', async () => {
  await page.goto(`${collector.url}#token=${collector.token}`);
  await page.getByRole('tab', { name: 'Top Hosts' }).waitFor();
  await page.getByRole('button', { name: 'Exporters', exact: true }).click();
  await row(kEdge).waitFor();
  assert.equal(hash().get('tab'), 'exporters');
  await page.getByText('2 exporters, all active').waitFor();
  await row(kBranch).getByTitle('records').waitFor();
  await row(kEdge).getByText('NetFlow v5').waitFor();
  // 60 MB in five minutes.
  await row(kEdge).getByText('1.60 Mbit/s').waitFor();
});

step('a heading sorts, and once more turns round', async () => {
  const first = () => page.locator('tr[data-exporter]').first().getAttribute('data-exporter');
  const heading = page.getByRole('columnheader', { name: 'Lost' });
  await heading.getByRole('button').click();
  assert.equal(await heading.getAttribute('aria-sort'), 'descending');
  assert.equal(await first(), kBranch);
  await heading.getByRole('button').click();
  assert.equal(await heading.getAttribute('aria-sort'), 'ascending');
  assert.equal(await first(), kEdge);
});

step('one exporter: facts, streams, interfaces and what doctor says', async () => {
  await row(kBranch).getByRole('button', { name: kBranch }).click();
  await until('the exporter in the URL', () => hash().get('exporter') === kBranch);
  await part('What is wrong').getByText(/30 records lost on the way by sequence number/).waitFor();
  const { findings } = await call(collector, 'exporters.doctor', { address: kBranch });
  for (const { what, advice } of findings) {
    await part('What is wrong').getByText(what, { exact: true }).waitFor();
    await part('What is wrong').getByText(advice, { exact: true }).waitFor();
  }
  assert.equal(await fact('Lost on the way'), '30 records (33.3 %)');
  assert.match(await fact('Records'), /^60, /);
  await part('Interfaces').getByRole('button', { name: 'interface 3' }).waitFor();
  await part('Streams and templates').getByRole('row').nth(1).waitFor();
});

step('name, rate and counting are changed by who may, and hold', async () => {
  const form = part('Name and counting');
  const save = form.getByRole('button', { name: 'Save' });
  assert.ok(await save.isDisabled(), 'nothing was changed yet');
  await form.getByLabel('Name').fill('branch <b>7</b>');
  await form.getByLabel('Sampling rate').fill('ten');
  await form.getByText('A whole number from 1').waitFor();
  assert.ok(await save.isDisabled());
  await form.getByLabel('Sampling rate').fill('1,000');
  await form.getByLabel('Counting').selectOption('ingress');
  await save.click();
  await page.getByText('Saved', { exact: true }).waitFor();
  const now = await known(kBranch);
  assert.deepEqual([now.name, now.sampling, now.metering], ['branch <b>7</b>', { rate: 1000, source: 'configured' }, 'ingress']);
  await detail().getByRole('heading', { name: /branch <b>7<\/b>/ }).waitFor();
  await until('the rate in the facts', async () => (await fact('Sampling')) === '1 in 1,000, given here');
  await form.getByLabel('Sampling rate').fill('');
  await form.getByLabel('Name').fill('');
  await save.click();
  await until('both taken back', async () => (await known(kBranch)).sampling.rate === null && (await known(kBranch)).name === kBranch);
});

step('its flows, and those of one of its interfaces, are one click away; back leads here', async () => {
  await detail().getByRole('button', { name: 'Show its flows' }).click();
  await until('its flows', () => hash().get('tab') === 'hosts' && hash().get('exporter') === kBranch);
  await page.goBack();
  await part('Interfaces').getByRole('button', { name: 'interface 3' }).click();
  await until('the interface', () => hash().get('if') === '3' && hash().get('exporter') === kBranch && hash().get('tab') === 'hosts');
  await page.goBack();
  await detail().waitFor();
});

step('forgetting says what is lost, and can be left', async () => {
  await detail().getByRole('button', { name: 'Forget …' }).click();
  const dialog = page.getByRole('dialog', { name: `Forget ${kBranch}?` });
  await dialog.getByText(/Its stored sessions stay/).waitFor();
  await page.waitForTimeout(200);
  assert.deepEqual(await axeObjections(page), []);
  await shoot(page, 'exporter-forget');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  assert.ok(await known(kBranch), 'nothing was done');
  await detail().getByRole('button', { name: 'Forget …' }).click();
  await dialog.getByRole('button', { name: 'Forget it' }).click();
  await row(kBranch).waitFor({ state: 'detached' });
  assert.equal(await known(kBranch), undefined);
  assert.equal(hash().get('exporter'), null);
  const { totals } = await call(collector, 'flows.totals', { filter: `exporter ${kBranch}` });
  assert.equal(totals.flows, 60, 'its sessions stay');
});

step('who may only look sees the same, and nothing to press', async () => {
  const { page: other, context, complaints: wrong } = await openPage(browser);
  await other.goto(`${collector.url}#token=${await collector.makeToken('--role', 'user')}&tab=exporters&exporter=${kEdge}`);
  const shown = other.getByTestId('exporter');
  await shown.getByText('Your token may look, and not change.').waitFor();
  await shown.getByRole('region', { name: 'What is wrong' }).getByRole('listitem').first().waitFor();
  assert.equal(await shown.getByRole('button', { name: /Save|Forget/ }).count(), 0);
  assert.deepEqual(await axeObjections(other), []);
  await other.goto(`${collector.url}#tab=settings`);
  await other.getByText('The settings are shown to tokens of the role admin').waitFor();
  assert.equal(await other.getByRole('region', { name: '[store]' }).count(), 0);
  assert.deepEqual(wrong, []);
  await context.close();
});

step('a token of one exporter sees that one', async () => {
  const { page: other, context, complaints: wrong } = await openPage(browser);
  await other.goto(`${collector.url}#token=${await collector.makeToken('--exporters', kEdge)}&tab=exporters`);
  await other.locator(`tr[data-exporter="${kEdge}"]`).waitFor();
  assert.equal(await other.locator('tr[data-exporter]').count(), 1);
  await other.goto(`${collector.url}#tab=settings`);
  await other.getByText('Your token sees certain exporters only.').waitFor();
  await shoot(other, 'settings-of-one');
  assert.deepEqual(wrong, []);
  await context.close();
});

step('the settings say what is used, what the default is, and that a change needs a restart', async () => {
  await show('tab=settings');
  const advanced = page.getByRole('region', { name: 'Advanced', exact: true });
  await advanced.getByText(/a change holds after a restart/).waitFor();
  const { settings } = await call(collector, 'settings.get');
  const changed = settings.filter((one) => one.changed).map((one) => one.key);
  assert.ok(changed.includes('store.max_bytes'), changed.join());
  assert.equal(await advanced.locator('tbody tr').count(), settings.length);
  await advanced.getByLabel('Find a setting').fill('store.max_bytes');
  const line = advanced.locator('tbody tr').filter({ hasText: 'max_bytes' }).first();
  await line.getByText('5,000,000,000 (4.7 GiB)').waitFor();
  await line.getByText('21,474,836,480 (20 GiB)').waitFor();
  await advanced.getByLabel('Find a setting').fill('');
  await page.getByRole('region', { name: 'Store', exact: true }).getByText(/of 5\.00 GB/).waitFor();
  assert.ok(!JSON.stringify(settings).includes(collector.token));
});

step('preferences are kept in this browser and hold for a window that no link describes', async () => {
  const mine = page.getByRole('region', { name: 'Preferences', exact: true });
  await mine.getByRole('button', { name: 'byte/s' }).click();
  await mine.getByRole('button', { name: 'By contrast' }).click();
  await mine.getByLabel('Opens with').selectOption('1h');
  await mine.getByLabel('Whois').fill('no address');
  await mine.getByText(/has \{address\} in it, or nothing/).waitFor();
  await mine.getByLabel('Whois').fill('https://whois.example/{address}');
  await mine.getByLabel('Whois').blur();
  await page.goto(collector.url);
  await until('the range', () => hash().get('range') === '1h' && hash().get('unit') === 'bytes' && hash().get('colours') === 'contrast');
  await settle();
  const [first] = await page.getByRole('group', { name: 'Legend' }).locator('button .swatch').evaluateAll((all) => all.map((one) => getComputedStyle(one).backgroundColor));
  assert.equal(first, 'rgb(78, 121, 167)', 'the largest has the first colour of the palette');
  // A link says it all.
  await page.goto(`${collector.url}#tab=hosts`);
  await page.reload();
  await settle();
  assert.equal(await page.getByRole('button', { name: 'bit/s', exact: true }).getAttribute('aria-pressed'), 'true');
  await show('tab=settings');
  assert.equal(await mine.getByLabel('Whois').inputValue(), 'https://whois.example/{address}');
  await mine.getByRole('button', { name: 'Back to the defaults' }).click();
  await page.getByText('The preferences are the defaults again').waitFor();
});

step('by keys: to each page and back', async () => {
  for (const [digit, name] of [[9, 'Alerts'], [1, null]]) {
    await page.keyboard.press(`Alt+Digit${digit}`);
    if (name) await page.getByRole('heading', { level: 1, name }).waitFor();
    else await page.getByRole('tab', { name: 'Top Hosts' }).waitFor();
  }
  await page.getByRole('button', { name: 'Exporters', exact: true }).focus();
  await page.keyboard.press('Enter');
  await row(kEdge).getByRole('button').focus();
  await page.keyboard.press('Enter');
  await detail().waitFor();
  await page.getByRole('button', { name: 'Flows', exact: true }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('tab', { name: 'Top Hosts' }).waitFor();
});

lookAt('the list of exporters', 'tab=exporters', () => row(kEdge).waitFor());
lookAt('one exporter', `tab=exporters&exporter=${kEdge}`, () => part('What is wrong').getByRole('listitem').first().waitFor());
lookAt('settings', 'tab=settings', () => page.getByRole('region', { name: '[store]' }).waitFor());

step('nothing went wrong in the page', async () => assert.deepEqual(complaints, []));
