// What the steps look at in the Flows window: its parts by role, and the drawing of its chart point by point.
import assert from 'node:assert/strict';

/** The parts of the window in page(), whichever page that is when they are asked for. */
export function windowParts(page) {
  const tab = (name) => page().getByRole('tab', { name, exact: true });
  const rows = () => page().locator('#tab-panel tbody tr:not(.other)');
  const chart = () => page().getByTestId('chart');
  const summary = () => page().getByTestId('summary');
  const hash = () => new URLSearchParams(new URL(page().url()).hash.slice(1));
  const hostRow = (address) => page().locator(`tr[data-key="host=${address}"]`);

  async function until(what, check) {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const answer = await check();
      if (answer) return answer;
      if (Date.now() > deadline) assert.fail(`waited in vain: ${what}`);
      await page().waitForTimeout(50);
    }
  }

  /** A point of the plot: across and up, each 0..1. */
  async function plotPoint(across, up) {
    const box = await chart().boundingBox();
    return [box.x + 58 + (box.width - 58 - 14) * across, box.y + 10 + (box.height - 10 - 24) * (1 - up)];
  }

  /** Colour of the drawing at a point of the plot, as [red, green, blue]. */
  async function colourAt(across, up) {
    const [x, y] = await plotPoint(across, up);
    const box = await chart().boundingBox();
    return chart().locator('canvas').evaluate((canvas, [left, top]) => {
      const ratio = canvas.width / canvas.clientWidth;
      return [...canvas.getContext('2d').getImageData(left * ratio, top * ratio, 1, 1).data.slice(0, 3)];
    }, [x - box.x, y - box.y]);
  }

  async function swatchOf(address) {
    const text = await hostRow(address).locator('.swatch').evaluate((swatch) => getComputedStyle(swatch).backgroundColor);
    return text.match(/\d+/g).map(Number);
  }

  /** Waits until the window has nothing left to ask for the view in its address. */
  async function settle() {
    await until('the answer to be drawn', () => page().evaluate(() => {
      const panel = document.querySelector('#tab-panel');
      // What the mouse does to the chart comes after the chart.
      const chart = document.querySelector('[data-testid=chart]');
      if (chart && !chart.querySelector('[data-testid=chart-says]')) return false;
      return panel?.ariaBusy !== 'true' && !panel?.querySelector('.wait') && !/asking/.test(document.querySelector('[data-testid=summary]')?.textContent ?? '');
    }));
    await page().waitForTimeout(150);
  }

  /** Writes another view into the address, and waits until the window has taken it over. */
  async function show(view) {
    await page().evaluate((text) => new Promise((done) => {
      const before = location.href;
      addEventListener('hashchange', () => done(), { once: true });
      location.hash = text;
      if (location.href === before) done();
    }), view);
  }

  /** Opens the editor of the range and types both moments, in the zone of this machine. */
  async function typeRange(from_ms, to_ms) {
    const two = (value) => String(value).padStart(2, '0');
    await page().getByRole('button', { name: 'Time range' }).click();
    for (const [name, ms] of [['Start', from_ms], ['End', to_ms]]) {
      const at = new Date(ms);
      await page().getByLabel(`${name} day`).fill(`${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`);
      await page().getByLabel(`${name} time`).fill(`${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`);
    }
    await page().getByRole('button', { name: 'Apply' }).click();
  }

  return { show, typeRange, tab, rows, chart, summary, hash, hostRow, until, plotPoint, colourAt, swatchOf, settle };
}
