// Days and times of the clock as a person types them: 24 hours, whatever the browser's language. Pure but for the zone.

import { clockParts, momentOf } from './zone.svelte';

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** Value of a date input. */
export function toDayText(ms: number): string {
  const at = clockParts(ms);
  return `${String(at.year).padStart(4, '0')}-${two(at.month + 1)}-${two(at.day)}`;
}

export function toClockText(ms: number): string {
  const at = clockParts(ms);
  return `${two(at.hours)}:${two(at.minutes)}:${two(at.seconds)}`;
}

/** "9", "9:30", "0930", "09:30:15" and "093015" as HH:MM:SS; null for anything else. */
export function fromClockText(text: string): string | null {
  const typed = text.trim();
  const match = /^(\d{1,2})(?:[:.](\d{1,2}))?(?:[:.](\d{1,2}))?$/.exec(typed) ?? /^(\d{2})(\d{2})(\d{2})?$/.exec(typed) ?? /^(\d)(\d{2})$/.exec(typed);
  if (!match) return null;
  const [hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return hours < 24 && minutes < 60 && seconds < 60 ? `${two(hours)}:${two(minutes)}:${two(seconds)}` : null;
}

/** Epoch ms; null if the day or the time is incomplete. */
export function momentOnDay(day: string, clock: string): number | null {
  const date = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day);
  const time = fromClockText(clock);
  if (!date || time === null) return null;
  const [year = 0, month = 1, dayOfMonth = 1] = date.slice(1).map(Number);
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
  return momentOf(year, month - 1, dayOfMonth, hours, minutes, seconds);
}

/** What was typed over the moment that stood there. Untouched, it is that moment: the text has no milliseconds, and when clocks are set back it means two. */
export function editedMoment(day: string, clock: string, filled_ms: number | null): number | null {
  if (filled_ms !== null && day === toDayText(filled_ms) && fromClockText(clock) === toClockText(filled_ms)) return filled_ms;
  return momentOnDay(day, clock);
}
