// A moment of today or of another day. Pure.

import { formatClock, formatDay, sameDay } from './time';

/** "02:48", with the day when it is not today's. */
export function formatMoment(ms: number, now_ms: number): string {
  const clock = formatClock(ms);
  return sameDay(ms, now_ms) ? clock : `${formatDay(ms)} ${clock}`;
}
