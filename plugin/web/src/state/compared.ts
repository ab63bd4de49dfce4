// What the chart knows of an earlier time: the line behind it, its name, and whether there is more to come. Pure.

import { questionOf } from './queries';
import type { Compare, View } from './view';

/** Octets per bucket, on the axis of now; null where nothing is known. */
export interface Line {
  from_ms: number;
  to_ms: number;
  width_ms: number;
  octets: (number | null)[];
}

export const kCompareWords: Record<Exclude<Compare, 'none'>, string> = { week: 'last week', day: 'the day before' };

export function settledOf(view: View): string {
  return `${view.compare} ${questionOf(view)}`;
}
