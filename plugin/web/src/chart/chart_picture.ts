// The chart as a picture that explains itself: what it shows above, the drawing, the names and colours below.

import { save } from '../api/export_csv';
import { paintHatches, type Stretch } from './hatch_picture';
import { kColours } from './palette';
import { gridOf } from './plot';
import type { Layer } from './stack';
import { readTheme } from './theme';

const kMargin = 16;
const kLine = 20;

function drawing(): HTMLCanvasElement | null {
  return document.querySelector('[data-testid=chart] canvas');
}

/** Draws into a canvas of its own; null while there is no chart. `hatches`: as parts of the width of the plot. */
function paintChart(words: readonly string[], layers: readonly Layer[], hatches: readonly Stretch[]): HTMLCanvasElement | null {
  const onto = document.createElement('canvas');
  const chart = drawing();
  if (!chart) return null;
  const ratio = chart.width / chart.clientWidth;
  const [width, height] = [chart.clientWidth, chart.clientHeight];
  const theme = readTheme();
  const pen = onto.getContext('2d');
  if (!pen) return null;
  pen.font = `12px ${theme.font}`;
  const places: { layer: Layer; x: number; row: number }[] = [];
  let [x, row] = [kMargin, 0];
  for (const layer of layers) {
    const wide = 18 + pen.measureText(layer.name).width + 16;
    if (x + wide > width - kMargin && x > kMargin) [x, row] = [kMargin, row + 1];
    places.push({ layer, x, row });
    x += wide;
  }
  const top = kMargin + words.length * kLine;
  onto.width = width * ratio;
  onto.height = (top + height + (row + 1) * kLine + kMargin) * ratio;
  pen.scale(ratio, ratio);
  pen.fillStyle = theme.panel;
  pen.fillRect(0, 0, onto.width, onto.height);
  pen.textBaseline = 'middle';
  words.forEach((line, at) => {
    pen.font = `${at === 0 ? '600 14px' : '12px'} ${theme.font}`;
    pen.fillStyle = at === 0 ? theme.ink : theme.dim;
    pen.fillText(line, kMargin, kMargin + at * kLine + 4, width - 2 * kMargin);
  });
  pen.drawImage(chart, 0, top, width, height);
  const grid = gridOf(chart.closest('[data-testid=chart]')?.hasAttribute('data-percent') ?? false);
  const inner = width - grid.left - grid.right;
  paintHatches(pen, hatches.map((one) => ({ ...one, from: grid.left + inner * one.from, to: grid.left + inner * one.to })), top + grid.top, height - grid.top - grid.bottom, theme.dim, theme.warn);
  pen.font = `12px ${theme.font}`;
  for (const { layer, x: left, row: at } of places) {
    const middle = top + height + at * kLine + 8;
    pen.fillStyle = layer.colour === null ? theme.other : (kColours[layer.colour] ?? theme.other);
    pen.fillRect(left, middle - 5, 10, 10);
    pen.fillStyle = theme.ink;
    pen.fillText(layer.name, left + 16, middle);
  }
  return onto;
}

/** Into the clipboard; saved as a file, and false, where the browser does not allow that. */
export async function copyChart(words: readonly string[], layers: readonly Layer[], hatches: readonly Stretch[]): Promise<boolean> {
  const canvas = paintChart(words, layers, hatches);
  const blob = canvas && (await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png')));
  if (!blob) return false;
  try {
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
    return true;
  } catch {
    save(blob, 'weir-chart.png');
    return false;
  }
}
