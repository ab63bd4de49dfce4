// Round moments of the clock that is shown for the time axis, evenly spaced at every length, also when clocks change.

import { clockParts, momentOf } from './zone.svelte';

const kSecond = 1000;
const kMinute = 60 * kSecond;
const kHour = 60 * kMinute;
const kDay = 24 * kHour;

const kShortSteps_ms = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((count) => count * kSecond),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * kMinute),
];
const kHours = [1, 2, 3, 6, 12];
const kDays = [1, 2, 4, 7, 14];
const kMonths = [1, 2, 3, 6, 12];
const kMonth = 31 * kDay;

function take(next: (step: number) => number, from_ms: number, to_ms: number): number[] {
  const ticks: number[] = [];
  for (let step = 0; ; step++) {
    const at_ms = next(step);
    if (at_ms > to_ms) return ticks;
    // An hour that the clock leaves out has no tick of its own.
    if (at_ms >= from_ms && at_ms !== ticks.at(-1)) ticks.push(at_ms);
  }
}

/** More are more than anybody reads, and on a wall they would be closer than their words tell apart. */
const kMostTicks = 9;
const kTick_px = 90;

/** As many as have room side by side. */
export function tickCount(width_px: number): number {
  return Math.max(3, Math.min(kMostTicks, Math.floor(width_px / kTick_px)));
}

/** At most `most` moments in [from_ms, to_ms], as close as that allows. */
export function timeTicks(from_ms: number, to_ms: number, most: number): number[] {
  const fits = (step_ms: number) => (to_ms - from_ms) / step_ms <= most - 1;
  const { year, month, day, minutes, seconds, ms } = clockParts(from_ms);
  const short = kShortSteps_ms.find(fits);
  if (short !== undefined) {
    // Zones lie whole minutes apart: the hour of the clock is where rounding begins.
    const hour = from_ms - (minutes * kMinute + seconds * kSecond + ms);
    const first = hour + Math.ceil((from_ms - hour) / short) * short;
    return take((step) => first + step * short, from_ms, to_ms);
  }
  const hours = kHours.find((count) => fits(count * kHour));
  if (hours !== undefined) return take((step) => momentOf(year, month, day, step * hours), from_ms, to_ms);
  const days = kDays.find((count) => fits(count * kDay));
  if (days !== undefined) {
    const since = Math.floor(Date.UTC(year, month, day) / kDay);
    return take((step) => momentOf(year, month, day - (since % days) + step * days), from_ms, to_ms);
  }
  const months = kMonths.find((count) => fits(count * kMonth)) ?? 12 * Math.ceil((to_ms - from_ms) / (12 * kMonth * (most - 1)));
  return take((step) => momentOf(year, month - (month % Math.min(12, months)) + step * months), from_ms, to_ms);
}
