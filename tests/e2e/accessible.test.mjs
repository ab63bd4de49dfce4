// Everyone: axe finds nothing on any page, part or dialog, light and dark, on a desktop and a phone; what the mouse does, keys do.
import assert from 'node:assert/strict';
import { axeObjections, fromMenu, shoot } from './browser.mjs';
import { complaints, openQuarter, page, parts, range, showQuarter, step } from './quarter_window.mjs';

openQuarter({ width: 1280, height: 800 });
const { rows, hash, until, show } = parts;
const button = (name) => page.getByRole('button', { name, exact: true });

const traffic = (view) => () => showQuarter(view);
const dialog = (name) => page.getByRole('dialog', { name, exact: true });
/** What is looked at: how one gets there, and what leads back. */
const kLooks = [
  ['hosts', traffic('tab=hosts')],
  ['ports', traffic('tab=ports')],
  ['sessions', traffic('tab=sessions')],
  ['conversations as Sankey', traffic('tab=conversations&show=sankey')],
  ['heat map', traffic('tab=hosts&show=heat')],
  ['pie', traffic('tab=hosts&show=pie')],
  ['two fields', traffic('tab=by&by=client,server_port')],
  ['one host', traffic('tab=hosts&filter=host%2010.4.7.30')],
  ['a mistake in the filter', async () => { await show(`tab=hosts&${range}&filter=hots%201`); await page.getByText(/Column 1/).waitFor(); }],
  ['nothing', async () => { await show(`tab=hosts&${range}&filter=host%20192.0.2.99`); await page.getByTestId('nothing').waitFor(); }],
  ['Why?', async () => { await traffic('tab=hosts')(); await button('Why?').click(); await page.getByTestId('why').getByRole('heading', { name: 'Alerts' }).waitFor(); }, () => button('Close').click()],
  ['the time', async () => { await traffic('tab=hosts')(); await button('Time range').click(); await page.getByLabel('Start day').waitFor(); }, () => page.keyboard.press('Escape')],
  ['the place', async () => { await button('Exporter').click(); await dialog('Exporter').waitFor(); }, () => page.keyboard.press('Escape')],
  ['suggestions', async () => { await page.getByLabel('Add a filter').fill('ho'); await page.getByRole('listbox', { name: 'Suggestions' }).waitFor(); }, async () => { await page.keyboard.press('Escape'); await page.keyboard.press('Escape'); }],
  ['more', async () => { await button('More').click(); await dialog('More').getByRole('button', { name: 'Help' }).waitFor(); }, () => page.keyboard.press('Escape')],
  ['help', async () => { await fromMenu(page, 'Help'); await page.getByRole('dialog').getByRole('heading').first().waitFor(); }, () => page.keyboard.press('Escape')],
  ['about', async () => { await fromMenu(page, 'About'); await page.getByRole('dialog').getByText(/^Weir \d/).first().waitFor(); }, () => page.keyboard.press('Escape')],
  ['report', async () => { await fromMenu(page, 'Save or print a report'); await dialog('Report').getByRole('heading', { name: 'Top sessions' }).waitFor(); }, () => dialog('Report').getByRole('button', { name: 'Close' }).click()],
  ['alerts', async () => { await show('tab=alerts'); await page.getByRole('heading', { name: 'Alerts' }).first().waitFor(); }],
  ['rules', async () => { await show('tab=alerts&page.part=rules'); await page.getByRole('table').first().waitFor(); }],
  ['exporters', async () => { await show('tab=exporters'); await page.locator('[data-exporter]').first().waitFor(); }],
  ['one exporter', async () => { await show('tab=exporters&exporter=192.0.2.1'); await page.getByRole('heading', { name: 'What is wrong' }).waitFor(); }],
  ['settings', async () => { await show('tab=settings'); await page.getByRole('heading', { name: /Preferences|Store/ }).first().waitFor(); }],
];

for (const [theme, width] of [['light', 1280], ['dark', 390]]) {
  step(`in the ${theme}, ${width} wide`, async () => {
    await traffic('tab=hosts')();
    await page.setViewportSize({ width, height: 844 });
    if ((await page.evaluate(() => document.documentElement.dataset.theme === 'dark')) !== (theme === 'dark')) await fromMenu(page, theme === 'dark' ? 'Dark theme' : 'Light theme');
  });
  for (const [name, open, close] of kLooks) {
    step(`axe finds nothing, and nothing is cut: ${name}`, async () => {
      await open();
      await until('it to fit', () => page.evaluate((wide) => document.documentElement.scrollWidth === wide, width));
      assert.deepEqual(await axeObjections(page), []);
      await shoot(page, `everyone-${name.replaceAll(/[^A-Za-z]+/g, '-')}-${width}`);
      await close?.();
    });
  }
}

step('a phone keeps the time, the tabs and the heads in sight', async () => {
  await traffic('tab=hosts')();
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
  await page.waitForTimeout(200);
  for (const one of [button('Time range'), page.getByRole('tab', { name: 'Top Hosts' })]) {
    const box = await one.boundingBox();
    assert.ok(box.y >= 0 && box.y < 140, `it stands at ${box.y}`);
  }
  await shoot(page, 'phone-scrolled');
  await page.evaluate(() => window.scrollTo(0, 0));
});

step('on a phone all that the bar has can be tapped', async () => {
  for (const name of ['One range back', 'Time range', 'One range forward', 'Now', 'Zoom out', 'Refresh', 'Exporter', 'Exporters', 'More']) {
    const box = await button(name).boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= 390 && box.width >= 24 && box.height >= 24, `${name}: ${JSON.stringify(box)}`);
  }
  await button('Time range').click();
  const sheet = await dialog('Time range').boundingBox();
  assert.ok(sheet.x >= 0 && sheet.x + sheet.width <= 390);
  await page.keyboard.press('Escape');
  await page.setViewportSize({ width: 1280, height: 800 });
});

step('the menu of a row by keyboard', async () => {
  await rows().first().locator('.name').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Alt+Enter');
  const menu = page.getByRole('menu');
  await menu.waitFor();
  assert.deepEqual(await axeObjections(page), []);
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Exclude selected');
  await page.keyboard.press('Enter');
  await until('its filter', () => /^not host /.test(hash().get('filter') ?? ''));
  await page.goBack();
});

step('Tab reaches every control of the bar, from left to right, and then leaves it', async () => {
  await traffic('tab=hosts&filter=not%20port%2053')();
  const standing = await page.locator('header').evaluate((bar) => {
    const all = [...bar.querySelectorAll('button, input, select, a[href]')].filter((one) => !one.disabled && one.checkVisibility({ visibilityProperty: true }));
    const left = (one) => one.getBoundingClientRect().left;
    all.sort((one, other) => left(one) - left(other)).forEach((one, place) => (one.dataset.place = `${place}: ${one.ariaLabel ?? one.innerText}`));
    return all.map((one) => one.dataset.place);
  });
  for (const name of ['Previous view', 'Exporter', 'Add a filter', 'Time range', 'Refresh', 'More']) assert.ok(standing.some((one) => one.endsWith(`: ${name}`)), `${name} in ${standing}`);
  await button('Previous view').focus();
  const reached = [];
  for (;;) {
    const place = await page.evaluate(() => (document.activeElement.closest('header') ? document.activeElement.dataset.place : null));
    if (place === null || reached.length > standing.length) break;
    reached.push(place);
    await page.keyboard.press('Tab');
  }
  assert.deepEqual(reached, standing);
});

step('nothing went wrong in the page', async () => assert.deepEqual(complaints, []));
