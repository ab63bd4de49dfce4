// The first look in figures: since when there is more than otherwise, who it is, and how it was at the same time before. Pure.

import type { Line } from '../state/compared';
import { bucketStart, perSecond, type Drawn, type Layer } from './stack';

/** A stretch of buckets [from, to) that stands out above the rest of what is known. */
export interface Stretch {
  from: number;
  to: number;
  /** Octets per bucket. */
  inside: number;
  outside: number;
}

export interface Answer {
  /** Null: nothing stands out. */
  stretch: (Stretch & { from_ms: number; to_ms: number; lasts: boolean; rate: number; times: number }) | null;
  /** Who makes up most of the rise, or of all; with the part of it. */
  who: { layer: Layer; share: number }[];
  /** Of the stretch, or of all: octets per second now and before; null where it cannot be compared. */
  before: { now: number; then: number } | null;
}

/** The stretch explains more than this part of all ups and downs, and is this much higher than the rest. */
const kExplains = 0.5;
const kTimes = 1.5;
/** A clean step is told although it is small. */
const kExplainsClearly = 0.85;
const kTimesClearly = 1.15;
/** A name is given where so few make up so much. */
const kFew = 2;
const kMuch = 0.6;

function prefixSums(values: readonly number[]): number[] {
  const sums = [0];
  for (const value of values) sums.push((sums.at(-1) ?? 0) + value);
  return sums;
}

/** The stretch that splits the heights best into high and low, if it stands out. Unknown buckets take no part. */
export function standsOut(heights: readonly number[], known: readonly boolean[]): Stretch | null {
  const at = heights.map((_, bucket) => bucket).filter((bucket) => known[bucket]);
  const values = at.map((bucket) => heights[bucket] ?? 0);
  const count = values.length;
  if (count < 4) return null;
  const sums = prefixSums(values);
  const all = sums[count] ?? 0;
  const mean = all / count;
  const spread = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  let best: Stretch | null = null;
  let most = 0;
  for (let from = 0; from < count; from++) {
    for (let to = from + 1; to <= count; to++) {
      const length = to - from;
      if (length === count) continue;
      const part = (sums[to] ?? 0) - (sums[from] ?? 0);
      const inside = part / length;
      const outside = (all - part) / (count - length);
      const explained = ((inside - outside) ** 2 * length * (count - length)) / count;
      if (inside > outside && explained > most) {
        most = explained;
        best = { from: at[from] ?? 0, to: (at[to - 1] ?? 0) + 1, inside, outside };
      }
    }
  }
  if (best === null || spread <= 0) return null;
  const clear = most > spread * kExplainsClearly;
  return most > spread * kExplains && best.inside >= best.outside * (clear ? kTimesClearly : kTimes) ? best : null;
}

function together({ up, down }: Drawn): number[] {
  return up.heights.map((height, bucket) => height + (down?.heights[bucket] ?? 0));
}

function meanOf(values: readonly number[], takes: (bucket: number) => boolean): number {
  const taken = values.filter((_, bucket) => takes(bucket));
  return taken.length > 0 ? taken.reduce((sum, value) => sum + value, 0) / taken.length : 0;
}

function whoOf(drawn: Drawn, layers: readonly Layer[], known: readonly boolean[], stretch: Stretch | null): Answer['who'] {
  const inside = (bucket: number) => stretch !== null && bucket >= stretch.from && bucket < stretch.to;
  const grown = layers.map((layer) => {
    const octets = [drawn.up, drawn.down].map((stack) => stack?.layers.find((one) => one.id === layer.id)?.octets ?? []);
    const sums = Array.from({ length: drawn.up.count }, (_, bucket) => octets.reduce((sum, values) => sum + (values[bucket] ?? 0), 0));
    const high = meanOf(sums, (bucket) => (known[bucket] ?? false) && (stretch === null || inside(bucket)));
    return { layer, by: stretch === null ? high : high - meanOf(sums, (bucket) => (known[bucket] ?? false) && !inside(bucket)) };
  });
  const whole = stretch ? stretch.inside - stretch.outside : grown.reduce((sum, one) => sum + one.by, 0);
  if (whole <= 0) return [];
  const named = grown.filter((one) => one.layer.key !== null && one.by > 0).sort((one, other) => other.by - one.by).map(({ layer, by }) => ({ layer, share: Math.min(1, by / whole) }));
  if ((named[0]?.share ?? 0) >= kMuch || stretch === null) return named.slice(0, 1);
  return named.slice(0, kFew);
}

/** What the same buckets were before; only those that are known on both sides count. */
function beforeOf(drawn: Drawn, heights: readonly number[], known: readonly boolean[], lines: readonly Line[], stretch: Stretch | null): Answer['before'] {
  const { up } = drawn;
  const [first] = lines;
  if (!first || first.octets.length === 0) return null;
  const lineAt = (line: Line, ms: number) => line.octets[Math.floor((ms - line.from_ms) / line.width_ms)] ?? null;
  const pairs: [number, number][] = [];
  for (let bucket = stretch?.from ?? 0; bucket < (stretch?.to ?? up.count); bucket++) {
    const middle = (bucketStart(up, bucket) + bucketStart(up, bucket + 1)) / 2;
    const before = lines.map((line) => lineAt(line, middle));
    if (known[bucket] && before.every((one) => one !== null)) pairs.push([heights[bucket] ?? 0, before.reduce<number>((sum, one) => sum + (one ?? 0), 0)]);
  }
  if (pairs.length === 0) return null;
  const mean = (side: 0 | 1) => perSecond(up, pairs.reduce((sum, pair) => sum + pair[side], 0) / pairs.length);
  return { now: mean(0), then: mean(1) };
}

export function answerOf(drawn: Drawn, layers: readonly Layer[], known: readonly boolean[], lines: readonly Line[]): Answer {
  const { up } = drawn;
  const heights = together(drawn);
  const stretch = standsOut(heights, known);
  const lastKnown = known.lastIndexOf(true);
  return {
    stretch: stretch && {
      ...stretch, from_ms: bucketStart(up, stretch.from), to_ms: bucketStart(up, stretch.to), lasts: stretch.to > lastKnown,
      rate: perSecond(up, stretch.inside), times: stretch.outside > 0 ? stretch.inside / stretch.outside : Infinity,
    },
    who: whoOf(drawn, layers, known, stretch),
    before: beforeOf(drawn, heights, known, lines, stretch),
  };
}

export type Verdict = 'more' | 'as' | 'less';

/** Within a quarter more or a fifth less it is as it was. */
export function verdictOf({ now, then }: { now: number; then: number }): Verdict {
  if (then <= 0) return now > 0 ? 'more' : 'as';
  const times = now / then;
  return times > 1.25 ? 'more' : times < 0.8 ? 'less' : 'as';
}

/** "2.4 × as much", "31 % more", "12 % less". */
export function timesText({ now, then }: { now: number; then: number }): string {
  if (then <= 0) return now > 0 ? 'nothing then' : 'nothing, as then';
  const times = now / then;
  if (times >= 2) return `${times < 100 ? times.toFixed(1) : Math.round(times)} × as much`;
  const percent = Math.round((times - 1) * 100);
  return percent === 0 ? 'the same' : `${Math.abs(percent)} % ${percent > 0 ? 'more' : 'less'}`;
}
