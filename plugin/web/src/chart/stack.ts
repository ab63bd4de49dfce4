// From a query result to what the stack chart draws: layers bottom to top, in octets per second per bucket.
// Pure: the sums under the layers are the sums of the table, and tests hold it to that.

import { keyId, rowName } from '../format/names';
import type { Key, QueryResult, Series } from '../generated/api';
import { kColours } from './palette';

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
  /** How often each octet is in the stack: 2 where both its ends are keys. */
  counted: number;
}

export const kOther = 'other';

function addInto(sum: number[], values: readonly number[]): void {
  for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] ?? 0) + (values[at] ?? 0);
}

/** The stacked octets divided by the octets of the totals: 1, or 2 when both ends of each session are rows. */
export function countedTimes(result: QueryResult): number {
  if (result.totals.octets <= 0) return 1;
  const stacked = result.rows.reduce((sum, row) => sum + row.octets, result.other.octets);
  const times = stacked / result.totals.octets;
  return times > 1.005 ? times : 1;
}

/** The largest rows each as a layer, everything else folded into "other" on top. */
export function stackOf(result: QueryResult, colours: ReadonlyMap<string, number>): Stack {
  const { from_ms, to_ms, count, width_ms } = result.buckets;
  const seriesOf = new Map<string, Series>();
  const rest = new Array<number>(count).fill(0);
  for (const series of result.series) {
    if (series.other) addInto(rest, series.octets);
    else seriesOf.set(keyId(series.key), series);
  }
  const layers: Layer[] = [];
  for (const row of result.rows) {
    const id = keyId(row.key);
    const series = seriesOf.get(id);
    if (!series) continue;
    if (layers.length < kColours.length && colours.has(id)) {
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
  return { from_ms, to_ms, count, width_ms, layers, heights, counted: countedTimes(result) };
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

/** Octets per second of the highest bucket, each octet taken once. */
export function peakRate(stack: Stack): number {
  return perSecond(stack, Math.max(0, ...stack.heights)) / stack.counted;
}

/** Snaps a dragged interval outwards to whole buckets: what was touched is inside. */
export function snapToBuckets(stack: Stack, one_ms: number, other_ms: number): { from_ms: number; to_ms: number } {
  const first = bucketAt(stack, Math.min(one_ms, other_ms));
  const last = bucketAt(stack, Math.max(one_ms, other_ms));
  return { from_ms: Math.floor(bucketStart(stack, first)), to_ms: Math.ceil(bucketStart(stack, last + 1)) };
}

/** From when on data had not arrived yet when the answer came, at answered_ms; null when the range is complete. */
export function pendingFrom(result: QueryResult, answered_ms: number): number | null {
  const { from_ms, to_ms } = result.range;
  const complete = answered_ms - result.quality.late_ms;
  if (complete >= to_ms) return null;
  return Math.max(from_ms, complete);
}
