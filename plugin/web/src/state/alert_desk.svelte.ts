// Alerts, silences and rules as the collector has them. Part of FlowsWindow, which ticks it; reads the alerts always (the bell, the
// marks), silences and rules while their page is open. What a person does with them is in alerts/alert_acts.ts.

import { Disconnected, RpcError } from '../api/rpc_client';
import type { Alert, AlertsSilencesResult, Range, RulesListResult, RulesTestResult } from '../generated/api';
import type { FlowsWindow } from './flows_window.svelte';

export type Silence = AlertsSilencesResult['silences'][number];

/** What a rule would have done over the range that was on screen. */
export interface BackTest {
  rule: string;
  range: Range;
  result: RulesTestResult;
}

const kEvery_ms = 5000;
const kListed = 500;
const kMostListed = 10_000;
const kUnknownMethod = -32601;

export class AlertDesk {
  alerts = $state.raw<Alert[] | null>(null);
  firing = $state(0);
  silences = $state.raw<Silence[]>([]);
  rules = $state.raw<RulesListResult | null>(null);
  error = $state<string | null>(null);
  backTest = $state.raw<BackTest | null>(null);
  /** The rule that is being tested. */
  testing = $state<string | null>(null);

  /** There are older ones than those that are listed. */
  more = $state(false);

  private listed = kListed;
  private next_ms = 0;
  private reading = false;
  private reads = 0;
  private supported = true;

  constructor(private readonly flows: FlowsWindow) {}

  /** Reads at the next tick. */
  soon(): void {
    this.next_ms = 0;
    this.supported = true;
  }

  tick(now_ms: number): void {
    if (this.reading || !this.supported || now_ms < this.next_ms) return;
    void this.read();
  }

  /** Reads four times as far back. */
  showOlder(): void {
    this.listed = Math.min(kMostListed, this.listed * 4);
    void this.read();
  }

  async read(): Promise<void> {
    this.reading = true;
    this.reads += 1;
    const { reads } = this;
    this.next_ms = Date.now() + kEvery_ms;
    try {
      const open = this.flows.view.tab === 'alerts';
      const [list, silences, rules] = await Promise.all([
        this.flows.call('alerts.list', { limit: this.listed }),
        open ? this.flows.call('alerts.silences', {}) : null,
        open ? this.flows.call('rules.list', {}) : null,
      ]);
      // What was asked before an acknowledgement must not take it back.
      if (reads !== this.reads) return;
      this.alerts = list.alerts;
      this.more = list.alerts.length >= this.listed && this.listed < kMostListed;
      this.firing = list.firing;
      if (silences) this.silences = silences.silences;
      if (rules) this.rules = rules;
      this.error = null;
    } catch (reason) {
      // A collector of an earlier version has no alerts: the window goes on without.
      if (reason instanceof RpcError && reason.code === kUnknownMethod) this.supported = false;
      if (!(reason instanceof Disconnected)) this.error = reason instanceof Error ? reason.message : String(reason);
    } finally {
      if (reads === this.reads) this.reading = false;
    }
  }
}
