// The same hour a week or a day earlier, as a line behind the chart: what tells whether this is normal. Part of FlowsWindow, loaded when
// there is something to compare.

import type { RpcClient } from '../api/rpc_client';
import { hatchesOf, isUnknown } from '../chart/gaps';
import { clockParts, momentOf } from '../format/zone.svelte';
import type { QueryParams, QueryResult, Range } from '../generated/api';
import type { Clock } from './clock';
import { settledOf, type Line } from './compared';
import { questionOf, sideFilters } from './queries';
import { pageOf } from './tabs';
import { bucketCount } from './time_range';
import type { Compare, View } from './view';

export interface Earlier {
  question: string;
  compare: Compare;
  /** Of now: the range that it stands behind. */
  range: Range;
  /** Above the axis, and below it where the view has two sides. */
  up: Line;
  down: Line | null;
}

const kDays: Record<Exclude<Compare, 'none'>, number> = { week: 7, day: 1 };
/** A moving window is compared anew when it has moved by this part of its length. */
const kMoved = 1 / 20;

/** The same time by the clock, days earlier: also across the change of clocks. */
export function daysBefore(ms: number, days: number): number {
  const { year, month, day, hours, minutes, seconds, ms: rest } = clockParts(ms);
  return momentOf(year, month, day - days, hours, minutes, seconds) + rest;
}

export function lineOf(result: QueryResult, shift_ms: number, answered_ms: number, oldest_ms: number): Line {
  const { from_ms, to_ms, count, width_ms } = result.buckets;
  const hatches = hatchesOf(result, answered_ms, String);
  const octets = Array.from({ length: count }, (_, bucket) => {
    const [start, end] = [from_ms + bucket * width_ms, from_ms + (bucket + 1) * width_ms];
    if (start < oldest_ms || isUnknown(hatches, start, end)) return null;
    return result.series.reduce((sum, series) => sum + (series.octets[bucket] ?? 0), 0);
  });
  return { from_ms: from_ms + shift_ms, to_ms: to_ms + shift_ms, width_ms, octets };
}

export class EarlierWatch {
  shown = $state.raw<Earlier | null>(null);
  /** The question, and what it was compared with, of which is known what can be known. */
  settled = $state<string | null>(null);
  private asked: { question: string; compare: Compare; to_ms: number } | null = null;
  private running: AbortController | null = null;

  constructor(private readonly call: RpcClient['call'], private readonly clock: Clock) {}

  /** Asks for the time before this range, unless that is on screen already; oldest_ms: nothing older is stored. */
  async follow(view: View, range: Range, oldest_ms: number | null): Promise<void> {
    if (oldest_ms === null) return;
    const question = questionOf(view);
    const { compare } = view;
    const span = range.to_ms - range.from_ms;
    const same = this.asked?.question === question && this.asked.compare === compare;
    if (same && Math.abs((this.asked?.to_ms ?? 0) - range.to_ms) < span * kMoved) return;
    this.running?.abort();
    this.running = null;
    this.asked = { question, compare, to_ms: range.to_ms };
    if (!same) [this.shown, this.settled] = [null, null];
    if (compare === 'none' || pageOf(view.tab)) return;
    const shift_ms = range.to_ms - daysBefore(range.to_ms, kDays[compare]);
    const before = { from_ms: Math.floor(range.from_ms - shift_ms), to_ms: Math.ceil(range.to_ms - shift_ms) };
    // A range that is longer than the shift would be compared with a part of itself.
    if (before.to_ms <= oldest_ms || before.from_ms < 0 || span > shift_ms) {
      this.settled = settledOf(view);
      return;
    }
    const running = new AbortController();
    this.running = running;
    const ask = (filter: string) => {
      const params: QueryParams = { range: before, by: ['exporter'], limit: 1, buckets: bucketCount(range) };
      return this.call('flows.top', filter === '' ? params : { ...params, filter }, running.signal);
    };
    try {
      const [up, down] = await Promise.all(sideFilters(view).map(ask));
      if (this.running !== running || !up) return;
      const line = (result: QueryResult) => lineOf(result, shift_ms, this.clock.now(), oldest_ms);
      this.shown = { question, compare, range, up: line(up), down: down ? line(down) : null };
    } catch {
      // The line is an extra: what is wrong with the question is told by the chart's own answer.
    }
    if (this.running === running) this.settled = settledOf(view);
  }
}
