// What a person does with alerts, silences and rules. One for the page; a test that it began goes on, and can be cancelled by the next one.

import type { RpcClient } from '../api/rpc_client';
import type { Alert } from '../generated/api';
import type { AlertDesk, Silence } from '../state/alert_desk.svelte';
import type { FlowsWindow } from '../state/flows_window.svelte';
import { mayAct, mayChange, reachesAll } from '../state/rights';
import { kAlerts, kDelivery, kRules, kSilences } from '../words/alerts';

let running: AbortController | null = null;

export class AlertActs {
  constructor(private readonly flows: FlowsWindow) {}

  private get desk(): AlertDesk {
    return this.flows.alerts;
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
    return this.act('alerts.acknowledge', { id: alert.id }, kAlerts.acknowledged(alert.title));
  }

  silence(rule: string, key: string | null, length_ms: number, comment: string): Promise<boolean> {
    const params = { rule, until_ms: Math.round(this.flows.now_ms + length_ms), ...(key === null ? {} : { key }), ...(comment === '' ? {} : { comment }) };
    return this.act('alerts.silence', params, kSilences.done(kSilences.of(rule, key)));
  }

  unsilence(silence: Silence): Promise<boolean> {
    return this.act('alerts.unsilence', { id: silence.id }, kSilences.ended(silence.rule));
  }

  async reload(): Promise<void> {
    try {
      const { text, error } = await this.flows.call('rules.reload', {});
      this.flows.say(error ?? text ?? kRules.readDone);
    } catch (reason) {
      this.fail(reason);
    }
    this.desk.soon();
  }

  async testTarget(name: string): Promise<void> {
    try {
      const { sent, error } = await this.flows.call('alerts.test_target', { name });
      this.flows.say(sent ? kDelivery.taken(name) : (error ?? kDelivery.notTaken(name)));
    } catch (reason) {
      this.fail(reason);
    }
    this.desk.soon();
  }

  /** Runs a rule over the range on screen; a test under way is cancelled. */
  async test(rule: string): Promise<void> {
    const { range } = this.flows;
    if (!range) return;
    this.cancelTest();
    const mine = new AbortController();
    running = mine;
    this.desk.testing = rule;
    try {
      const result = await this.flows.call('rules.test', { rule, range: { from_ms: Math.floor(range.from_ms), to_ms: Math.ceil(range.to_ms) } }, mine.signal);
      if (running === mine) this.desk.backTest = { rule, range, result };
    } catch (reason) {
      if (running === mine) this.fail(reason);
    }
    if (running !== mine) return;
    running = null;
    this.desk.testing = null;
  }

  cancelTest(): void {
    running?.abort();
    running = null;
    this.desk.testing = null;
  }

  forgetTest(): void {
    this.desk.backTest = null;
  }

  private async act<M extends Parameters<RpcClient['call']>[0]>(method: M, params: Parameters<RpcClient['call']>[1], done: string): Promise<boolean> {
    try {
      await this.flows.call(method, params as never);
      this.flows.say(done);
      await this.desk.read();
      return true;
    } catch (reason) {
      this.fail(reason);
      return false;
    }
  }

  private fail(reason: unknown): void {
    this.flows.say(reason instanceof Error ? reason.message : String(reason));
  }
}
