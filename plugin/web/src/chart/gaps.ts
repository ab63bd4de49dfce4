// Where a chart does not know: exporters that were not heard, a collector that was down, data that is still on its way. Such time
// is hatched, for its zero is no measurement. Pure.

import type { QueryResult } from '../generated/api';

/** A stretch of the chart. Whole: nothing in question is known of it; else some exporters are missing and the height is too small. */
export interface Hatch {
  from_ms: number;
  to_ms: number;
  whole: boolean;
  words: string[];
}

type Reason = 'collector_down' | 'not_heard' | 'late' | 'future';

interface Absence {
  from_ms: number;
  to_ms: number;
  reason: Reason;
  exporter: string | null;
}

/** Shorter than a pixel is not drawn apart from what is beside it. */
const kPixels = 1000;
const kNamed = 3;

function absencesOf(result: QueryResult, answered_ms: number): Absence[] {
  const { range, quality } = result;
  const end_ms = Math.min(range.to_ms, Math.max(range.from_ms, answered_ms));
  const absences: Absence[] = (quality.gaps ?? []).map((gap) => ({ from_ms: gap.from_ms, to_ms: gap.to_ms, reason: gap.reason, exporter: gap.exporter ?? null }));
  const late = (quality.exporters ?? []).filter((one) => one.late_ms > 0);
  for (const one of late) absences.push({ from_ms: end_ms - one.late_ms, to_ms: end_ms, reason: 'late', exporter: one.exporter });
  if (late.length === 0 && quality.late_ms > 0) absences.push({ from_ms: end_ms - quality.late_ms, to_ms: end_ms, reason: 'late', exporter: null });
  if (end_ms < range.to_ms) absences.push({ from_ms: end_ms, to_ms: range.to_ms, reason: 'future', exporter: null });
  return absences;
}

function listed(exporters: readonly string[], nameOf: (address: string) => string): string {
  const names = exporters.slice(0, kNamed).map(nameOf);
  const more = exporters.length - names.length;
  if (more > 0) return `${names.join(', ')} and ${more} more`;
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function wordsOf(active: readonly Absence[], nameOf: (address: string) => string): string[] {
  const who = (reason: Reason) => [...new Set(active.filter((one) => one.reason === reason).map((one) => one.exporter))];
  const words: string[] = [];
  if (who('collector_down').length > 0) words.push('The collector was not running: nothing was received');
  const silent = who('not_heard').filter((one) => one !== null);
  if (silent.length > 0) words.push(`Not heard: ${listed(silent, nameOf)}`);
  // A silent exporter is late as well. It is named once.
  const late = who('late').filter((one) => one === null || !silent.includes(one));
  const named = late.filter((one) => one !== null);
  if (late.length > 0) words.push(named.length > 0 ? `Not all has arrived yet: ${listed(named, nameOf)}` : 'Not all has arrived yet');
  if (who('future').length > 0) words.push('This time has not come yet');
  return words;
}

function isWhole(active: readonly Absence[], inQuestion: number): boolean {
  if (active.some((one) => one.exporter === null)) return true;
  return new Set(active.map((one) => one.exporter)).size >= inQuestion;
}

/** In the order of time, without overlaps. `nameOf` an exporter's address. */
export function hatchesOf(result: QueryResult, answered_ms: number, nameOf: (address: string) => string): Hatch[] {
  const { from_ms, to_ms } = result.range;
  const grain = Math.max(1, (to_ms - from_ms) / kPixels);
  const down = (ms: number) => from_ms + Math.floor((ms - from_ms) / grain) * grain;
  const up = (ms: number) => from_ms + Math.ceil((ms - from_ms) / grain) * grain;
  const absences = absencesOf(result, answered_ms)
    .map((one) => ({ ...one, from_ms: Math.max(from_ms, down(one.from_ms)), to_ms: Math.min(to_ms, up(one.to_ms)) }))
    .filter((one) => one.from_ms < one.to_ms);
  const edges = [...new Set(absences.flatMap((one) => [one.from_ms, one.to_ms]))].sort((one, other) => one - other);
  const inQuestion = Math.max(1, result.quality.exporters_in_question ?? 1);
  const hatches: Hatch[] = [];
  for (let at = 0; at + 1 < edges.length; at++) {
    const [first = 0, last = 0] = edges.slice(at, at + 2);
    const active = absences.filter((one) => one.from_ms < last && one.to_ms > first);
    if (active.length === 0) continue;
    const words = wordsOf(active, nameOf);
    const whole = isWhole(active, inQuestion);
    const before = hatches.at(-1);
    if (before && before.to_ms === first && before.whole === whole && before.words.join() === words.join()) before.to_ms = last;
    else hatches.push({ from_ms: first, to_ms: last, whole, words });
  }
  return hatches;
}

/** The length that a mean is taken over: of the range, what had passed when the answer came, after the oldest data, and not hatched. */
export function observedLength(result: QueryResult, oldest_ms: number | null, answered_ms: number, hatches: readonly Hatch[]): number {
  const { range } = result;
  const from_ms = Math.max(range.from_ms, Math.min(oldest_ms ?? range.from_ms, range.to_ms));
  const to_ms = Math.min(range.to_ms, answered_ms);
  const inside = (one: Hatch) => Math.max(0, Math.min(one.to_ms, to_ms) - Math.max(one.from_ms, from_ms));
  const unknown = hatches.filter((one) => one.whole).reduce((sum, one) => sum + inside(one), 0);
  return Math.max(1, to_ms - from_ms - unknown);
}

/** Nothing is known of the whole interval. */
export function isUnknown(hatches: readonly Hatch[], from_ms: number, to_ms: number): boolean {
  return hatches.some((one) => one.whole && one.from_ms <= from_ms && one.to_ms >= to_ms);
}

/** What the hatches that touch an interval say. */
export function wordsWithin(hatches: readonly Hatch[], from_ms: number, to_ms: number): string[] {
  return [...new Set(hatches.filter((one) => one.from_ms < to_ms && one.to_ms > from_ms).flatMap((one) => one.words))];
}
