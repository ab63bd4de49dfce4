import { afterEach, describe, expect, it } from 'vitest';
import { momentOnDay, toClockText, toDayText } from '../src/format/clock_text';
import { formatClock, formatOffset, formatRange, formatTick } from '../src/format/time';
import { timeTicks } from '../src/format/time_ticks';
import { showUtc } from '../src/format/zone.svelte';

const kHour = 3_600_000;
const kNoon = Date.UTC(2026, 10, 23, 12, 0);

afterEach(() => {
  showUtc(false);
  delete process.env.TZ;
});

describe('in UTC', () => {
  it('every time is, wherever the reader sits', () => {
    for (const zone of ['America/New_York', 'Asia/Kolkata', 'Pacific/Chatham']) {
      process.env.TZ = zone;
      showUtc(true);
      expect(formatClock(kNoon)).toBe('12:00');
      expect(formatOffset(kNoon)).toBe('UTC');
      expect(formatRange(kNoon - kHour, kNoon, kNoon)).toBe('11:00 – 12:00');
      expect(toClockText(kNoon + 5000)).toBe('12:00:05');
      expect(momentOnDay('2026-11-23', '12')).toBe(kNoon);
      expect(momentOnDay('', '12:00')).toBeNull();
      expect(timeTicks(kNoon - kHour, kNoon, 9).every((ms) => ms % (10 * 60_000) === 0)).toBe(true);
      expect(timeTicks(kNoon - 5 * 24 * kHour, kNoon, 9).every((ms) => ms % (24 * kHour) === 0)).toBe(true);
      showUtc(false);
      expect(formatClock(kNoon)).not.toBe('12:00');
      expect(momentOnDay(toDayText(kNoon + 5000), toClockText(kNoon + 5000))).toBe(kNoon + 5000);
    }
  });

  it('midnight has its date also in the picture of a day', () => {
    showUtc(true);
    expect(formatTick(Date.UTC(2026, 10, 24), 24 * kHour)).toBe('24 Nov');
    expect(formatTick(Date.UTC(2026, 10, 24), kHour)).toBe('24 Nov');
    expect(formatTick(Date.UTC(2026, 10, 24, 1), 6 * kHour)).toBe('01:00');
  });
});
