// From a query result to what the stack chart draws: layers bottom to top, in octets per second per bucket.
// Each octet is in one layer: the height is what was on the wire. Pure.

import { keyId, rowName } from '../format/names';
import type { Key, QueryResult, Row, Series } from '../generated/api';
import { inDrawnOrder, mergedOrder } from './drawn';

export interface Layer {
  id: string;
  name: string;
  key: Key | null;
  /** Slot of the palette; null for "other". */
  colour: number | null;
  octets: number[];
}

export interface Stack {
  from_ms: number;
  to_ms: number;
  count: number;
  width_ms: number;
  layers: Layer[];
  /** Height of all layers together per bucket, in octets. */
  heights: number[];
}

export const kOther = 'other';

function addInto(sum: number[], values: readonly number[]): void {
  for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] ?? 0) + (values[at] ?? 0);
}

/** The rows that have a colour each as a layer, the largest at the bottom; everything else folded into "other" on top. */
export function stackOf(result: QueryResult, colours: ReadonlyMap<string, number>, order: readonly Row[] = inDrawnOrder(result)): Stack {
  const { from_ms, to_ms, count, width_ms } = result.buckets;
  const seriesOf = new Map<string, Series>();
  const rest = new Array<number>(count).fill(0);
  for (const series of result.series) {
    if (series.other) addInto(rest, series.octets);
    else seriesOf.set(keyId(series.key), series);
  }
  const layers: Layer[] = [];
  for (const row of order) {
    const id = keyId(row.key);
    const series = seriesOf.get(id);
    if (!series) continue;
    if (colours.has(id)) {
      layers.push({ id, name: rowName(row), key: row.key, colour: colours.get(id) ?? null, octets: series.octets });
    } else {
      addInto(rest, series.octets);
    }
  }
  if (rest.some((octets) => octets > 0)) {
    layers.push({ id: kOther, name: 'Other', key: null, colour: null, octets: rest });
  }
  const heights = new Array<number>(count).fill(0);
  for (const layer of layers) addInto(heights, layer.octets);
  return { from_ms, to_ms, count, width_ms, layers, heights };
}

export function bucketAt(stack: Stack, time_ms: number): number {
  const at = Math.floor(((time_ms - stack.from_ms) / (stack.to_ms - stack.from_ms)) * stack.count);
  return Math.min(stack.count - 1, Math.max(0, at));
}

export function bucketStart(stack: Stack, bucket: number): number {
  return stack.from_ms + ((stack.to_ms - stack.from_ms) * bucket) / stack.count;
}

/** Octets per second of a bucket's octets. */
export function perSecond(stack: Stack, octets: number): number {
  return stack.width_ms > 0 ? (octets * 1000) / stack.width_ms : 0;
}

/** What the view draws: one stack, or what was sent above the axis and what was received below it. */
export interface Drawn {
  up: Stack;
  down: Stack | null;
}

export function drawnStacks(result: QueryResult, sides: { up: QueryResult; down: QueryResult } | null, colours: ReadonlyMap<string, number>): Drawn {
  if (!sides) return { up: stackOf(result, colours), down: null };
  const order = mergedOrder(sides.up, sides.down);
  return { up: stackOf(sides.up, colours, order), down: stackOf(sides.down, colours, order) };
}

/** The layers of both sides, each key once, largest together first, "other" last. */
export function layersOf({ up, down }: Drawn): Layer[] {
  const seen = new Map<string, Layer>();
  for (const layer of [...up.layers, ...(down?.layers ?? [])]) if (!seen.has(layer.id)) seen.set(layer.id, layer);
  const sum = (id: string) => [up, down].reduce((total, stack) => total + (stack?.layers.find((layer) => layer.id === id)?.octets.reduce((a, b) => a + b, 0) ?? 0), 0);
  return [...seen.values()].sort((one, other) => Number(one.key === null) - Number(other.key === null) || sum(other.id) - sum(one.id));
}

/** The layer under a point of the chart: octets is the point's height in the bucket. */
export function layerAt(stack: Stack, bucket: number, octets: number): Layer | null {
  if (octets < 0) return null;
  let top = 0;
  for (const layer of stack.layers) {
    top += layer.octets[bucket] ?? 0;
    if (octets < top) return layer;
  }
  return null;
}

/** Octets per second of the highest bucket. */
export function peakRate(stack: Stack): number {
  return perSecond(stack, Math.max(0, ...stack.heights));
}

/** Snaps a dragged interval outwards to whole buckets: what was touched is inside. */
export function snapToBuckets(stack: Stack, one_ms: number, other_ms: number): { from_ms: number; to_ms: number } {
  const first = bucketAt(stack, Math.min(one_ms, other_ms));
  const last = bucketAt(stack, Math.max(one_ms, other_ms));
  return { from_ms: Math.floor(bucketStart(stack, first)), to_ms: Math.ceil(bucketStart(stack, last + 1)) };
}
