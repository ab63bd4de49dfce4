// The rows as pictures: pie, heat map and Sankey, by mouse and by keyboard, on every width, light and dark.
import assert from 'node:assert/strict';
import { axeObjections, fromMenu, shoot } from './browser.mjs';
import { complaints, openQuarter, page, parts, showQuarter as show, step } from './quarter_window.mjs';

openQuarter({ width: 1440, height: 900 });
const { rows, hash, until, settle } = parts;
const kBackup = '10.4.7.30';

async function everywhere(name) {
  for (const theme of ['light', 'dark']) {
    for (const width of [390, 1440, 3840]) {
      await page.setViewportSize({ width, height: width === 390 ? 844 : width === 3840 ? 2160 : 900 });
      await until(`${name} to fit in ${width}`, () => page.evaluate((wide) => document.documentElement.scrollWidth === wide, width));
      const chosen = await page.getByRole('tab', { selected: true }).boundingBox();
      assert.ok(chosen.x >= 0 && chosen.x + chosen.width <= width, `${name} at ${width}: the chosen tab is out of sight`);
      await page.waitForTimeout(200);
      await page.locator('#tab-panel').scrollIntoViewIfNeeded();
      await shoot(page, `${name}-${width}-${theme}`);
    }
    assert.deepEqual(await axeObjections(page), [], `${name}, ${theme}`);
    await page.setViewportSize({ width: 1440, height: 900 });
    await fromMenu(page, theme === 'light' ? 'Dark theme' : 'Light theme');
  }
}

step('the heat map has a row per host: the backup and its other end light up together', async () => {
  await show('tab=hosts');
  await page.getByRole('button', { name: 'Heat map' }).click();
  const heat = page.getByTestId('heat');
  await heat.getByRole('button', { name: kBackup, exact: true }).waitFor();
  await settle();
  assert.equal(hash().get('show'), 'heat');
  assert.equal(await heat.getByRole('button').count(), 19);
  // Drawn once a byte is with one end; here both had it.
  for (const host of [kBackup, '198.51.100.40']) {
    const button = await heat.getByRole('button', { name: host, exact: true }).boundingBox();
    const cells = await heat.locator('.cells').boundingBox();
    await page.mouse.move(cells.x + cells.width * 0.55, button.y + button.height / 2);
    await until('its figures', async () => new RegExp(`^${host.replaceAll('.', '\\.')}, \\d\\d:\\d\\d:\\d\\d to .*: [4-9]\\d\\.\\d Mbit/s`).test(await heat.locator('.told').innerText()));
  }
  await shoot(page, 'heat-hover');
  await page.mouse.move(5, 5);
});

step('a name of the heat map selects, its cells are read by keyboard', async () => {
  const heat = page.getByTestId('heat');
  const name = heat.getByRole('button', { name: kBackup, exact: true });
  await name.click();
  await until('the selection', () => hash().get('sel') === `host=${kBackup}`);
  for (let at = 0; at < 3; at++) await page.keyboard.press('ArrowRight');
  await until('words', async () => /10\.4\.7\.30, .*bit\/s/.test(await heat.locator('[aria-live]').textContent()));
  await page.keyboard.press('ArrowDown');
  assert.notEqual(await page.evaluate(() => document.activeElement.textContent), kBackup);
  await name.click();
});

step('the heat map fits everywhere', () => everywhere('heat'));

step('the Sankey picture shows who talks to whom, and adds up', async () => {
  await show('tab=conversations');
  await page.getByRole('button', { name: 'Sankey' }).click();
  const sankey = page.getByTestId('sankey');
  await sankey.getByRole('option', { name: /^10\.4\.7\.30 → 198\.51\.100\.40: / }).waitFor();
  const shares = (await sankey.getByRole('option').evaluateAll((all) => all.map((one) => one.getAttribute('aria-label').match(/([\d.]+) %$/)[1]))).map(Number);
  assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 100) < 0.8, shares.join(' '));
  await sankey.focus();
  await page.keyboard.press('ArrowDown');
  await until('what it says', async () => /10\.4\.1\.25 → 203\.0\.113\.80: .* %|10\.4\.7\.30 → /.test(await page.getByTestId('sankey-told').innerText()));
  await page.keyboard.press('Enter');
  await until('the selection', () => hash().getAll('sel').length === 1);
  await shoot(page, 'sankey-selected');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
});

step('any two fields can be crossed so', async () => {
  await show('tab=by&by=client,server_port&show=sankey');
  await page.getByTestId('sankey').getByRole('option', { name: /^10\.4\.7\.30 → rsync \(873\): |^10\.4\.7\.30 → 873: / }).waitFor();
  await page.getByLabel('And by').selectOption('');
  await until('a table: one field has no other side', async () => (await rows().count()) > 5);
  await show('tab=by&by=client,server_port&show=sankey');
  await page.getByTestId('sankey').waitFor();
});

step('the Sankey picture fits everywhere', () => everywhere('sankey'));

step('the pie is gone through by keyboard', async () => {
  await show('tab=hosts&show=pie');
  const pie = page.getByTestId('pie');
  await pie.getByRole('option').first().waitFor();
  await pie.focus();
  await page.keyboard.press('ArrowRight');
  const largest = await page.getByTestId('pie-hole').locator('b').innerText();
  await page.keyboard.press('Enter');
  await until('the selection', () => hash().get('sel') === `host=${largest}`);
  await page.keyboard.press('Alt+Enter');
  await page.getByRole('menuitem', { name: 'Filter on selected' }).click();
  await until('a filter', () => hash().get('filter') === `host ${largest}`);
});

step('the pie fits everywhere', async () => {
  await show('tab=hosts&show=pie');
  await everywhere('pie');
});

step('nothing went wrong in the page', async () => assert.deepEqual(complaints, []));
