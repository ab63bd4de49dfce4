// A link gives exactly this view: whoever opens it sees the same rows, order, selection, colours, explanation and page.
import assert from 'node:assert/strict';
import { openPage, shoot } from './browser.mjs';
import { browser, collector, complaints, openQuarter, page, parts, showQuarter, step } from './quarter_window.mjs';

openQuarter({ width: 1440, height: 900 });
const { hash, until, settle, hostRow, tab, show } = parts;

const colours = (where) => where.locator('#tab-panel tbody tr:not(.other)').evaluateAll((all) => Object.fromEntries(all.map((row) => [row.dataset.key, getComputedStyle(row.querySelector('.swatch')).backgroundColor])));
const selected = (where) => where.locator('#tab-panel tbody tr.on').evaluateAll((all) => all.map((row) => row.dataset.key));
const order = (where) => where.locator('#tab-panel tbody tr:not(.other)').evaluateAll((all) => all.map((row) => row.dataset.key));

/** Somebody else opens what stands in the bar of the browser. */
async function elsewhere(look) {
  const { page: other, context, complaints: theirs } = await openPage(browser, { viewport: { width: 1440, height: 900 } });
  await other.goto(page.url().replace('#', `#token=${collector.token}&`));
  try {
    await look(other);
    assert.deepEqual(theirs, []);
  } finally {
    await context.close();
  }
}

step('rows, order, selection and explanation are in the link', async () => {
  await page.getByRole('columnheader', { name: 'In', exact: true }).getByRole('button').click();
  await until('its order', () => hash().get('sort') === 'octets_in');
  await settle();
  await hostRow('10.4.1.25').locator('.name').click();
  await hostRow('10.4.7.30').locator('.name').click({ modifiers: ['Control'] });
  await page.getByRole('button', { name: 'Why?' }).click();
  const why = page.getByTestId('why');
  await why.getByRole('heading', { name: 'Alerts' }).waitFor();
  assert.deepEqual(hash().getAll('sel').sort(), ['host=10.4.1.25', 'host=10.4.7.30']);
  await shoot(page, 'link-here');
  await elsewhere(async (other) => {
    await other.getByTestId('why').getByRole('heading', { name: 'Alerts' }).waitFor();
    await rowsOf(other);
    assert.deepEqual(await order(other), await order(page));
    assert.deepEqual(await selected(other), await selected(page));
    assert.deepEqual(await colours(other), await colours(page));
    assert.equal(await other.getByTestId('why').innerText(), await why.innerText());
    await shoot(other, 'link-there');
  });
});

async function rowsOf(where) {
  await until('rows', async () => (await where.locator('#tab-panel tbody tr.on').count()) === 2);
}

step('Back closes the explanation and keeps the selection', async () => {
  await page.goBack();
  await until('no panel', async () => (await page.getByTestId('why').count()) === 0);
  assert.equal((await selected(page)).length, 2);
  await page.goForward();
  await page.getByTestId('why').waitFor();
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await until('no panel', () => hash().get('why') === null);
});

step('the largest host has its colour whatever is drawn beside it, and was before', async () => {
  const seen = [];
  for (const filter of ['not port 443', 'port 873', 'host 10.4.1.25', 'client 10.4.7.30']) {
    await showQuarter(`tab=hosts&direction=talkers&filter=${encodeURIComponent(filter)}`);
    seen.push((await colours(page))['host=10.4.7.30']);
  }
  assert.equal(seen[2], undefined);
  assert.deepEqual(new Set(seen.filter(Boolean)).size, 1, seen.join());
  await showQuarter('tab=hosts');
});

step('a tab begins without a selection, and Back brings the old one', async () => {
  await hostRow('10.4.1.25').locator('.name').click();
  await tab('Top Ports').click();
  await settle();
  assert.deepEqual(hash().getAll('sel'), []);
  await page.goBack();
  await until('the selection', async () => (await selected(page)).join() === 'host=10.4.1.25');
});

step('what a page shows is in the link', async () => {
  await show('tab=alerts');
  await page.getByRole('button', { name: 'Rules', exact: true }).click();
  await until('the part', () => hash().get('page.part') === 'rules');
  await elsewhere(async (other) => {
    await until('the rules', async () => (await other.getByRole('button', { name: 'Rules', exact: true }).getAttribute('aria-pressed')) === 'true');
  });
});

step('nothing went wrong in the page', async () => assert.deepEqual(complaints, []));
