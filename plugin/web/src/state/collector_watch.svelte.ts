// What the collector says of itself: its state, its exporters, its fields, and how far its clock is from ours. Part of FlowsWindow,
// which ticks it.

import { Disconnected, RpcError, kNotAuthenticated, type RpcClient } from '../api/rpc_client';
import { learnFields } from '../format/fields.svelte';
import type { Exporter, StatusGetResult } from '../generated/api';
import type { Clock } from './clock';

const kEvery_ms = 5000;
const kUntilFirst_ms = 1000;
/** A clock that is off by more has been asked for the wrong moving window. */
const kSkewMatters_ms = 2000;

export class CollectorWatch {
  status = $state.raw<StatusGetResult | null>(null);
  exporters = $state.raw<Exporter[] | null>(null);
  /** What went wrong; goes when the state is told again. */
  error = $state<string | null>(null);
  skew_ms = 0;

  private next_ms = 0;
  private reading = false;
  private fieldsTold: Promise<void> | null = null;

  /** `onNews`: the first exporter came, or the clock jumped. */
  constructor(private readonly call: RpcClient['call'], private readonly clock: Clock, private readonly onNews: (news: 'first' | 'jump') => void) {}

  /** Reads at the next tick. */
  soon(): void {
    this.next_ms = 0;
  }

  /** A connection begins. The collector may be another one now, with other fields. */
  begin(): void {
    this.fieldsTold = null;
    this.soon();
  }

  /** Ends when the collector has told its fields. */
  knowFields(): Promise<void> {
    this.fieldsTold ??= this.call('fields.list', {}).then(({ fields }) => learnFields(fields), (reason) => {
      this.fieldsTold = null;
      throw reason;
    });
    return this.fieldsTold;
  }

  tick(): void {
    if (!this.reading && this.clock.now() >= this.next_ms) void this.read();
  }

  private async read(): Promise<void> {
    this.reading = true;
    this.next_ms = this.clock.now() + kEvery_ms;
    try {
      const waiting = this.exporters?.length === 0;
      const [status, list] = await Promise.all([this.call('status.get', {}), this.call('exporters.list', {}), this.knowFields()]);
      const skew_ms = status.now_ms - this.clock.now();
      const jumped = Math.abs(skew_ms - this.skew_ms) > kSkewMatters_ms;
      this.skew_ms = skew_ms;
      this.status = status;
      this.error = null;
      this.exporters = list.exporters;
      // Until the first exporter is heard, look often; when it comes, show its flows at once.
      if (list.exporters.length === 0) this.next_ms = this.clock.now() + kUntilFirst_ms;
      else if (waiting) this.onNews('first');
      else if (jumped) this.onNews('jump');
    } catch (reason) {
      const passes = reason instanceof Disconnected || (reason instanceof RpcError && reason.code === kNotAuthenticated);
      if (!passes) this.error = reason instanceof Error ? reason.message : String(reason);
    } finally {
      this.reading = false;
    }
  }
}
