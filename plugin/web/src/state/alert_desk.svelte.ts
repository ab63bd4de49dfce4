// Alerts, silences and rules as the collector has them, and what a person may do with them. Part of FlowsWindow, which
// ticks it; reads the alerts always (the bell, the marks), silences and rules while their tab is open.

import { Disconnected, RpcError, type RpcClient } from '../api/rpc_client';
import type { Alert, AlertsSilencesResult, Range, RulesListResult, RulesTestResult } from '../generated/api';
import type { FlowsWindow } from './flows_window.svelte';
import { mayAct, mayChange, reachesAll } from './rights';

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
  testing = $state<string | null>(null);

  /** There are older ones than those that are listed. */
  more = $state(false);

  private listed = kListed;
  private next_ms = 0;
  private reading = false;
  private reads = 0;
  private supported = true;
  private running: AbortController | null = null;

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

  get mayReload(): boolean {
    return mayChange(this.flows.connection);
  }

  get mayAct(): boolean {
    return mayAct(this.flows.connection);
  }

  /** False when the token has a list of exporters: then a silence has to name a key, and there are no back-tests. */
  get reachesAll(): boolean {
    return reachesAll(this.flows.connection);
  }

  acknowledge(alert: Alert): Promise<boolean> {
    return this.act('alerts.acknowledge', { id: alert.id }, `Acknowledged: ${alert.title}`);
  }

  silence(rule: string, key: string | null, length_ms: number, comment: string): Promise<boolean> {
    const params = { rule, until_ms: Math.round(this.flows.now_ms + length_ms), ...(key === null ? {} : { key }), ...(comment === '' ? {} : { comment }) };
    return this.act('alerts.silence', params, `Silenced: ${rule}${key === null ? '' : ` for ${key}`}`);
  }

  unsilence(silence: Silence): Promise<boolean> {
    return this.act('alerts.unsilence', { id: silence.id }, `The silence of ${silence.rule} has ended`);
  }

  async reload(): Promise<void> {
    try {
      const { text, error } = await this.flows.call('rules.reload', {});
      this.flows.say(error ?? text ?? 'The scripts are read again');
    } catch (reason) {
      this.fail(reason);
    }
    this.soon();
  }

  async testTarget(name: string): Promise<void> {
    try {
      const { sent, error } = await this.flows.call('alerts.test_target', { name });
      this.flows.say(sent ? `${name}: the test message was taken` : (error ?? `${name}: the test message was not taken`));
    } catch (reason) {
      this.fail(reason);
    }
    this.soon();
  }

  /** Runs a rule over the range on screen; a test under way is cancelled. */
  async test(rule: string): Promise<void> {
    const { range } = this.flows;
    if (!range) return;
    this.cancelTest();
    const running = new AbortController();
    this.running = running;
    this.testing = rule;
    try {
      const result = await this.flows.call('rules.test', { rule, range: { from_ms: Math.floor(range.from_ms), to_ms: Math.ceil(range.to_ms) } }, running.signal);
      if (this.running === running) this.backTest = { rule, range, result };
    } catch (reason) {
      if (this.running === running) this.fail(reason);
    }
    if (this.running !== running) return;
    this.running = null;
    this.testing = null;
  }

  cancelTest(): void {
    this.running?.abort();
    this.running = null;
    this.testing = null;
  }

  forgetTest(): void {
    this.backTest = null;
  }

  private async act<M extends Parameters<RpcClient['call']>[0]>(method: M, params: Parameters<RpcClient['call']>[1], done: string): Promise<boolean> {
    try {
      await this.flows.call(method, params as never);
      this.flows.say(done);
      await this.read();
      return true;
    } catch (reason) {
      this.fail(reason);
      return false;
    }
  }

  private async read(): Promise<void> {
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

  private fail(reason: unknown): void {
    this.flows.say(reason instanceof Error ? reason.message : String(reason));
  }
}
