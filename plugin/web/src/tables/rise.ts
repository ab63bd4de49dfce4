// How much each row rose at a moment: its rate around that moment less its rate before. Pure.

import { keyId } from '../format/names';
import type { QueryResult, Range } from '../generated/api';

/** Something shows only after a while, so what is called "then" begins halfway between the start of the range and the moment. */
function spans(range: Range, at_ms: number): { split_ms: number; end_ms: number } | null {
  if (at_ms <= range.from_ms || at_ms > range.to_ms) return null;
  const lead_ms = (at_ms - range.from_ms) / 2;
  return { split_ms: at_ms - lead_ms, end_ms: Math.min(range.to_ms, at_ms + lead_ms) };
}

/** Octets per second by id of the row; null when the moment is not in what is shown. */
export function risesOf(result: QueryResult, at_ms: number): ReadonlyMap<string, number> | null {
  const { from_ms, to_ms, count, width_ms } = result.buckets;
  const parts = count > 0 ? spans({ from_ms, to_ms }, at_ms) : null;
  if (!parts) return null;
  const split = Math.min(count - 1, Math.max(1, Math.round((parts.split_ms - from_ms) / width_ms)));
  const end = Math.min(count, Math.max(split + 1, Math.ceil((parts.end_ms - from_ms) / width_ms)));
  const rate = (octets: readonly number[], from: number, to: number) => octets.slice(from, to).reduce((sum, one) => sum + one, 0) / (((to - from) * width_ms) / 1000);
  return new Map(result.series.filter((series) => !series.other).map((series) => [keyId(series.key), rate(series.octets, split, end) - rate(series.octets, 0, split)]));
}
