// Times in the zone that the window shows (see zone.svelte.ts), always 24 hours.

import { clockParts, offsetMinutes, showsUtc } from './zone.svelte';

const kSecond = 1000;
const kMinute = 60 * kSecond;
const kHour = 60 * kMinute;
const kDay = 24 * kHour;

const kMonths = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function two(value: number): string {
  return String(value).padStart(2, '0');
}

export function formatClock(ms: number, seconds = false): string {
  const at = clockParts(ms);
  return `${two(at.hours)}:${two(at.minutes)}${seconds ? `:${two(at.seconds)}` : ''}`;
}

export function formatDay(ms: number): string {
  const at = clockParts(ms);
  return `${at.day} ${kMonths[at.month]}`;
}

export function sameDay(one_ms: number, other_ms: number): boolean {
  const [one, other] = [clockParts(one_ms), clockParts(other_ms)];
  return one.day === other.day && one.month === other.month && one.year === other.year;
}

/**
 * "02:48 – 03:03", with days where they differ from today, seconds where minutes would hide something.
 * A moving window is never exact to the second for long: it shows them only when it is short.
 */
export function formatRange(from_ms: number, to_ms: number, now_ms: number, moving = false): string {
  const short = to_ms - from_ms < 5 * kMinute;
  const odd = !moving && (from_ms % kMinute !== 0 || to_ms % kMinute !== 0) && to_ms - from_ms < 2 * kHour;
  const showSeconds = short || odd;
  const day = (ms: number) => {
    const { year } = clockParts(ms);
    return `${formatDay(ms)}${year === clockParts(now_ms).year ? '' : ` ${year}`} `;
  };
  const spans = !sameDay(from_ms, to_ms - 1);
  // In the night when clocks change, the same hour comes twice.
  const turned = !spans && formatOffset(from_ms) !== formatOffset(to_ms);
  const offset = (ms: number) => (turned ? ` ${formatOffset(ms)}` : '');
  const from = `${spans || !sameDay(from_ms, now_ms) ? day(from_ms) : ''}${formatClock(from_ms, showSeconds)}${offset(from_ms)}`;
  const to = `${spans ? day(to_ms) : ''}${formatClock(to_ms, showSeconds)}${offset(to_ms)}`;
  return `${from} – ${to}`;
}

/** "15 min", "1 h 30 min", "7 d": the two largest parts. */
export function formatDuration(ms: number): string {
  const parts: [number, string][] = [[kDay, 'd'], [kHour, 'h'], [kMinute, 'min'], [kSecond, 's']];
  const words: string[] = [];
  let rest = Math.round(ms);
  for (const [unit, name] of parts) {
    const count = Math.floor(rest / unit);
    if (count > 0) words.push(`${count} ${name}`);
    rest -= count * unit;
    if (words.length === 2) break;
  }
  return words.length > 0 ? words.join(' ') : `${Math.round(ms)} ms`;
}

/** "0:07" for a countdown. */
export function formatCountdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / kSecond));
  return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}

/** Start and last update of a session: to the millisecond, the day only if it is not the day of reference. */
export function formatStamp(ms: number, reference_ms: number): string {
  const clock = `${formatClock(ms, true)}.${String(clockParts(ms).ms).padStart(3, '0')}`;
  return sameDay(ms, reference_ms) ? clock : `${formatDay(ms)} ${clock}`;
}

/** "UTC+02:00" of the zone that is shown, at that time; "UTC" when it is that. */
export function formatOffset(ms: number): string {
  if (showsUtc()) return 'UTC';
  const minutes = offsetMinutes(ms);
  const size = Math.abs(minutes);
  return `UTC${minutes < 0 ? '−' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** A label under the time axis: finer as the range gets shorter. */
export function formatTick(ms: number, span_ms: number): string {
  const at = clockParts(ms);
  if (span_ms <= 10 * kSecond) return `${formatClock(ms, true)}.${String(at.ms).padStart(3, '0')}`;
  if (span_ms <= 10 * kMinute) return formatClock(ms, true);
  // Midnight says which day begins.
  if (span_ms <= 300 * kDay && at.hours === 0 && at.minutes === 0) return formatDay(ms);
  if (span_ms > 300 * kDay) return `${kMonths[at.month]} ${at.year}`;
  if (span_ms > 4 * kDay) return `${formatDay(ms)} ${formatClock(ms)}`;
  return formatClock(ms);
}
