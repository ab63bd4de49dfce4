// The ECharts option that draws a stack: step areas, exact bucket edges, our own axis labels.

import type { EChartsCoreOption } from 'echarts/core';
import { formatAxis, type RateUnit } from '../format/units';
import { formatTick } from '../format/time';
import { timeTicks } from '../format/time_ticks';
import { perSecond, bucketStart, type Layer, type Stack } from './stack';
import type { Theme } from './theme';

export const kGrid = { left: 58, right: 14, top: 10, bottom: 24 };

const kTicks = 9;

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

/** A round top of the axis and its interval, in the shown unit. */
export function axisScale(highest: number): { max: number; interval: number } {
  if (highest <= 0) return { max: 1, interval: 1 };
  const decade = 10 ** Math.floor(Math.log10(highest));
  const scales = [0.1, 0.2, 0.25, 0.5, 1, 2].map((step) => {
    const interval = step * decade;
    const lines = Math.ceil((highest * 1.02) / interval);
    return { max: lines * interval, interval, lines };
  });
  const readable = scales.filter(({ lines }) => lines >= 3 && lines <= 6);
  const { max, interval } = readable.reduce((best, scale) => (scale.max < best.max ? scale : best));
  return { max, interval };
}

export function stackOption(stack: Stack, unit: RateUnit, selected: ReadonlySet<string>, theme: Theme): EChartsCoreOption {
  const factor = unit === 'bits' ? 8 : 1;
  const { max, interval } = axisScale(perSecond(stack, Math.max(0, ...stack.heights)) * factor);
  const span = stack.to_ms - stack.from_ms;
  const ticks = timeTicks(stack.from_ms, stack.to_ms, kTicks);
  const anySelected = stack.layers.some((layer) => selected.has(layer.id));
  const strength = (layer: Layer) => (!anySelected ? 0.92 : selected.has(layer.id) ? 1 : 0.24);
  const top = new Array<number>(stack.count).fill(0);
  const areas = stack.layers.map((layer, at) => {
    layer.octets.forEach((octets, bucket) => (top[bucket] = (top[bucket] ?? 0) + octets));
    const colour = layer.colour === null ? theme.other : (theme.colours[layer.colour] ?? theme.other);
    return {
      id: layer.id,
      name: layer.name,
      type: 'line',
      symbol: 'none',
      silent: true,
      // The order of the list is lost when series come and go: z is what keeps the lower layer in front.
      z: 2 + stack.layers.length - at,
      lineStyle: { width: 0 },
      areaStyle: { color: blend(colour, theme.panel, strength(layer)), opacity: 1 },
      emphasis: { disabled: true },
      data: outline(stack, top, factor),
    };
  });
  return {
    animation: false,
    textStyle: { fontFamily: theme.font },
    grid: { ...kGrid, outerBoundsMode: 'none' },
    xAxis: {
      type: 'time',
      min: stack.from_ms,
      max: stack.to_ms,
      axisLine: { lineStyle: { color: theme.line } },
      axisTick: { lineStyle: { color: theme.line }, customValues: ticks },
      axisLabel: { color: theme.dim, fontSize: 11, hideOverlap: true, ...edgeLabels(ticks, stack.from_ms, stack.to_ms), customValues: ticks, formatter: (ms: number) => formatTick(ms, span) },
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value',
      min: 0,
      max,
      interval,
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { color: theme.dim, fontSize: 11, formatter: (value: number) => formatAxis(value) },
      splitLine: { lineStyle: { color: theme.line } },
    },
    series: areas,
  };
}
