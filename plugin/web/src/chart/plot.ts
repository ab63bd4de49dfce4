// Where moments and rates stand in the chart, in pixels. For what is painted and for what is pointed at. Pure.

import type { Axis } from './axis';
import type { Drawn } from './stack';

const kGrid = { left: 58, right: 14, top: 10, bottom: 24 };
/** With percent of an interface's speed at the right. */
const kRightWithPercent = 46;

export function gridOf(percent: boolean): typeof kGrid {
  return percent ? { ...kGrid, right: kRightWithPercent } : kGrid;
}

export interface Plot {
  left: number;
  right: number;
  top: number;
  bottom: number;
  xOf: (ms: number) => number;
  yOf: (rate: number) => number;
  /** The moment at a place; beside the plot, the nearest one in it. */
  timeAt: (x: number) => number;
  rateAt: (y: number) => number;
}

export interface Plotted {
  drawn: Drawn;
  axis: Axis;
  /** The interface's speed in the unit that is shown. */
  speed: number | null;
  width: number;
  height: number;
}

export function plotOf({ drawn: { up }, axis, speed, width, height }: Plotted): Plot {
  const grid = gridOf(speed !== null);
  const [left, right] = [grid.left, Math.max(grid.left + 1, width - grid.right)];
  const [top, bottom] = [grid.top, Math.max(grid.top + 1, height - grid.bottom)];
  const span_ms = up.to_ms - up.from_ms;
  return {
    left, right, top, bottom,
    xOf: (ms) => left + ((ms - up.from_ms) / span_ms) * (right - left),
    yOf: (rate) => bottom - ((rate - axis.min) / (axis.max - axis.min)) * (bottom - top),
    timeAt: (x) => up.from_ms + (Math.min(right, Math.max(left, x)) - left) / (right - left) * span_ms,
    rateAt: (y) => axis.min + ((bottom - y) / (bottom - top)) * (axis.max - axis.min),
  };
}
