// The state behind the window: the view, the newest answers, and everything a person can do to them.
// One instance, created by main.ts; components read its fields and call its methods.

import { Disconnected, RpcError, kCancelled, kNotAuthenticated, type Connection, type RpcClient } from '../api/rpc_client';
import type { TokenSource } from '../api/token_source';
import { assignColours } from '../chart/palette';
import { inDrawnOrder } from '../chart/drawn';
import { kOther } from '../chart/stack';
import { addTerm } from '../filter/chips';
import { excludeTerm, includeTerm } from '../filter/key_terms';
import { conversationKey, keyId } from '../format/names';
import { showUtc } from '../format/zone.svelte';
import type { Alert, Exporter, FlowsSessionsResult, Key, QueryResult, Range, StatusGetResult } from '../generated/api';
import { kNothing, select, type Click, type Selection } from '../tables/selection';
import { questionOf, risingParams, sentFilter, sessionsParams, topParams } from './queries';
import { AlertDesk } from './alert_desk.svelte';
import { TimeMoves } from './time_moves';
import { fixedRange, resolveRange, sameRange, type RangeSpec } from './time_range';
import { formatView, kDefaultView, parseView, type Tab, type View } from './view';

export interface Shown {
  tab: Tab;
  /** What was asked (see questionOf), and for which range. */
  question: string;
  spec: RangeSpec;
  /** When the answer came, by the collector's clock: of what arrived later it knows nothing. */
  at_ms: number;
  result: QueryResult;
  /** What tells how much each row rose: each byte at all of its ends. Null until it is there. */
  rising: QueryResult | null;
  sessions: FlowsSessionsResult | null;
}

export interface FilterMistake {
  text: string;
  /** 1-based, within text. */
  column: number | null;
  message: string;
}

const kStatusEvery_ms = 5000;
const kTick_ms = 250;
const kEmptyEvery_s = 2;
/** An answer that comes sooner need not be announced. */
const kPatience_ms = 300;
/** A question, or a break of the connection, that lasts longer is told. */
const kLong_ms = 1000;
const kWarnOfEnd_ms = 10 * 60_000;
/** A clock that is off by more has been asked for the wrong moving window. */
const kSkewMatters_ms = 2000;

// The collector counts columns in what was sent; the window says where it is in what was typed.
function withoutColumn(message: string): string {
  return message.replace(/\s*\bat column \d+/, '');
}

export class FlowsWindow {
  view = $state.raw<View>(kDefaultView);
  connection = $state.raw<Connection>({ state: 'connecting' });
  shown = $state.raw<Shown | null>(null);
  exporters = $state.raw<Exporter[] | null>(null);
  status = $state.raw<StatusGetResult | null>(null);
  selection = $state.raw<Selection>(kNothing);
  colours = $state.raw<Map<string, number>>(new Map());
  loading = $state(false);
  progress = $state<number | null>(null);
  /** The question was taken back by hand: what is on screen is the answer to an earlier one. */
  stopped = $state(false);
  /** Since when the collector cannot be reached, or does not know the token; null while it answers. */
  lostSince_ms = $state<number | null>(null);
  error = $state<string | null>(null);
  /** What went wrong with the state of the collector; goes when it is told again. */
  statusError = $state<string | null>(null);
  mistake = $state.raw<FilterMistake | null>(null);
  clock_ms = $state(Date.now());
  nextRefresh_ms = $state(0);
  notice = $state<string | null>(null);

  readonly alerts = new AlertDesk(this);
  readonly time = new TimeMoves(this);

  private client!: RpcClient;
  private running: AbortController | null = null;
  private skew_ms = 0;
  private changed_ms = $state(0);
  private readonly chosen = new Map<string, Key>();
  private nextStatus_ms = 0;
  private statusRunning = false;
  private asked_ms = $state(0);
  private noticeEnds_ms = 0;

  constructor(private readonly tokens: TokenSource) {
    this.view = parseView(location.hash);
    this.time.remember(this.view);
    showUtc(this.view.utc);
    tokens.onToken = () => this.client.start();
    window.addEventListener('popstate', () => this.followUrl());
    setInterval(() => this.tick(), kTick_ms);
  }

  attach(client: RpcClient): void {
    this.client = client;
    client.on('query.progress', ({ done, total }) => {
      if (this.loading && total > 0) this.progress = done / total;
    });
    client.start();
  }

  onConnection(connection: Connection): void {
    this.connection = connection;
    if (connection.state !== 'ready') {
      this.lostSince_ms ??= Date.now();
      return;
    }
    this.lostSince_ms = null;
    this.nextStatus_ms = 0;
    this.alerts.soon();
    this.refresh();
    this.tick();
  }

  /** The collector's clock. */
  get now_ms(): number {
    return this.clock_ms + this.skew_ms;
  }

  /** The name that was given, else that of the device in the monitor, else the address. */
  exporterName(address: string): string {
    const one = this.exporters?.find((exporter) => exporter.address === address);
    return one?.name && one.name !== address ? one.name : (one?.device?.name ?? address);
  }

  get token(): string | null {
    return this.tokens.value;
  }

  /** How long the token still holds, when it ends soon and nobody renews it; else null. */
  get tokenEnds_ms(): number | null {
    if (this.connection.state !== 'ready' || this.tokens.renews) return null;
    const rest = this.connection.login.expires_ms - this.now_ms;
    return rest < kWarnOfEnd_ms ? Math.max(0, rest) : null;
  }

  reconnect(): void {
    this.client.start();
  }

  call: RpcClient['call'] = (method, params, signal) => this.client.call(method, params, signal);

  /** Changes the view and the URL with it; asks again only if the answer would be another. */
  change(patch: Partial<View>): void {
    const before = this.view;
    const after = { ...before, ...patch };
    if (after.range.kind !== 'last') after.live = 0;
    this.time.remember(after);
    const hash = formatView(after);
    if (hash === formatView(before)) {
      this.refresh();
      return;
    }
    history.pushState(null, '', `${location.pathname}${location.search}${hash}`);
    this.take(after);
  }

  refresh(): void {
    void this.run();
  }

  /** Takes the question back; what is on screen stays. */
  stop(): void {
    if (!this.running) return;
    this.running.abort();
    this.running = null;
    this.loading = false;
    this.stopped = true;
    this.schedule();
  }

  /** The answer takes long enough to say how far it is. */
  get waiting(): boolean {
    return this.loading && this.clock_ms >= this.asked_ms + kLong_ms;
  }

  /** A short break heals by itself before anybody has read of it. */
  get lost(): boolean {
    return this.lostSince_ms !== null && this.shown !== null && this.clock_ms >= this.lostSince_ms + kLong_ms;
  }

  /** The interval on screen, or what would be asked now. */
  get range(): Range | null {
    if (this.shown && sameRange(this.shown.spec, this.view.range)) return this.shown.result.range;
    return resolveRange(this.view.range, this.now_ms) ?? this.shown?.result.range ?? null;
  }

  /** The figures on screen answer an earlier question, and the new answer takes its time or does not come. */
  get outdated(): boolean {
    return this.shown !== null && this.clock_ms >= this.changed_ms + kPatience_ms && this.shown.question !== questionOf(this.view);
  }

  click(id: string, shownIds: readonly string[], click: Click): void {
    if (id !== kOther) this.choose(select(this.selection, shownIds, id, click));
  }

  clearSelection(): void {
    this.selection = kNothing;
  }

  selectAll(): void {
    const keys = this.shown?.sessions?.sessions.map(conversationKey) ?? this.shown?.result.rows.map((row) => row.key) ?? [];
    this.choose({ ids: new Set(keys.map(keyId)), anchor: null });
  }

  /** Keys of the selected rows, in the order of the result; last those that a refresh has taken out of it. */
  selectedKeys(): Key[] {
    const unique = new Map([...this.keysShown(), ...this.chosen]);
    return [...unique].filter(([id]) => this.selection.ids.has(id)).map(([, key]) => key);
  }

  private keysShown(): [string, Key][] {
    const keys = this.shown?.result.rows.map((row) => row.key) ?? [];
    const conversations = this.shown?.sessions?.sessions.map(conversationKey) ?? [];
    return [...keys, ...conversations].map((key) => [keyId(key), key]);
  }

  // The keys are kept with the selection: a live refresh may take the row away before it is acted on.
  private choose(selection: Selection): void {
    this.selection = selection;
    for (const [id, key] of this.keysShown()) if (selection.ids.has(id)) this.chosen.set(id, key);
    for (const id of this.chosen.keys()) if (!selection.ids.has(id)) this.chosen.delete(id);
  }

  filterOn(keys: Key[]): void {
    this.setFilter(addTerm(this.view.filter, includeTerm(keys)));
  }

  exclude(keys: Key[]): void {
    this.setFilter(addTerm(this.view.filter, excludeTerm(keys)));
  }

  setFilter(filter: string): void {
    this.selection = kNothing;
    this.change({ filter: filter.trim() });
  }

  /** A short message that goes away by itself. */
  say(text: string): void {
    this.notice = text;
    this.noticeEnds_ms = Date.now() + 4000;
  }

  /** The flows that an alert is about: its window and its key. */
  showEvidence(alert: Alert): void {
    this.selection = kNothing;
    this.change({ tab: 'hosts', range: fixedRange(alert.range.from_ms, alert.range.to_ms), zoomedFrom: null, at_ms: null, filter: alert.filter, exporter: null, interface: null, direction: 'both', shape: 'table', sort: 'octets', order: 'desc' });
  }

  private followUrl(): void {
    if (this.tokens.readHash()) this.client.start();
    const view = parseView(location.hash);
    this.time.remember(view);
    this.take(view);
  }

  private take(after: View): void {
    const before = this.view;
    this.view = after;
    showUtc(after.utc);
    if (before.tab !== after.tab) {
      this.alerts.soon();
      this.selection = kNothing;
    }
    if (questionOf(before) === questionOf(after)) {
      this.schedule();
      return;
    }
    this.changed_ms = Date.now();
    this.refresh();
  }

  private async run(): Promise<void> {
    if (!this.client?.connected) return;
    this.running?.abort();
    const running = new AbortController();
    this.running = running;
    this.loading = true;
    this.stopped = false;
    this.asked_ms = Date.now();
    this.progress = null;
    const { view } = this;
    const range = resolveRange(view.range, Date.now() + this.skew_ms);
    try {
      const top = this.client.call('flows.top', topParams(view, range), running.signal);
      const rise = risingParams(view, range);
      const others = Promise.all([
        rise ? this.client.call('flows.top', rise, running.signal) : null,
        view.tab === 'sessions' ? this.client.call('flows.sessions', sessionsParams(view, range), running.signal) : null,
      ]);
      // What fails is told below, whichever comes first.
      others.catch(() => {});
      const result = await top;
      if (this.running !== running) return;
      // The chart need not wait for the table, unless a table of the same question is there.
      if (this.shown?.question !== questionOf(view)) this.show(view, result, rise ? null : result, null);
      const [eachEnd, sessions] = await others;
      if (this.running !== running) return;
      this.show(view, result, eachEnd ?? result, sessions);
      this.error = null;
      this.mistake = null;
    } catch (reason) {
      if (this.running !== running) return;
      this.fail(reason, view);
    }
    this.loading = false;
    this.running = null;
    this.schedule();
  }

  private show(view: View, result: QueryResult, rising: QueryResult | null, sessions: FlowsSessionsResult | null): void {
    // Those of another tab are of other keys.
    const before = this.shown?.tab === view.tab ? this.colours : new Map<string, number>();
    this.colours = assignColours(before, inDrawnOrder(result).map((row) => keyId(row.key)));
    this.shown = { tab: view.tab, question: questionOf(view), spec: view.range, at_ms: Date.now() + this.skew_ms, result, rising, sessions };
  }

  private fail(reason: unknown, view: View): void {
    if (reason instanceof Disconnected) return;
    // The client logs in again by itself.
    if (reason instanceof RpcError && (reason.code === kCancelled || reason.code === kNotAuthenticated)) return;
    const data = reason instanceof RpcError ? (reason.data as { param?: unknown; column?: unknown; message?: unknown } | undefined) : undefined;
    if (data?.param === 'filter') {
      // The collector counts characters, a string here has some of them in two halves.
      const before = typeof data.column === 'number' ? data.column - sentFilter(view).offset - 1 : -1;
      const column = [...view.filter].slice(0, Math.max(0, before)).join('').length + 1;
      const within = before >= 0 && before <= [...view.filter].length;
      this.error = null;
      this.mistake = { text: view.filter, column: within ? column : null, message: withoutColumn(String(data.message ?? (reason as Error).message)) };
      return;
    }
    this.mistake = null;
    this.error = reason instanceof Error ? reason.message : String(reason);
  }

  private schedule(): void {
    // Whoever waits for the first record does not want to wait for the next round as well.
    const empty = this.shown?.result.totals.sessions === 0;
    const wait_s = empty ? Math.min(this.view.live, kEmptyEvery_s) : this.view.live;
    this.nextRefresh_ms = this.view.live > 0 ? Date.now() + wait_s * 1000 : 0;
  }

  private tick(): void {
    const now = Date.now();
    this.clock_ms = now;
    if (this.notice !== null && now > this.noticeEnds_ms) this.notice = null;
    if (!this.client?.connected || document.hidden) return;
    if (now >= this.nextStatus_ms && !this.statusRunning) void this.readStatus();
    this.alerts.tick(now);
    const due = this.view.live > 0 && this.nextRefresh_ms > 0 && now >= this.nextRefresh_ms;
    if (due && !this.loading && this.mistake === null) this.refresh();
  }

  private async readStatus(): Promise<void> {
    this.statusRunning = true;
    this.nextStatus_ms = Date.now() + kStatusEvery_ms;
    try {
      const first = this.exporters?.length === 0;
      const [status, list] = await Promise.all([this.client.call('status.get', {}), this.client.call('exporters.list', {})]);
      const skew_ms = status.now_ms - Date.now();
      const jumped = this.view.range.kind === 'last' && Math.abs(skew_ms - this.skew_ms) > kSkewMatters_ms;
      this.skew_ms = skew_ms;
      this.status = status;
      this.statusError = null;
      this.exporters = list.exporters;
      // Until the first exporter is heard, look often; when it comes, show its flows at once.
      if (list.exporters.length === 0) this.nextStatus_ms = Date.now() + 1000;
      else if (first && !this.loading) this.refresh();
      else if (jumped) this.refresh();
    } catch (reason) {
      const passes = reason instanceof Disconnected || (reason instanceof RpcError && reason.code === kNotAuthenticated);
      if (!passes) this.statusError = reason instanceof Error ? reason.message : String(reason);
    } finally {
      this.statusRunning = false;
    }
  }
}
