// All that is stored in one small picture: what the strip under the chart shows. Asked seldom, for it reads the whole store.
// Part of FlowsWindow, which ticks it.

import type { RpcClient } from '../api/rpc_client';
import type { QueryParams, StatusGetResult } from '../generated/api';
import type { Clock } from './clock';
import { wholeBuckets } from './time_range';

export interface Overview {
  exporter: string | null;
  from_ms: number;
  to_ms: number;
  octets: number[];
}

const kBuckets = 240;
const kEvery_ms = 5 * 60_000;
/** A store that takes long to read is read less often: this many times as long as that took. */
const kRests = 200;
/** The first look is at the chart: the strip comes after it. */
const kFirst_ms = 1000;

export class OverviewWatch {
  shown = $state.raw<Overview | null>(null);
  private next_ms = 0;
  private asked: string | null | undefined = undefined;
  private running: AbortController | null = null;

  constructor(private readonly call: RpcClient['call'], private readonly clock: Clock) {}

  tick(exporter: string | null, status: StatusGetResult | null): void {
    const oldest_ms = status?.store.oldest_ms ?? null;
    if (oldest_ms === null || !status) return;
    if (this.asked !== exporter) {
      // Another exporter has another picture; the old one must not stand under its name.
      this.running?.abort();
      this.running = null;
      this.shown = null;
      this.asked = exporter;
      this.next_ms = this.clock.now() + kFirst_ms;
    }
    if (this.running || this.clock.now() < this.next_ms) return;
    void this.ask(exporter, { from_ms: oldest_ms, to_ms: Math.max(status.now_ms, oldest_ms + 1000) });
  }

  private async ask(exporter: string | null, range: { from_ms: number; to_ms: number }): Promise<void> {
    const running = new AbortController();
    this.running = running;
    const began_ms = this.clock.now();
    try {
      const params: QueryParams = { ...wholeBuckets(range, kBuckets), by: ['exporter'], limit: 1, ...(exporter === null ? {} : { filter: `exporter ${exporter}` }) };
      const { buckets, series } = await this.call('flows.top', params, running.signal);
      if (this.running !== running) return;
      const octets = Array.from({ length: buckets.count }, (_, at) => series.reduce((sum, one) => sum + (one.octets[at] ?? 0), 0));
      this.shown = { exporter, from_ms: buckets.from_ms, to_ms: buckets.to_ms, octets };
    } catch {
      // The strip goes without its picture; the chart's own answer tells what is wrong.
    }
    if (this.running !== running) return;
    this.running = null;
    this.next_ms = this.clock.now() + Math.max(kEvery_ms, (this.clock.now() - began_ms) * kRests);
  }
}
