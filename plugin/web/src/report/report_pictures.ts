// The chart and the pie of a report: drawn for paper, light and sharp, whatever the screen looks like.

import { axisOf, factorOf, speedIn } from '../chart/axis';
import type { Hatch } from '../chart/gaps';
import { paintHatches } from '../chart/hatch_picture';
import { kColours } from '../chart/palette';
import { paintStack } from '../chart/paint_stack';
import { plotOf } from '../chart/plot';
import type { Drawn } from '../chart/stack';
import type { Theme } from '../chart/theme';
import { formatRate, type RateUnit } from '../format/units';

export const kPaper: Omit<Theme, 'font'> = { ink: '#1b2330', dim: '#4c5563', line: '#d5d9e0', panel: '#ffffff', other: '#c3c9d3', warn: '#d9730d', accent: '#2f6fed', label_px: 11, colours: kColours };
const kSpeed = '#b3300a';
/** Dots of a printer for each pixel of the layout. */
const kSharp = 3;

export interface ReportChart {
  drawn: Drawn;
  hatches: readonly Hatch[];
  unit: RateUnit;
  speed_bps: number | null;
  scale: number | null;
  /** What is above and below the axis. */
  sides: [string, string] | null;
}

export function paintReportChart(canvas: HTMLCanvasElement, { drawn, hatches, unit, speed_bps, scale, sides }: ReportChart, width: number, height: number, font: string): void {
  const axis = axisOf(drawn, [null, null], { unit, speed_bps, scale });
  const speed = speedIn(unit, speed_bps);
  canvas.width = width * kSharp;
  canvas.height = height * kSharp;
  const pen = canvas.getContext('2d');
  if (!pen) return;
  pen.scale(kSharp, kSharp);
  paintStack(pen, { drawn, before: null, unit, axis, speed, selected: new Set(), width, height }, { ...kPaper, font });
  // Paper is white, not clear.
  pen.globalCompositeOperation = 'destination-over';
  pen.fillStyle = kPaper.panel;
  pen.fillRect(0, 0, width, height);
  pen.globalCompositeOperation = 'source-over';
  const plot = plotOf({ drawn, axis, speed, width, height });
  const { up } = drawn;
  const xOf = (ms: number) => plot.xOf(Math.min(up.to_ms, Math.max(up.from_ms, ms)));
  paintHatches(pen, hatches.map((hatch) => ({ from: xOf(hatch.from_ms), to: xOf(hatch.to_ms), whole: hatch.whole })), plot.top, plot.bottom - plot.top, kPaper.dim, kPaper.warn);
  pen.font = `11px ${font}`;
  pen.textBaseline = 'middle';
  if (speed !== null && speed <= axis.max) {
    pen.strokeStyle = pen.fillStyle = kSpeed;
    pen.beginPath();
    pen.moveTo(plot.left, plot.yOf(speed));
    pen.lineTo(plot.right, plot.yOf(speed));
    pen.stroke();
    pen.textAlign = 'right';
    pen.fillText(`interface speed ${formatRate(speed / factorOf(unit), unit)}`, plot.right - 4, plot.yOf(speed) - 8);
  }
  pen.fillStyle = kPaper.dim;
  pen.textAlign = 'left';
  const words = unit === 'bits' ? 'bit/s' : 'byte/s';
  pen.fillText(sides ? `${sides[0]} ↑ ${words}` : words, plot.left + 6, plot.top + 8);
  if (sides) pen.fillText(`${sides[1]} ↓`, plot.left + 6, plot.bottom - 8);
}

/** Slices in the order given, from the top on, clockwise; a colour of null is that of the others. */
export function paintReportPie(canvas: HTMLCanvasElement, slices: readonly { value: number; colour: number | null }[], size: number): void {
  canvas.width = canvas.height = size * kSharp;
  const pen = canvas.getContext('2d');
  const whole = slices.reduce((sum, slice) => sum + slice.value, 0);
  if (!pen || whole <= 0) return;
  pen.scale(kSharp, kSharp);
  const middle = size / 2;
  let from = -Math.PI / 2;
  for (const { value, colour } of slices) {
    const to = from + (value / whole) * 2 * Math.PI;
    pen.beginPath();
    pen.arc(middle, middle, middle - 2, from, to);
    pen.arc(middle, middle, middle * 0.5, to, from, true);
    pen.closePath();
    pen.fillStyle = colour === null ? kPaper.other : (kColours[colour] ?? kPaper.other);
    pen.fill();
    pen.strokeStyle = kPaper.panel;
    pen.lineWidth = 1.2;
    pen.stroke();
    from = to;
  }
}
