// Last, mean and max of what is drawn, over the time of which something is known. Pure.

import { isUnknown, type Hatch } from './gaps';
import { bucketStart, perSecond, type Stack } from './stack';

/** In octets per second. */
export interface Figures {
  last: number;
  mean: number;
  max: number;
}

/** Of which buckets something is known. */
export function knownBuckets(stack: Stack, hatches: readonly Hatch[]): boolean[] {
  return Array.from({ length: stack.count }, (_, bucket) => !isUnknown(hatches, bucketStart(stack, bucket), bucketStart(stack, bucket + 1)));
}

/**
 * Of which of them there are figures: of those that are known from end to end. A bucket of which a part is hatched, is to come, or
 * was before the oldest data would show less than there was. Where no bucket is known as a whole, parts are all there is.
 */
export function observedBuckets(stack: Stack, known: readonly boolean[], hatches: readonly Hatch[], oldest_ms: number | null): boolean[] {
  const touched = (from_ms: number, to_ms: number) => hatches.some((one) => one.whole && one.from_ms < to_ms && one.to_ms > from_ms);
  const parts = known.map((one, bucket) => one && bucketStart(stack, bucket + 1) > (oldest_ms ?? 0));
  const whole = parts.map((one, bucket) => one && bucketStart(stack, bucket) >= (oldest_ms ?? 0) && !touched(bucketStart(stack, bucket), bucketStart(stack, bucket + 1)));
  return whole.includes(true) ? whole : parts;
}

export function figuresOf(stack: Stack, octets: readonly number[], known: readonly boolean[]): Figures {
  const seen = octets.filter((_, bucket) => known[bucket]);
  if (seen.length === 0) return { last: 0, mean: 0, max: 0 };
  return {
    last: perSecond(stack, seen.at(-1) ?? 0),
    mean: perSecond(stack, seen.reduce((sum, one) => sum + one, 0) / seen.length),
    max: perSecond(stack, seen.reduce((most, one) => Math.max(most, one), 0)),
  };
}
