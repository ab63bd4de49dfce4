// Each control does what it says, by mouse and by its key: the time row, Live, the history, the exporter, the chips of the filter, the menus.
import assert from 'node:assert/strict';
import { clipboardText, shoot } from './browser.mjs';
import { complaints, openQuarter, page, parts, range, showQuarter, step } from './quarter_window.mjs';

openQuarter({ width: 1440, height: 900 });
const { hash, hostRow, plotPoint, rows, settle, show, until } = parts;
const kQuarter_ms = 15 * 60_000;
const kBackup = '10.4.7.30';
const button = (name) => page.getByRole('button', { name, exact: true });
const item = (name) => page.getByRole('menuitem', { name, exact: true });
const ends = () => ['from', 'to'].map((name) => Number(hash().get(name)));
const at = (from_ms, to_ms) => () => ends()[0] === from_ms && ends()[1] === to_ms;
const quarter = () => [...new URLSearchParams(range).values()].map(Number);

step('the range goes back and forward by its own length, by button and by key', async () => {
  await showQuarter('tab=hosts');
  const [from_ms, to_ms] = quarter();
  for (const [back, forward] of [[() => button('One range back').click(), () => button('One range forward').click()], [() => page.keyboard.press('['), () => page.keyboard.press(']')]]) {
    await back();
    await until('one range earlier', at(from_ms - kQuarter_ms, to_ms - kQuarter_ms));
    await forward();
    await until('where it was', at(from_ms, to_ms));
  }
});

step('Now is this moment, with the length that was shown', async () => {
  for (const act of [() => button('Now').click(), () => page.keyboard.press('n')]) {
    const [from_ms] = quarter();
    await show(`tab=hosts&from=${from_ms}&to=${from_ms + 5 * 60_000}`);
    await settle();
    await act();
    await until('a range that moves', () => hash().get('from') === null && hash().get('range') === '5m');
    await settle();
  }
});

step('Live refreshes by itself as often as was chosen, and stops', async () => {
  await show('tab=hosts');
  await settle();
  const live = button('Live');
  assert.equal(await live.getAttribute('aria-pressed'), 'true');
  await page.getByLabel('Refresh every').selectOption('2');
  assert.equal(hash().get('live'), '2');
  await live.click();
  await until('it to stop', async () => hash().get('live') === '0' && (await live.getAttribute('aria-pressed')) === 'false');
  assert.ok(await page.getByLabel('Refresh every').isDisabled());
  await page.keyboard.press('l');
  await until('it to go on', async () => hash().get('live') === '2' && (await live.getAttribute('aria-pressed')) === 'true');
});

step('Previous and next view walk through what was filtered', async () => {
  await showQuarter('tab=hosts');
  for (const filter of ['port 443', 'port 873']) {
    await page.getByLabel('Add a filter').fill(filter);
    await page.keyboard.press('Enter');
    await until(filter, () => (hash().get('filter') ?? '').endsWith(filter));
  }
  assert.equal(hash().get('filter'), 'port 443 and port 873');
  await button('Previous view').click();
  await until('the first filter', () => hash().get('filter') === 'port 443');
  await button('Previous view').click();
  await until('none', () => hash().get('filter') === null);
  await button('Next view').click();
  await until('the first filter again', () => hash().get('filter') === 'port 443');
});

step('an exporter is picked from the list, and left again', async () => {
  await showQuarter('tab=hosts');
  await button('Exporter').click();
  const list = page.getByRole('dialog', { name: 'Exporter' });
  await list.getByRole('button', { name: /192\.0\.2\.1/ }).click();
  await until('it', () => hash().get('exporter') === '192.0.2.1');
  await button('Interface').waitFor();
  await button('Exporter').click();
  await list.getByRole('button', { name: /^All exporters/ }).click();
  await until('all', () => hash().get('exporter') === null);
});

step('a chip is negated, shows it, and is taken away', async () => {
  await showQuarter(`tab=hosts&filter=${encodeURIComponent(`host ${kBackup} and port 873`)}`);
  await button(`Negate host ${kBackup}`).click();
  await until('not', () => hash().get('filter') === `not host ${kBackup} and port 873`);
  const chip = page.locator('.chip', { hasText: kBackup });
  assert.ok(await chip.evaluate((one) => one.classList.contains('not')));
  assert.equal(await button(`Negate not host ${kBackup}`).getAttribute('aria-pressed'), 'true');
  await shoot(page, 'chips');
  await button(`Negate not host ${kBackup}`).click();
  await until('as it was', () => hash().get('filter') === `host ${kBackup} and port 873`);
  await button('Remove port 873').click();
  await until('one chip', () => hash().get('filter') === `host ${kBackup}`);
});

step('the menu of the chart centres, filters and excludes what it was opened on', async () => {
  await showQuarter('tab=hosts');
  const [from_ms, to_ms] = quarter();
  const open = async () => {
    await page.mouse.click(...(await plotPoint(0.6, 0.03)), { button: 'right' });
    await page.getByRole('menu').waitFor();
  };
  await open();
  assert.deepEqual(await page.getByRole('menuitem').allInnerTexts(), ['Filter on this', 'Exclude this', 'Copy rows', 'Copy address', 'Centre on this moment', 'Zoom out']);
  await shoot(page, 'chart-menu');
  await item('Centre on this moment').click();
  await until('the moment in the middle', () => Math.abs((ends()[0] + ends()[1]) / 2 - (from_ms + 0.6 * (to_ms - from_ms))) < 5000 && ends()[1] - ends()[0] === kQuarter_ms);
  await showQuarter('tab=hosts');
  await open();
  await item('Exclude this').click();
  await until('without it', () => hash().get('filter') === `not host ${kBackup}`);
  await showQuarter('tab=hosts');
  await open();
  await item('Filter on this').click();
  await until('it alone', () => hash().get('filter') === `host ${kBackup}`);
});

step('the menu of a row selects all, and copies addresses and rows', async () => {
  await showQuarter('tab=hosts');
  await hostRow(kBackup).click({ button: 'right' });
  await item('Copy address').click();
  await page.getByText(`Copied ${kBackup}`).waitFor();
  assert.equal(await clipboardText(page), kBackup);
  await hostRow(kBackup).click({ button: 'right' });
  await item('Select all').click();
  await until('all rows', async () => (await page.locator('tbody tr.on').count()) === (await rows().count()));
  const all = await rows().count();
  await hostRow(kBackup).click({ button: 'right' });
  await item('Copy rows').click();
  await page.getByText(`${all} rows copied`).waitFor();
  const [heads, ...lines] = (await clipboardText(page)).split('\n').map((line) => line.split('\t'));
  assert.deepEqual([heads[0], lines.length, lines[0][0]], ['Host', all, kBackup]);
});

step('a double click on a slice or a row filters on it', async () => {
  await showQuarter('tab=hosts&show=pie');
  const slice = page.getByTestId('pie').getByRole('option').first();
  const name = (await slice.getAttribute('aria-label')).split(/[ :,]/)[0];
  const box = await page.getByTestId('pie').boundingBox();
  await page.mouse.dblclick(box.x + box.width / 2 + 14, box.y + box.height / 2 - 120);
  await until('the slice', () => hash().get('filter') === `host ${name}`);
  await showQuarter('tab=ports');
  await rows().first().locator('td').nth(3).dblclick();
  await until('the port', () => /^port 443 and proto tcp$|^server_port 443/.test(hash().get('filter') ?? ''));
});

step('p goes from picture to picture', async () => {
  await showQuarter('tab=conversations');
  for (const shape of ['pie', 'heat', 'sankey', null]) {
    await page.keyboard.press('p');
    await until(String(shape), () => hash().get('show') === shape);
  }
});

step('nothing went wrong in the page', async () => assert.deepEqual(complaints, []));
