// Where a person goes in time: zoom, back, forward, now, live. Part of FlowsWindow, whose view it changes.

import type { FlowsWindow } from './flows_window.svelte';
import { centreRange, fixedRange, shiftRange, widenRange, type RangeSpec } from './time_range';
import { kDefaultView, kRise, type View } from './view';

export class TimeMoves {
  private lastLive = kDefaultView.live;
  /** Whether a window that moves shall refresh by itself. */
  private wantsLive = true;

  constructor(private readonly flows: FlowsWindow) {}

  /** What a view says of Live holds for the moving windows that come later. */
  remember(view: View): void {
    if (view.range.kind !== 'last') return;
    this.wantsLive = view.live > 0;
    if (view.live > 0) this.lastLive = view.live;
  }

  zoom(from_ms: number, to_ms: number): void {
    this.flows.change({ range: fixedRange(from_ms, to_ms), zoomedFrom: this.flows.view.zoomedFrom ?? this.flows.view.range });
  }

  zoomOut(): void {
    const { zoomedFrom } = this.flows.view;
    const { range } = this.flows;
    if (zoomedFrom) this.setRange(zoomedFrom);
    else if (this.flows.view.range.kind === 'last') this.setRange({ kind: 'last', ms: this.flows.view.range.ms * 3 });
    else if (range) this.flows.change({ range: widenRange(range, this.flows.now_ms) });
  }

  /** A length: of the moving window, or up to the end that is on screen. */
  setLength(ms: number): void {
    const { range } = this.flows;
    if (this.flows.view.range.kind === 'fixed' && range) this.flows.change({ range: fixedRange(range.to_ms - ms, range.to_ms), zoomedFrom: null });
    else this.setRange({ kind: 'last', ms });
  }

  setRange(range: RangeSpec): void {
    this.flows.change({ range, zoomedFrom: null, ...(range.kind === 'fixed' ? {} : { at_ms: null, sort: this.flows.view.sort === kRise ? 'octets' : this.flows.view.sort }), live: range.kind === 'last' && this.wantsLive ? this.lastLive : 0 });
  }

  shift(steps: number): void {
    const { range } = this.flows;
    if (range) this.flows.change({ range: shiftRange(range, steps) });
  }

  centre(at_ms: number): void {
    const { range } = this.flows;
    if (range) this.flows.change({ range: centreRange(range, at_ms), zoomedFrom: this.flows.view.zoomedFrom ?? this.flows.view.range });
  }

  /** To this moment, with the length that is shown. */
  now(): void {
    const { range } = this.flows;
    if (this.flows.view.range.kind === 'last' || !range) this.setRange(this.flows.view.range.kind === 'last' ? this.flows.view.range : kDefaultView.range);
    else this.setRange({ kind: 'last', ms: Math.max(1000, Math.round((range.to_ms - range.from_ms) / 1000) * 1000) });
  }

  toNewest(): void {
    const stored = this.flows.status?.store.newest_ms;
    if (!stored) return;
    // The newest time of the exporter in view. Other exporters may go on while it is silent.
    const newest = Math.min(stored, this.flows.exporters?.find((one) => one.address === this.flows.view.exporter)?.last_seen_ms ?? stored);
    const { range } = this.flows;
    const width = range ? range.to_ms - range.from_ms : 15 * 60_000;
    this.flows.change({ range: fixedRange(newest - Math.round(width * 0.9), newest + Math.round(width * 0.1)), zoomedFrom: null });
  }

  toggleLive(): void {
    if (this.flows.view.live > 0) {
      this.flows.change({ live: 0 });
      return;
    }
    this.wantsLive = true;
    if (this.flows.view.range.kind === 'last') this.flows.change({ live: this.lastLive });
    else this.now();
  }
}
