// The ECharts option that draws a stack, or one above and one below the axis: step areas, exact bucket edges, our own axis labels,
// the same time before as a line.

import type { EChartsCoreOption } from 'echarts/core';
import { formatAxis, type RateUnit } from '../format/units';
import { formatTick } from '../format/time';
import { timeTicks } from '../format/time_ticks';
import type { Line } from '../state/earlier.svelte';
import { factorOf, type Axis } from './axis';
import { perSecond, bucketStart, layersOf, type Drawn, type Layer, type Stack } from './stack';
import type { Theme } from './theme';

export const kGrid = { left: 58, right: 14, top: 10, bottom: 24 };
/** With percent of an interface's speed at the right. */
const kRightWithPercent = 46;

export function gridOf(percent: boolean): typeof kGrid {
  return percent ? { ...kGrid, right: kRightWithPercent } : kGrid;
}

const kTicks = 9;
const kTickWidth_px = 90;

/** Labels stand centred under their ticks, but for those that would be cut at the edge. */
export function edgeLabels(ticks: readonly number[], from_ms: number, to_ms: number): { alignMinLabel?: 'left'; alignMaxLabel?: 'right' } {
  const near = (to_ms - from_ms) * 0.025;
  const [first, last] = [ticks[0] ?? to_ms, ticks.at(-1) ?? from_ms];
  return { ...(first - from_ms < near ? { alignMinLabel: 'left' as const } : {}), ...(to_ms - last < near ? { alignMaxLabel: 'right' as const } : {}) };
}

// Both corners of every step. ECharts' own steps leave slivers between stacked areas, so layers are drawn to their
// full height from the top one down, each over the one before.
function outline(stack: Stack, octets: readonly number[], factor: number): [number, number][] {
  const corners: [number, number][] = [];
  for (let bucket = 0; bucket < stack.count; bucket++) {
    const rate = perSecond(stack, octets[bucket] ?? 0) * factor;
    corners.push([bucketStart(stack, bucket), rate], [bucketStart(stack, bucket + 1), rate]);
  }
  return corners;
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

/** Its edge tells thin layers apart; "other" is ground rather than figure and has none. */
function areasOf(stack: Stack, side: 'up' | 'down', factor: number, strength: (layer: Layer) => number, theme: Theme) {
  const top = new Array<number>(stack.count).fill(0);
  return stack.layers.map((layer, at) => {
    layer.octets.forEach((octets, bucket) => (top[bucket] = (top[bucket] ?? 0) + octets));
    const colour = layer.colour === null ? theme.other : (theme.colours[layer.colour] ?? theme.other);
    return {
      id: `${side} ${layer.id}`,
      type: 'line',
      symbol: 'none',
      silent: true,
      // The order of the list is lost when series come and go: z is what keeps the lower layer in front.
      z: 2 + stack.layers.length - at,
      lineStyle: { width: layer.colour === null ? 0 : 1, color: blend(colour, theme.panel, Math.min(1, strength(layer) + 0.08)) },
      areaStyle: { color: blend(colour, theme.panel, strength(layer)), opacity: 1 },
      emphasis: { disabled: true },
      data: outline(stack, top, factor),
    };
  });
}

function earlierOf(line: Line, side: 'up' | 'down', factor: number, theme: Theme) {
  const rate = (octets: number | null) => (octets === null ? null : (octets * 1000 * factor) / line.width_ms);
  return {
    id: `${side} earlier`,
    type: 'line',
    symbol: 'none',
    silent: true,
    z: 40,
    lineStyle: { width: 1.25, type: [4, 3], color: theme.dim },
    emphasis: { disabled: true },
    data: line.octets.map((octets, bucket) => [line.from_ms + (bucket + 0.5) * line.width_ms, rate(octets)]),
  };
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
}

export function stackOption({ drawn, before, unit, axis, speed, selected, width }: Picture, theme: Theme): EChartsCoreOption {
  const { up, down } = drawn;
  const factor = factorOf(unit);
  const span = up.to_ms - up.from_ms;
  const ticks = timeTicks(up.from_ms, up.to_ms, Math.max(3, Math.min(kTicks, Math.floor(width / kTickWidth_px))));
  const anySelected = layersOf(drawn).some((layer) => selected.has(layer.id));
  const strength = (layer: Layer) => (layer.colour === null ? (anySelected ? 0.3 : 0.55) : !anySelected ? 0.92 : selected.has(layer.id) ? 1 : 0.24);
  const percent = (value: number) => `${Math.round((100 * Math.abs(value)) / (speed ?? 1))} %`;
  const common = { type: 'value', min: axis.min, max: axis.max, interval: axis.interval, axisLine: { show: false }, axisTick: { show: false } };
  return {
    animation: false,
    textStyle: { fontFamily: theme.font },
    grid: { ...gridOf(speed !== null), outerBoundsMode: 'none' },
    xAxis: {
      type: 'time',
      min: up.from_ms,
      max: up.to_ms,
      axisLine: { onZero: false, lineStyle: { color: theme.line } },
      axisTick: { lineStyle: { color: theme.line }, customValues: ticks },
      axisLabel: { color: theme.dim, fontSize: 11, hideOverlap: true, ...edgeLabels(ticks, up.from_ms, up.to_ms), customValues: ticks, formatter: (ms: number) => formatTick(ms, span) },
      splitLine: { show: false },
    },
    yAxis: [
      { ...common, axisLabel: { color: theme.dim, fontSize: 11, formatter: (value: number) => formatAxis(Math.abs(value)) }, splitLine: { lineStyle: { color: theme.line } } },
      ...(speed === null ? [] : [{ ...common, position: 'right', axisLabel: { color: theme.dim, fontSize: 11, formatter: percent }, splitLine: { show: false } }]),
    ],
    series: [
      ...areasOf(up, 'up', factor, strength, theme),
      ...(down ? areasOf(down, 'down', -factor, strength, theme) : []),
      ...(before ? [earlierOf(before.up, 'up', factor, theme)] : []),
      ...(before?.down ? [earlierOf(before.down, 'down', -factor, theme)] : []),
    ],
  };
}
