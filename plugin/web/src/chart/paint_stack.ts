// Paints a stack, or one above and one below the axis, on a canvas: areas with exact edges of their buckets, axes with labels,
// the same time before as a line. For the screen and for paper.

import { formatAxis, type RateUnit } from '../format/units';
import { formatTick } from '../format/time';
import { tickCount, timeTicks } from '../format/time_ticks';
import type { Line } from '../state/compared';
import { factorOf, type Axis } from './axis';
import { plotOf, type Plot } from './plot';
import { layersOf, perSecond, type Drawn, type Layer, type Stack } from './stack';
import type { Theme } from './theme';


/** Labels stand centred under their ticks, but for those that would be cut at the edge. */
export function edgeAlign(tick_ms: number, from_ms: number, to_ms: number): 'left' | 'center' | 'right' {
  const near = (to_ms - from_ms) * 0.025;
  return tick_ms - from_ms < near ? 'left' : to_ms - tick_ms < near ? 'right' : 'center';
}

function channels(hex: string): number[] {
  const full = hex.length === 4 ? [...hex.slice(1)].map((digit) => digit + digit).join('') : hex.slice(1, 7);
  return [0, 2, 4].map((at) => parseInt(full.slice(at, at + 2), 16));
}

/** A colour on a ground, as opaque: 0 is the ground, 1 the colour. */
export function blend(colour: string, ground: string, strength: number): string {
  const below = channels(ground);
  return `rgb(${channels(colour).map((value, at) => Math.round(value * strength + (below[at] ?? 0) * (1 - strength))).join(',')})`;
}

export interface Picture {
  drawn: Drawn;
  /** The same time before, above and below the axis. */
  before: { up: Line; down: Line | null } | null;
  unit: RateUnit;
  axis: Axis;
  /** The interface's speed in the unit that is shown. */
  speed: number | null;
  selected: ReadonlySet<string>;
  width: number;
  height: number;
}

/** A line of one pixel is sharp between pixels. */
const sharp = (at: number) => Math.round(at - 0.5) + 0.5;

function paintValues(pen: CanvasRenderingContext2D, { left, right, yOf }: Plot, { axis, speed }: Picture, theme: Theme): void {
  pen.textBaseline = 'middle';
  const lines = Math.round((axis.max - axis.min) / axis.interval);
  for (let at = 0; at <= lines; at++) {
    const value = axis.min + at * axis.interval;
    const y = sharp(yOf(value));
    pen.strokeStyle = theme.line;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(left, y);
    pen.lineTo(right, y);
    pen.stroke();
    pen.fillStyle = theme.dim;
    pen.textAlign = 'right';
    pen.fillText(formatAxis(Math.abs(value)), left - 8, y);
    if (speed === null) continue;
    pen.textAlign = 'left';
    pen.fillText(`${Math.round((100 * Math.abs(value)) / speed)} %`, right + 6, y);
  }
}

function paintTimes(pen: CanvasRenderingContext2D, { left, right, bottom, xOf }: Plot, { from_ms, to_ms }: Stack, width: number, theme: Theme): void {
  pen.strokeStyle = theme.line;
  pen.fillStyle = theme.dim;
  pen.textBaseline = 'top';
  pen.beginPath();
  pen.moveTo(left, sharp(bottom));
  pen.lineTo(right, sharp(bottom));
  let free = -Infinity;
  for (const tick of timeTicks(from_ms, to_ms, tickCount(width))) {
    const x = sharp(xOf(tick));
    pen.moveTo(x, bottom);
    pen.lineTo(x, bottom + 5);
    const text = formatTick(tick, to_ms - from_ms);
    const align = edgeAlign(tick, from_ms, to_ms);
    const wide = pen.measureText(text).width;
    const begin = align === 'left' ? x : align === 'right' ? x - wide : x - wide / 2;
    if (begin < free) continue;
    free = begin + wide + 6;
    pen.textAlign = 'left';
    pen.fillText(text, begin, bottom + 8);
  }
  pen.stroke();
}

/** Areas are painted to their full height from the top one down, each over the one before: no sliver is left between them. */
function paintAreas(pen: CanvasRenderingContext2D, { xOf, yOf }: Plot, stack: Stack, factor: number, strength: (layer: Layer) => number, theme: Theme): void {
  const tops: number[][] = [];
  let top = new Array<number>(stack.count).fill(0);
  for (const layer of stack.layers) tops.push((top = top.map((octets, bucket) => octets + (layer.octets[bucket] ?? 0))));
  const edges = Array.from({ length: stack.count + 1 }, (_, bucket) => xOf(stack.from_ms + ((stack.to_ms - stack.from_ms) * bucket) / stack.count));
  for (let at = stack.layers.length - 1; at >= 0; at--) {
    const layer = stack.layers[at];
    if (!layer) continue;
    const colour = layer.colour === null ? theme.other : (theme.colours[layer.colour] ?? theme.other);
    const heights = (tops[at] ?? []).map((octets) => yOf(perSecond(stack, octets) * factor));
    const outline = () => heights.forEach((y, bucket) => {
      pen.lineTo(edges[bucket] ?? 0, y);
      pen.lineTo(edges[bucket + 1] ?? 0, y);
    });
    pen.beginPath();
    pen.moveTo(edges[0] ?? 0, yOf(0));
    outline();
    pen.lineTo(edges[stack.count] ?? 0, yOf(0));
    pen.closePath();
    pen.fillStyle = blend(colour, theme.panel, strength(layer));
    pen.fill();
    // Its edge tells thin layers apart; "other" is ground rather than figure and has none.
    if (layer.colour === null) continue;
    pen.beginPath();
    outline();
    pen.strokeStyle = blend(colour, theme.panel, Math.min(1, strength(layer) + 0.08));
    pen.lineWidth = 1;
    pen.stroke();
  }
}

function paintEarlier(pen: CanvasRenderingContext2D, { xOf, yOf }: Plot, line: Line, factor: number, theme: Theme): void {
  pen.beginPath();
  let drawing = false;
  line.octets.forEach((octets, bucket) => {
    if (octets === null) {
      drawing = false;
      return;
    }
    const [x, y] = [xOf(line.from_ms + (bucket + 0.5) * line.width_ms), yOf((octets * 1000 * factor) / line.width_ms)];
    if (drawing) pen.lineTo(x, y);
    else pen.moveTo(x, y);
    drawing = true;
  });
  pen.strokeStyle = theme.dim;
  pen.lineWidth = 1.25;
  pen.setLineDash([4, 3]);
  pen.stroke();
  pen.setLineDash([]);
}

/** `pen` is scaled to the pixels of the layout. */
export function paintStack(pen: CanvasRenderingContext2D, picture: Picture, theme: Theme): void {
  const { drawn, before, unit, selected, width, height } = picture;
  const { up, down } = drawn;
  const factor = factorOf(unit);
  const plot = plotOf(picture);
  const anySelected = layersOf(drawn).some((layer) => selected.has(layer.id));
  const strength = (layer: Layer) => (layer.colour === null ? (anySelected ? 0.3 : 0.55) : !anySelected ? 0.92 : selected.has(layer.id) ? 1 : 0.24);
  pen.clearRect(0, 0, width, height);
  pen.font = `${theme.label_px}px ${theme.font}`;
  paintValues(pen, plot, picture, theme);
  // An area that is higher than a fixed scale ends at the top of the scale.
  pen.save();
  pen.beginPath();
  pen.rect(plot.left, plot.top, plot.right - plot.left, plot.bottom - plot.top);
  pen.clip();
  paintAreas(pen, plot, up, factor, strength, theme);
  if (down) paintAreas(pen, plot, down, -factor, strength, theme);
  if (before) paintEarlier(pen, plot, before.up, factor, theme);
  if (before?.down) paintEarlier(pen, plot, before.down, -factor, theme);
  pen.restore();
  paintTimes(pen, plot, up, width, theme);
}
