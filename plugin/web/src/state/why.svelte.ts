// "Why is it higher?": the stretch that was asked about and what the collector answers. Part of FlowsWindow.

import { offsetMinutes } from '../format/zone.svelte';
import type { FlowsExplainParams, FlowsExplainResult, Range } from '../generated/api';
import type { FlowsWindow } from './flows_window.svelte';
import { sentFilter } from './queries';

export interface WhyQuestion {
  range: Range;
  /** As it was sent: with the place in view. */
  filter: string;
}

/** "+01:00", as the collector reads it. */
export function offsetParam(minutes: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

function sameStretch(one: Range | null, other: Range | null): boolean {
  return one?.from_ms === other?.from_ms && one?.to_ms === other?.to_ms;
}

export class WhyDesk {
  /** Null: the panel is closed. */
  asked = $state.raw<WhyQuestion | null>(null);
  answer = $state.raw<FlowsExplainResult | null>(null);
  loading = $state(false);
  stopped = $state(false);
  progress = $state<number | null>(null);
  error = $state<string | null>(null);

  private running: AbortController | null = null;

  constructor(private readonly flows: FlowsWindow) {}

  get open(): boolean {
    return this.asked !== null;
  }

  /** The view has another filter or place now than the one that was asked about. */
  get other(): boolean {
    return this.asked !== null && this.asked.filter !== sentFilter(this.flows.view).text;
  }

  toggle(): void {
    if (this.open) this.close();
    else this.ask();
  }

  /** About a stretch; without one, about what is on screen. */
  ask(range: Range | null = this.flows.range): void {
    if (range === null) return;
    const whole = { from_ms: Math.floor(range.from_ms), to_ms: Math.ceil(range.to_ms) };
    if (sameStretch(this.flows.view.why, whole)) this.begin(whole);
    else this.flows.change({ why: whole });
  }

  /** Opens and closes as the view says. */
  follow(range: Range | null): void {
    if (range === null) this.end();
    else if (!sameStretch(this.asked?.range ?? null, range)) this.begin(range);
  }

  private begin(range: Range): void {
    this.asked = { range, filter: sentFilter(this.flows.view).text };
    this.answer = null;
    void this.run();
  }

  /** The same stretch, with the filter in view. */
  again(): void {
    if (this.asked) this.ask(this.asked.range);
  }

  close(): void {
    this.flows.change({ why: null });
  }

  private end(): void {
    this.running?.abort();
    this.running = null;
    this.loading = false;
    this.asked = null;
    this.answer = null;
    this.error = null;
  }

  stop(): void {
    this.running?.abort();
    this.running = null;
    this.loading = false;
    this.stopped = true;
  }

  onProgress(done: number, total: number): void {
    if (this.loading && total > 0) this.progress = done / total;
  }

  private async run(): Promise<void> {
    const { asked } = this;
    if (asked === null) return;
    this.running?.abort();
    const running = new AbortController();
    this.running = running;
    this.loading = true;
    this.stopped = false;
    this.progress = null;
    this.error = null;
    const params: FlowsExplainParams = { range: asked.range, utc_offset: offsetParam(offsetMinutes(asked.range.from_ms)), ...(asked.filter === '' ? {} : { filter: asked.filter }) };
    try {
      const answer = await this.flows.call('flows.explain', params, running.signal);
      if (this.running !== running) return;
      this.answer = answer;
    } catch (reason) {
      const words = await import('../why/beside').then((part) => part.wordsOf(reason), () => String(reason));
      if (this.running !== running) return;
      this.error = words;
    }
    this.running = null;
    this.loading = false;
  }
}
