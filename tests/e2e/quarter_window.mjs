// One file's window at a collector with a quarter of an hour of traffic: what it opens is here for the steps, by the names that they use.
import { after, before } from 'node:test';
import { openPage, startBrowser } from './browser.mjs';
import { startWithQuarter } from './quarter.mjs';
import { steps } from './steps.mjs';
import { windowParts } from './window_parts.mjs';

export let collector;
/** As it stands in an address. */
export let range;
export let browser;
export let page;
export let complaints;
export const step = steps(() => page);
export const parts = windowParts(() => page);

/** Opens the hosts of the quarter before the first step, and ends all that it started after the last. */
export function openQuarter(viewport) {
  before(async () => {
    ({ collector, range } = await startWithQuarter());
    browser = await startBrowser();
    ({ page, complaints } = await openPage(browser, { viewport }));
    await page.goto(`${collector.url}#token=${collector.token}&tab=hosts&${range}`);
    await parts.rows().first().waitFor();
  });
  after(async () => {
    await browser?.close();
    await collector?.stop();
  });
}

/** Another view of the quarter, once it is drawn. */
export async function showQuarter(view) {
  await parts.show(`${view}&${range}`);
  await parts.settle();
}
