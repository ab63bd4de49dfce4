import { describe, expect, it } from 'vitest';
import { formatCountdown, formatDuration, formatOffset, formatRange, formatStamp, formatTick } from '../src/format/time';
import { fromClockText, momentOnDay, toClockText, toDayText } from '../src/format/clock_text';

const at = (day: number, hour: number, minute: number, second = 0, ms = 0) => new Date(2026, 10, day, hour, minute, second, ms).getTime();

describe('times', () => {
  it('names the day only where it is not today', () => {
    expect(formatRange(at(23, 2, 48), at(23, 3, 3), at(23, 9, 0))).toBe('02:48 – 03:03');
    expect(formatRange(at(22, 2, 48), at(22, 3, 3), at(23, 9, 0))).toBe('22 Nov 02:48 – 03:03');
    expect(formatRange(at(22, 23, 0), at(23, 1, 0), at(23, 9, 0))).toBe('22 Nov 23:00 – 23 Nov 01:00');
    expect(formatRange(at(22, 22, 0), at(23, 0, 0), at(22, 23, 0))).toBe('22:00 – 00:00');
  });

  it('shows seconds where minutes would hide something', () => {
    expect(formatRange(at(23, 2, 48, 5), at(23, 2, 48, 20), at(23, 9, 0))).toBe('02:48:05 – 02:48:20');
    expect(formatRange(at(23, 2, 48, 5), at(23, 3, 3, 5), at(23, 9, 0))).toBe('02:48:05 – 03:03:05');
    expect(formatRange(at(23, 2, 48, 5), at(23, 3, 3, 5), at(23, 9, 0), true)).toBe('02:48 – 03:03');
  });

  it('says durations in the two largest parts', () => {
    expect([500, 7000, 900_000, 5_400_000, 90_061_000].map(formatDuration)).toEqual(['500 ms', '7 s', '15 min', '1 h 30 min', '1 d 1 h']);
  });

  it('counts down in whole seconds and not below zero', () => {
    expect([-5, 0, 6_100, 61_000].map(formatCountdown)).toEqual(['0:00', '0:00', '0:07', '1:01']);
  });

  it('stamps to the millisecond', () => {
    expect(formatStamp(at(23, 14, 5, 6, 7), at(23, 20, 0))).toBe('14:05:06.007');
    expect(formatStamp(at(22, 14, 5, 6, 7), at(23, 20, 0))).toBe('22 Nov 14:05:06.007');
  });

  it('goes through the input fields and back', () => {
    const ms = at(3, 4, 5, 6);
    expect([toDayText(ms), toClockText(ms)]).toEqual(['2026-11-03', '04:05:06']);
    expect(momentOnDay(toDayText(ms), toClockText(ms))).toBe(ms);
    expect(momentOnDay('2026-11-03', '')).toBeNull();
  });

  it('of the clock are typed as one writes them, in 24 hours', () => {
    expect(['9', '09', '9:30', '930', '0930', '21.05', '21:05:7', '210507', ' 23:59:59 '].map(fromClockText)).toEqual(['09:00:00', '09:00:00', '09:30:00', '09:30:00', '09:30:00', '21:05:00', '21:05:07', '21:05:07', '23:59:59']);
    expect(['24:00', '9:60', '9 am', '', '12:', '12345', '1:2:3:4'].map(fromClockText)).toEqual(new Array(7).fill(null));
  });

  it('labels ticks as finely as the range needs', () => {
    expect(formatTick(at(23, 2, 5, 30), 300_000)).toBe('02:05:30');
    expect(formatTick(at(23, 2, 5), 3_600_000)).toBe('02:05');
    expect(formatTick(at(23, 0, 0), 2 * 86_400_000)).toBe('23 Nov');
  });

  it('names the offset of the reader', () => {
    expect(formatOffset(at(23, 0, 0))).toMatch(/^UTC[+−]\d\d:\d\d$/);
  });
});
