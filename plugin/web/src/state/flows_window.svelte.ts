// The state behind the window: the view, the newest answers, and everything a person can do to them.
// One instance, created by main.ts; components read its fields and call its methods.

import { Disconnected, RpcError, kCancelled, kNotAuthenticated, type Connection, type RpcClient } from '../api/rpc_client';
import type { TokenSource } from '../api/token_source';
import { assignColours } from '../chart/palette';
import { inDrawnOrder, mergedOrder } from '../chart/drawn';
import { addTerm } from '../filter/chips';
import { excludeTerm, includeTerm } from '../filter/key_terms';
import { conversationKey, keyId } from '../format/names';
import { showUtc } from '../format/zone.svelte';
import type { FlowsSessionsResult, Key, QueryResult, Range } from '../generated/api';
import { AlertDesk } from './alert_desk.svelte';
import { kBrowserClock, type Clock } from './clock';
import { CollectorWatch } from './collector_watch.svelte';
import type { EarlierWatch } from './earlier.svelte';
import { filterMistake, type FilterMistake } from './filter_mistake';
import type { OverviewWatch } from './overview.svelte';
import { preferredView } from './preferences';
import { asksOfEnds, questionOf, risingParams, sessionsParams, sideParams, topParams } from './queries';
import { RowChoice } from './row_choice.svelte';
import { groupBy, pageOf, type Tab } from './tabs';
import { TimeMoves } from './time_moves';
import { resolveRange, sameRange, type RangeSpec } from './time_range';
import { formatView, kDefaultView, parseView, type View } from './view';
import { WhyDesk } from './why.svelte';

export interface Shown {
  tab: Tab;
  by: readonly string[];
  /** What was asked (see questionOf), and for which range. */
  question: string;
  spec: RangeSpec;
  /** When the answer came, by the collector's clock: of what arrived later it knows nothing. */
  at_ms: number;
  result: QueryResult;
  /** What tells how much each row rose: each byte at all of its ends. Null until it is there. */
  rising: QueryResult | null;
  sessions: FlowsSessionsResult | null;
  /** What is drawn above and below the axis, where the view has two sides. */
  sides: { up: QueryResult; down: QueryResult } | null;
}

const kTick_ms = 250;
const kEmptyEvery_s = 2;
/** An answer that comes sooner need not be announced. */
const kPatience_ms = 300;
/** A question, or a break of the connection, that lasts longer is told. */
const kLong_ms = 1000;
const kWarnOfEnd_ms = 10 * 60_000;

export class FlowsWindow {
  view = $state.raw<View>(kDefaultView);
  connection = $state.raw<Connection>({ state: 'connecting' });
  shown = $state.raw<Shown | null>(null);
  colours = $state.raw<Map<string, number>>(new Map());
  loading = $state(false);
  progress = $state<number | null>(null);
  /** The question was taken back by hand: what is on screen is the answer to an earlier one. */
  stopped = $state(false);
  /** Since when the collector cannot be reached, or does not know the token; null while it answers. */
  lostSince_ms = $state<number | null>(null);
  error = $state<string | null>(null);
  mistake = $state.raw<FilterMistake | null>(null);
  clock_ms = $state(0);
  nextRefresh_ms = $state(0);
  notice = $state<string | null>(null);

  call: RpcClient['call'] = (method, params, signal) => this.client.call(method, params, signal);

  readonly alerts = new AlertDesk(this);
  readonly time = new TimeMoves(this);
  readonly why = new WhyDesk(this);
  readonly collector: CollectorWatch;
  /** Comes when there is something to compare. */
  earlier = $state.raw<EarlierWatch | null>(null);
  /** Comes with the strip that shows it. */
  overview: OverviewWatch | null = null;
  readonly chosen = new RowChoice(() => this.keysShown(), (selected) => this.note({ selected }));

  private client!: RpcClient;
  private running: AbortController | null = null;
  /** The tab to which a page leads back. */
  private lastTab: Tab = kDefaultView.tab;
  private changed_ms = $state(0);
  private asked_ms = $state(0);
  private noticeEnds_ms = 0;

  constructor(private readonly tokens: TokenSource, private readonly clock: Clock = kBrowserClock) {
    this.clock_ms = clock.now();
    this.collector = new CollectorWatch(this.call, clock, (news) => {
      if (news === 'jump' ? this.view.range.kind === 'last' : !this.loading) this.refresh();
    });
    this.view = parseView(location.hash);
    if (location.hash.length < 2) this.openPreferred();
    this.time.remember(this.view);
    showUtc(this.view.utc);
    this.chosen.restore(this.view.selected);
    tokens.onToken = () => this.client.start();
    window.addEventListener('popstate', () => this.followUrl());
    clock.every(kTick_ms, () => this.tick());
  }

  private openPreferred(): void {
    const preferred = preferredView(this.view);
    if (formatView(preferred) === formatView(this.view)) return;
    this.view = preferred;
    // The address of the page shows the same view to somebody else.
    history.replaceState(null, '', `${location.pathname}${location.search}${formatView(preferred)}`);
  }

  attach(client: RpcClient): void {
    this.client = client;
    client.on('query.progress', ({ done, total }) => {
      if (this.loading && total > 0) this.progress = done / total;
      else this.why.onProgress(done, total);
    });
    client.start();
  }

  onConnection(connection: Connection): void {
    this.connection = connection;
    if (connection.state !== 'ready') {
      this.lostSince_ms ??= this.clock.now();
      return;
    }
    this.lostSince_ms = null;
    this.collector.begin();
    this.alerts.soon();
    this.refresh();
    if (!this.why.open) this.why.follow(this.view.why);
    this.tick();
  }

  /** The collector's clock. */
  get now_ms(): number {
    return this.clock_ms + this.collector.skew_ms;
  }

  get exporters() {
    return this.collector.exporters;
  }

  get status() {
    return this.collector.status;
  }

  /** The name that was given, else that of the device in the monitor, else the address. */
  exporterName(address: string): string {
    const one = this.exporters?.find((exporter) => exporter.address === address);
    return one?.name && one.name !== address ? one.name : (one?.device?.name ?? address);
  }

  /** Of the interface in view, in bits per second; null if it is not known. */
  get speed_bps(): number | null {
    if (this.view.interface === null) return null;
    return this.exporters?.find((one) => one.address === this.view.exporter)?.interfaces.find((one) => one.index === this.view.interface)?.speed_bps ?? null;
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

  /** Changes the view and the URL with it; asks again only if the answer would be another. */
  change(patch: Partial<View>): void {
    const before = this.view;
    // Another tab has other rows, another page other parts.
    const after = { ...before, ...(patch.tab === undefined || patch.tab === before.tab ? {} : { selected: [], page: {} }), ...patch };
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

  /** A change of which the address tells, but to which Back does not lead. */
  note(patch: Partial<View>): void {
    this.view = { ...this.view, ...patch };
    history.replaceState(null, '', `${location.pathname}${location.search}${formatView(this.view)}`);
  }

  /** The same of what a page shows. */
  notePage(patch: Record<string, string>): void {
    this.note({ page: { ...this.view.page, ...patch } });
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
    return this.lostSince_ms !== null && (this.shown !== null || this.exporters !== null) && this.clock_ms >= this.lostSince_ms + kLong_ms;
  }

  /** The view is a page without traffic: there is nothing to ask for it. */
  private get quiet(): boolean {
    return pageOf(this.view.tab)?.traffic === false;
  }

  /** The interval on screen, or what would be asked now. */
  get range(): Range | null {
    if (this.shown && sameRange(this.shown.spec, this.view.range)) return this.shown.result.range;
    return resolveRange(this.view.range, this.now_ms) ?? this.shown?.result.range ?? null;
  }

  /** The figures on screen answer an earlier question, and the new answer takes its time or does not come. */
  get outdated(): boolean {
    return this.shown !== null && !this.quiet && this.clock_ms >= this.changed_ms + kPatience_ms && this.shown.question !== questionOf(this.view);
  }

  private keysShown(): Key[] {
    const keys = this.shown?.result.rows.map((row) => row.key) ?? [];
    return [...keys, ...(this.shown?.sessions?.sessions.map(conversationKey) ?? [])];
  }

  filterOn(keys: Key[]): void {
    this.setFilter(addTerm(this.view.filter, includeTerm(keys)));
  }

  exclude(keys: Key[]): void {
    this.setFilter(addTerm(this.view.filter, excludeTerm(keys)));
  }

  setFilter(filter: string): void {
    this.change({ filter: filter.trim(), selected: [] });
  }

  /** A short message that goes away by itself. */
  say(text: string): void {
    this.notice = text;
    this.noticeEnds_ms = this.clock.now() + 4000;
  }

  /** Leaves a page for the traffic, as it was. */
  leavePage(patch: Partial<View> = {}): void {
    this.change({ tab: this.lastTab, ...patch });
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
    if (!pageOf(before.tab)) this.lastTab = before.tab;
    if (before.tab !== after.tab) this.alerts.soon();
    this.chosen.restore(after.selected);
    this.why.follow(after.why);
    if (this.shown && before.colours !== after.colours) this.colour(this.shown.result, this.shown.sides, new Map());
    if (questionOf(before) === questionOf(after)) {
      this.schedule();
      return;
    }
    this.changed_ms = this.clock.now();
    this.refresh();
  }

  private async run(): Promise<void> {
    if (!this.client?.connected) return;
    this.running?.abort();
    if (this.quiet) {
      this.running = null;
      this.loading = false;
      this.nextRefresh_ms = 0;
      return;
    }
    const running = new AbortController();
    this.running = running;
    this.loading = true;
    this.stopped = false;
    this.asked_ms = this.clock.now();
    this.progress = null;
    const { view } = this;
    const range = resolveRange(view.range, this.clock.now() + this.collector.skew_ms);
    try {
      if (asksOfEnds(view)) await this.collector.knowFields();
      if (this.running !== running) return;
      const top = this.client.call('flows.top', topParams(view, range), running.signal);
      const rise = risingParams(view, range);
      const sides = sideParams(view, range)?.map((params) => this.client.call('flows.top', params, running.signal)) ?? [];
      const bothSides = Promise.all(sides).then(([up, down]) => (up && down ? { up, down } : null));
      bothSides.catch(() => {});
      const others = Promise.all([
        rise ? this.client.call('flows.top', rise, running.signal) : null,
        view.tab === 'sessions' ? this.client.call('flows.sessions', sessionsParams(view, range), running.signal) : null,
      ]);
      // What fails is told below, whichever comes first.
      others.catch(() => {});
      const result = await top;
      const drawn = await bothSides;
      if (this.running !== running) return;
      // The chart need not wait for the table, unless a table of the same question is there.
      if (this.shown?.question !== questionOf(view)) this.show(view, result, drawn, rise ? null : result, null);
      const [eachEnd, sessions] = await others;
      if (this.running !== running) return;
      this.show(view, result, drawn, eachEnd ?? result, sessions);
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

  private show(view: View, result: QueryResult, sides: Shown['sides'], rising: QueryResult | null, sessions: FlowsSessionsResult | null): void {
    // A picture that moves keeps its colours; one that stands has those that everybody sees.
    const moves = view.range.kind !== 'fixed' && this.shown?.tab === view.tab && this.shown.question === questionOf(view);
    this.colour(result, sides, moves ? this.colours : new Map());
    this.shown = { tab: view.tab, by: groupBy(view), question: questionOf(view), spec: view.range, at_ms: this.clock.now() + this.collector.skew_ms, result, rising, sessions, sides };
  }

  private colour(result: QueryResult, sides: Shown['sides'], before: ReadonlyMap<string, number>): void {
    this.colours = assignColours(before, (sides ? mergedOrder(sides.up, sides.down) : inDrawnOrder(result)).map((row) => keyId(row.key)), this.view.colours);
  }

  private compare(): void {
    const { shown, view } = this;
    if (!shown || shown.question !== questionOf(view)) return;
    if (this.earlier) void this.earlier.follow(view, shown.result.range, this.status?.store.oldest_ms ?? null);
    else void import('./earlier.svelte').then(({ EarlierWatch }) => (this.earlier ??= new EarlierWatch(this.call, this.clock)), () => {});
  }

  private fail(reason: unknown, view: View): void {
    if (reason instanceof Disconnected) return;
    // The client logs in again by itself.
    if (reason instanceof RpcError && (reason.code === kCancelled || reason.code === kNotAuthenticated)) return;
    const mistake = filterMistake(reason, view);
    this.mistake = mistake;
    if (mistake) {
      this.error = null;
      return;
    }
    this.error = reason instanceof Error ? reason.message : String(reason);
  }

  private schedule(): void {
    // While nothing has come yet, it asks more often, so that the first record shows at once.
    const empty = this.shown?.result.totals.sessions === 0;
    const wait_s = empty ? Math.min(this.view.live, kEmptyEvery_s) : this.view.live;
    this.nextRefresh_ms = this.view.live > 0 ? this.clock.now() + wait_s * 1000 : 0;
  }

  private tick(): void {
    const now = this.clock.now();
    this.clock_ms = now;
    if (this.notice !== null && now > this.noticeEnds_ms) this.notice = null;
    if (!this.client?.connected || document.hidden) return;
    this.collector.tick();
    this.compare();
    if (this.shown && !this.quiet) this.overview?.tick(this.view.exporter, this.status);
    this.alerts.tick(now);
    const due = this.view.live > 0 && this.nextRefresh_ms > 0 && now >= this.nextRefresh_ms;
    if (due && !this.loading && this.mistake === null) this.refresh();
  }
}
