// How much each row rose around a moment: its rate after the rise less its rate just before it. Pure.

import { keyId } from '../format/names';
import type { QueryResult } from '../generated/api';

/** What is compared: the buckets [before, jump) with those from `after` to `end`. The bucket of the jump itself is part of neither. */
interface Spans {
  before: number;
  jump: number;
  after: number;
  end: number;
}

function meanOf(values: readonly number[], from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at++) sum += values[at] ?? 0;
  return to > from ? sum / (to - from) : 0;
}

function spansAt(jump: number, width: number, count: number): Spans {
  const after = jump + 1 < count ? jump + 1 : jump;
  return { before: Math.max(0, jump - width), jump, after, end: Math.min(count, after + width) };
}

// A problem is noticed some time after its traffic rose, so the jump is looked for: from halfway between the start of the
// range and the moment up to the moment. It is where all rows together rose the most, so that the rows can be compared.
function spansOf(heights: readonly number[], moment: number): Spans | null {
  if (moment < 1 || moment > heights.length) return null;
  const width = Math.max(1, Math.floor(moment / 8));
  let best: Spans | null = null;
  let most = -Infinity;
  for (let jump = Math.max(1, Math.floor(moment / 2)); jump <= Math.min(moment, heights.length - 1); jump++) {
    const spans = spansAt(jump, width, heights.length);
    const rose = meanOf(heights, spans.after, spans.end) - meanOf(heights, spans.before, spans.jump);
    if (rose > most) [best, most] = [spans, rose];
  }
  return best;
}

/** Octets per second by id of the row; null when the moment is not in what is shown. */
export function risesOf(result: QueryResult, at_ms: number): ReadonlyMap<string, number> | null {
  const { from_ms, to_ms, count, width_ms } = result.buckets;
  if (count === 0 || at_ms <= from_ms || at_ms > to_ms) return null;
  const heights = Array.from({ length: count }, (_, bucket) => result.series.reduce((sum, series) => sum + (series.octets[bucket] ?? 0), 0));
  const spans = spansOf(heights, Math.floor((at_ms - from_ms) / width_ms));
  if (!spans) return null;
  const perSecond = 1000 / width_ms;
  return new Map(result.series.filter((series) => !series.other).map((series) => [
    keyId(series.key), (meanOf(series.octets, spans.after, spans.end) - meanOf(series.octets, spans.before, spans.jump)) * perSecond,
  ]));
}
