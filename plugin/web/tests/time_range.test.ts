import { describe, expect, it } from 'vitest';
import { bucketCount, centreRange, fixedRange, formatSpec, kBuckets, kPresets, parseSpec, parseTime, resolveRange, shiftRange, widenRange } from '../src/state/time_range';

describe('time ranges', () => {
  it('keeps the edges of buckets while time moves', () => {
    const spec = { kind: 'last' as const, ms: 900_000 };
    const width = 900_000 / kBuckets;
    const first = resolveRange(spec, 1_700_000_000_001);
    const second = resolveRange(spec, 1_700_000_000_001 + 10_000);
    expect(first && (first.to_ms - first.from_ms)).toBe(900_000);
    expect(first?.to_ms).toBeGreaterThanOrEqual(1_700_000_000_001);
    expect(((second?.to_ms ?? 0) - (first?.to_ms ?? 0)) % width).toBe(0);
  });

  it('asks for whole hours where a bucket is about one or longer', () => {
    const hour = 3_600_000;
    for (const days of [7, 14, 30, 90, 400]) {
      for (const now_ms of [1_700_000_000_001, 1_700_049_600_000]) {
        const range = resolveRange({ kind: 'last', ms: days * 24 * hour }, now_ms)!;
        const count = bucketCount(range);
        expect(range.from_ms % hour).toBe(0);
        expect(((range.to_ms - range.from_ms) / count) % hour).toBe(0);
        expect(range.to_ms).toBeGreaterThanOrEqual(now_ms);
        expect(range.to_ms - range.from_ms).toBeGreaterThanOrEqual(days * 24 * hour);
        expect(count).toBeLessThanOrEqual(kBuckets);
        expect(count).toBeGreaterThan(kBuckets / 2);
      }
    }
    expect(bucketCount({ from_ms: 0, to_ms: 24 * hour })).toBe(kBuckets);
    expect(bucketCount({ from_ms: 1, to_ms: 1 + 30 * 24 * hour })).toBe(kBuckets);
    expect(bucketCount(null)).toBe(kBuckets);
  });

  it('asks for all without a range', () => {
    expect(resolveRange({ kind: 'all' }, 5)).toBeNull();
  });

  it('puts a dragged interval in order and gives it a length', () => {
    expect(fixedRange(5000.7, 2000.2)).toEqual({ kind: 'fixed', from_ms: 2000, to_ms: 5001 });
    expect(fixedRange(5000, 5000)).toEqual({ kind: 'fixed', from_ms: 5000, to_ms: 6000 });
  });

  it('moves and widens around what is shown', () => {
    const shown = { from_ms: 10_000, to_ms: 14_000 };
    expect(shiftRange(shown, -1)).toEqual({ kind: 'fixed', from_ms: 6000, to_ms: 10_000 });
    expect(shiftRange(shown, 1)).toEqual({ kind: 'fixed', from_ms: 14_000, to_ms: 18_000 });
    expect(widenRange(shown, 100_000)).toEqual({ kind: 'fixed', from_ms: 6000, to_ms: 18_000 });
    expect(centreRange(shown, 20_000)).toEqual({ kind: 'fixed', from_ms: 18_000, to_ms: 22_000 });
  });

  it('widens into the past alone when the future begins', () => {
    const shown = { from_ms: 10_000, to_ms: 14_000 };
    for (const now_ms of [0, 12_000, 14_000, 15_500, 17_999, 18_000, 30_000]) {
      const wide = widenRange(shown, now_ms) as { from_ms: number; to_ms: number };
      expect(wide.to_ms - wide.from_ms).toBe(12_000);
      expect(wide.to_ms).toBeLessThanOrEqual(Math.max(shown.to_ms, now_ms));
      expect(wide.from_ms).toBeLessThanOrEqual(shown.from_ms);
      expect(wide.to_ms).toBeGreaterThanOrEqual(shown.to_ms);
    }
  });

  it('does not leave the time that a link can carry', () => {
    let range = { from_ms: Date.UTC(2026, 0, 1), to_ms: Date.UTC(2026, 0, 2) };
    for (let times = 0; times < 40; times++) range = widenRange(range, Number.MAX_SAFE_INTEGER) as { kind: 'fixed' } & typeof range;
    expect(range.from_ms).toBe(0);
    expect(parseSpec(formatSpec({ kind: 'fixed', ...range }))).toEqual({ kind: 'fixed', ...range });
    expect(shiftRange(range, -1)).toMatchObject({ from_ms: 0 });
    expect(resolveRange({ kind: 'last', ms: 9e14 }, 1_700_000_000_000)?.from_ms).toBe(0);
  });

  it('reads what it writes', () => {
    for (const { spec } of kPresets) expect(parseSpec(formatSpec(spec))).toEqual(spec);
    expect(formatSpec({ kind: 'last', ms: 396_000 })).toBe('396s');
    for (const text of ['', '0m', '5x', '9-3', '-5m', '15 m']) expect(parseSpec(text)).toBeNull();
    expect(parseTime('next week')).toBeNull();
  });
});
