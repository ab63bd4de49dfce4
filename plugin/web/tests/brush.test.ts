import { describe, expect, it } from 'vitest';
import { brushed, grip, zoomedAround } from '../src/chart/brush';
import { chartKey, type Cursor } from '../src/chart/chart_keys';
import type { QueryParams } from '../src/generated/api';
import { OverviewWatch } from '../src/state/overview.svelte';

const kSpan = { from_ms: 0, to_ms: 1_000_000 };
const kRange = { from_ms: 400_000, to_ms: 500_000 };

describe('the strip', () => {
  it('is taken hold of at the window, at its edges, or beside it', () => {
    expect([100, 106, 150, 198, 205, 300].map((x) => grip(x, 100, 100))).toEqual(['start', 'start', 'window', 'end', 'end', 'beside']);
    expect(grip(101, 100, 3)).toBe('window');
  });

  it('moves the window, stretches an edge, draws a new one, or goes where it was clicked', () => {
    expect(brushed(kRange, kSpan, 'window', 450_000, 650_000)).toEqual({ from_ms: 600_000, to_ms: 700_000 });
    expect(brushed(kRange, kSpan, 'start', 400_000, 300_000)).toEqual({ from_ms: 300_000, to_ms: 500_000 });
    expect(brushed(kRange, kSpan, 'end', 500_000, 300_000)).toEqual({ from_ms: 400_000, to_ms: 401_000 });
    expect(brushed(kRange, kSpan, 'beside', 900_000, 700_000)).toEqual({ from_ms: 700_000, to_ms: 900_000 });
    expect(brushed(kRange, kSpan, 'beside', 800_000, 800_100)).toEqual({ from_ms: 750_100, to_ms: 850_100 });
    expect(brushed(kRange, kSpan, 'window', 450_000, 450_000)).toBe(kRange);
  });

  it('stays within what is stored, whatever is dragged where', () => {
    let state = 5;
    const chance = (below: number) => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) % below;
    for (let round = 0; round < 400; round++) {
      const found = brushed(kRange, kSpan, (['window', 'start', 'end', 'beside'] as const)[chance(4)] ?? 'window', chance(1_000_000), chance(1_000_001));
      expect(found.from_ms).toBeGreaterThanOrEqual(0);
      expect(found.to_ms - found.from_ms).toBeGreaterThanOrEqual(1000);
      expect(found.from_ms).toBeLessThan(found.to_ms);
      expect(found.from_ms).toBeLessThanOrEqual(1_000_000);
    }
  });

  it('keeps the moment under the wheel, and leads not into the future', () => {
    const nearer = zoomedAround(kRange, 425_000, 0.5, 2_000_000);
    expect(nearer).toEqual({ from_ms: 412_500, to_ms: 462_500 });
    expect(zoomedAround(kRange, 450_000, 2, 500_000)).toEqual({ from_ms: 300_000, to_ms: 500_000 });
    expect(zoomedAround({ from_ms: 0, to_ms: 1000 }, 500, 0.1, 2000)).toEqual({ from_ms: 0, to_ms: 1000 });
  });

  it('asks for all that is stored once, and anew for another exporter, after the chart', async () => {
    let now = 0;
    const asked: QueryParams[] = [];
    const watch = new OverviewWatch(((_: string, params: QueryParams) => { asked.push(params); return Promise.resolve({ buckets: { ...params.range, count: 2 }, series: [{ octets: [1, 2] }, { octets: [10, 10] }] }); }) as never, { now: () => now, every: () => {} });
    const status = { now_ms: 9000, store: { oldest_ms: 1000 } } as never;
    const tick = async (exporter: string | null) => { watch.tick(exporter, status); await Promise.resolve(); await Promise.resolve(); };
    await tick(null);
    expect(asked).toEqual([]);
    now = 1000;
    await tick(null);
    expect(watch.shown).toEqual({ exporter: null, from_ms: 1000, to_ms: 9000, octets: [11, 12] });
    now = 60_000;
    await tick(null);
    expect(asked.length).toBe(1);
    await tick('192.0.2.1');
    expect(watch.shown).toBeNull();
    now = 62_000;
    await tick('192.0.2.1');
    expect(asked[1]?.filter).toBe('exporter 192.0.2.1');
  });
});

describe('the chart by keyboard', () => {
  const press = (keys: string[], shift = false, from: Cursor | null = null) => keys.reduce<Cursor | null>((cursor, key) => {
    const step = chartKey(key, shift, cursor, 100, 89);
    return step && 'cursor' in step ? step.cursor : cursor;
  }, from);
  it('begins at the newest that is known, and stays within the chart', () => {
    expect(press(['ArrowRight'])).toEqual({ bucket: 89, anchor: null });
    expect(press(['ArrowLeft', 'ArrowLeft', 'PageDown'])).toEqual({ bucket: 78, anchor: null });
    expect(press(['End', 'ArrowRight'])?.bucket).toBe(99);
    expect(press(['Home', 'ArrowLeft'])?.bucket).toBe(0);
    expect(press(['Home', 'Escape'])).toBeNull();
  });

  it('marks a time with Shift and zooms to it, or picks what is largest', () => {
    const marked = press(['ArrowLeft', 'ArrowLeft'], true, { bucket: 50, anchor: null });
    expect(marked).toEqual({ bucket: 48, anchor: 50 });
    expect(chartKey('Enter', false, marked, 100, 89)).toEqual({ zoom: [48, 50] });
    expect(chartKey('Enter', false, { bucket: 7, anchor: null }, 100, 89)).toEqual({ pick: 7 });
    expect(chartKey('ContextMenu', false, { bucket: 7, anchor: null }, 100, 89)).toEqual({ menu: 7 });
    expect([chartKey('Enter', false, null, 100, 89), chartKey('r', false, null, 100, 89), chartKey('Escape', false, null, 100, 89)]).toEqual([null, null, null]);
  });
});
