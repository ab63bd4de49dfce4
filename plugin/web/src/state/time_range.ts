// The range of time in view: a moving window ("last 15 min"), a fixed interval, or all that is stored.

import type { Range } from '../generated/api';

export type RangeSpec =
  | { kind: 'last'; ms: number }
  | { kind: 'fixed'; from_ms: number; to_ms: number }
  | { kind: 'all' };

export const kBuckets = 200;
export const kShortest_ms = 1000;

const kMinute = 60_000;
const kHour = 60 * kMinute;

export const kPresets: { label: string; spec: RangeSpec }[] = [
  { label: '5 min', spec: { kind: 'last', ms: 5 * kMinute } },
  { label: '15 min', spec: { kind: 'last', ms: 15 * kMinute } },
  { label: '1 h', spec: { kind: 'last', ms: 60 * kMinute } },
  { label: '6 h', spec: { kind: 'last', ms: 6 * 60 * kMinute } },
  { label: '24 h', spec: { kind: 'last', ms: 24 * 60 * kMinute } },
  { label: '7 d', spec: { kind: 'last', ms: 7 * 24 * 60 * kMinute } },
  { label: '30 d', spec: { kind: 'last', ms: 30 * 24 * 60 * kMinute } },
  { label: 'All', spec: { kind: 'all' } },
];

export function sameRange(one: RangeSpec, other: RangeSpec): boolean {
  return formatSpec(one) === formatSpec(other);
}

/** How wide each of about `most` buckets is: whole hours from nearly an hour on, for the collector has sums of whole hours. */
export function bucketWidth(span_ms: number, most = kBuckets): number {
  const width = Math.max(1, Math.round(span_ms / most));
  return width < (3 / 4) * kHour ? width : Math.ceil(span_ms / most / kHour) * kHour;
}

/** How many buckets to ask for, so that they are whole hours where the range allows it. */
export function bucketCount(range: Range | null): number {
  if (range === null) return kBuckets;
  const span = range.to_ms - range.from_ms;
  const width = bucketWidth(span);
  return width % kHour === 0 && range.from_ms % kHour === 0 && span % width === 0 ? span / width : kBuckets;
}

/** The range with about `most` buckets, a little wider where these can be whole hours then. */
export function wholeBuckets(range: Range, most: number): { range: Range; buckets: number } {
  const width = bucketWidth(range.to_ms - range.from_ms, most);
  if (width % kHour !== 0) return { range, buckets: most };
  const from_ms = Math.floor(range.from_ms / width) * width;
  const buckets = Math.ceil((range.to_ms - from_ms) / width);
  return { range: { from_ms, to_ms: from_ms + buckets * width }, buckets };
}

/**
 * The interval to ask for at this moment; null asks for all.
 * A moving window ends on a whole bucket, so that buckets keep their edges from one refresh to the next.
 */
export function resolveRange(spec: RangeSpec, now_ms: number): Range | null {
  if (spec.kind === 'all') return null;
  if (spec.kind === 'fixed') return { from_ms: spec.from_ms, to_ms: spec.to_ms };
  const width = bucketWidth(spec.ms);
  const to_ms = Math.ceil(now_ms / width) * width;
  const count = width % kHour === 0 ? Math.ceil(spec.ms / width) : kBuckets;
  return { from_ms: Math.max(0, to_ms - width * count), to_ms };
}

// Before 1970 and after 9999 there is nothing to see, and a link could not carry it.
const kLatest_ms = Date.UTC(9999, 11, 31);
function bounded(ms: number): number {
  return Math.min(kLatest_ms, Math.max(0, ms));
}

export function fixedRange(from_ms: number, to_ms: number): RangeSpec {
  const from = bounded(Math.floor(Math.min(from_ms, to_ms)));
  const to = bounded(Math.ceil(Math.max(from_ms, to_ms)));
  return { kind: 'fixed', from_ms: from, to_ms: Math.max(to, from + kShortest_ms) };
}

/** One range further back (-1) or forward (+1). */
export function shiftRange(shown: Range, steps: number): RangeSpec {
  const width = shown.to_ms - shown.from_ms;
  return fixedRange(shown.from_ms + steps * width, shown.to_ms + steps * width);
}

/** Same length, this moment in the middle. */
export function centreRange(shown: Range, at_ms: number): RangeSpec {
  const half = Math.round((shown.to_ms - shown.from_ms) / 2);
  return fixedRange(Math.round(at_ms) - half, Math.round(at_ms) + half);
}

/** Three times as long around the same middle, but not into the future. */
export function widenRange(shown: Range, now_ms: number): RangeSpec {
  const width = shown.to_ms - shown.from_ms;
  const to_ms = Math.min(shown.to_ms + width, Math.max(shown.to_ms, now_ms));
  return fixedRange(to_ms - 3 * width, to_ms);
}

const kUnits: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** "15m", "all" or "1700000000000-1700000900000": how a range stands in the URL. */
export function formatSpec(spec: RangeSpec): string {
  if (spec.kind === 'all') return 'all';
  if (spec.kind === 'fixed') return `${spec.from_ms}-${spec.to_ms}`;
  for (const unit of ['d', 'h', 'm', 's']) {
    const size = kUnits[unit] ?? 1;
    if (spec.ms % size === 0) return `${spec.ms / size}${unit}`;
  }
  return `${Math.round(spec.ms / 1000)}s`;
}

/** Reads what formatSpec wrote; null for anything else. */
export function parseSpec(text: string): RangeSpec | null {
  if (text === 'all') return { kind: 'all' };
  const last = /^(\d{1,7})([smhd])$/.exec(text);
  if (last) {
    const ms = Number(last[1]) * (kUnits[last[2] ?? 's'] ?? 1000);
    return ms >= kShortest_ms ? { kind: 'last', ms } : null;
  }
  const fixed = /^(\d{1,15})-(\d{1,15})$/.exec(text);
  if (fixed) {
    const from_ms = Number(fixed[1]);
    const to_ms = Number(fixed[2]);
    return to_ms > from_ms ? fixedRange(from_ms, to_ms) : null;
  }
  return null;
}

/** A time in a link that somebody wrote: epoch ms or ISO 8601; null if it is neither. */
export function parseTime(text: string): number | null {
  const ms = /^\d{1,15}$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isFinite(ms) ? ms : null;
}
