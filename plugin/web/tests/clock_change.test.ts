import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { edgeAlign } from '../src/chart/paint_stack';
import { editedMoment, toClockText, toDayText } from '../src/format/clock_text';
import { formatRange } from '../src/format/time';
import { timeTicks } from '../src/format/time_ticks';

// In Berlin, 25 October 2026 has 02:00 to 03:00 twice, and 29 March 2026 has no such hour.
const zone = process.env.TZ;
beforeAll(() => void (process.env.TZ = 'Europe/Berlin'));
afterAll(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

const kMinute = 60_000;
const kHour = 60 * kMinute;
const clock = (ms: number) => new Date(ms).toString().slice(16, 21);

describe('when clocks change', () => {
  const second = Date.UTC(2026, 9, 25, 1, 15);

  it('an untouched field keeps its moment, also its milliseconds', () => {
    expect([toDayText(second), toClockText(second)]).toEqual(['2026-10-25', '02:15:00']);
    expect(editedMoment('2026-10-25', '02:15:00', second)).toBe(second);
    expect(editedMoment('2026-10-25', '2:15', second + 123)).toBe(second + 123);
    expect(editedMoment('2026-10-25', '04:15', second)).toBe(second + 2 * kHour);
  });

  it('a range that goes over it names both offsets', () => {
    expect(formatRange(second - kHour, second, second)).toBe('02:15 UTC+02:00 – 02:15 UTC+01:00');
    expect(formatRange(second, second + kHour, second)).toBe('02:15 – 03:15');
  });

  it('ticks stay on round hours and days', () => {
    const autumn = timeTicks(Date.UTC(2026, 9, 24, 22), Date.UTC(2026, 9, 25, 22, 59), 10);
    expect(autumn.map(clock)).toEqual(['00:00', '03:00', '06:00', '09:00', '12:00', '15:00', '18:00', '21:00']);
    const spring = timeTicks(Date.UTC(2026, 2, 28, 23), Date.UTC(2026, 2, 29, 4), 9);
    expect(spring.map(clock)).toEqual(['00:00', '01:00', '03:00', '04:00', '05:00', '06:00']);
    const week = timeTicks(Date.UTC(2026, 9, 22, 10), Date.UTC(2026, 9, 29, 10), 9);
    expect(week.map(clock)).toEqual(Array.from({ length: 7 }, () => '00:00'));
  });

  it('labels are moved only where they would be cut', () => {
    expect([10, 30, 500, 970, 990].map((tick) => edgeAlign(tick, 0, 1000))).toEqual(['left', 'center', 'center', 'center', 'right']);
  });

  it('ticks are few and even at every length', () => {
    const from = Date.UTC(2026, 5, 11, 10, 7, 13, 217);
    for (let span = 1000; span < 30 * 365 * 24 * kHour; span = Math.round(span * 1.7)) {
      const ticks = timeTicks(from, from + span, 9);
      expect(ticks.length, `in ${span} ms`).toBeGreaterThanOrEqual(span > 250 * 24 * kHour ? 2 : 3);
      expect(ticks.length, `in ${span} ms`).toBeLessThanOrEqual(9);
      expect(ticks.every((tick) => tick >= from && tick <= from + span)).toBe(true);
      expect(ticks).toEqual([...new Set(ticks)].sort((a, b) => a - b));
    }
    expect(timeTicks(from, from + 1000, 9).map((tick) => tick % 200)).toEqual([0, 0, 0, 0, 0]);
  });
});
