import { describe, expect, it, vi } from 'vitest';
import type { RpcClient } from '../src/api/rpc_client';
import type { TokenSource } from '../src/api/token_source';
import { interfaceChoices } from '../src/bars/interface_choices';
import type { Interface, QueryParams, QueryResult, Row } from '../src/generated/api';
import { FlowsWindow } from '../src/state/flows_window.svelte';
import { risingParams, topParams } from '../src/state/queries';
import { kDefaultView } from '../src/state/view';
import { kGoodQuality } from './examples';
import { standInForBrowser } from './stand_in_browser';

const kNow = 1_700_000_000_000;

function answerOf(params: QueryParams): QueryResult {
  const range = params.range ?? { from_ms: 0, to_ms: kNow };
  return {
    range, totals: { octets: 0, packets: 0, flows: 0, sessions: 1 }, rows: [], other: { octets: 0, packets: 0, flows: 0, sessions: 0, keys: 0 }, series: [],
    buckets: { ...range, count: 0, width_ms: 0 }, quality: kGoodQuality, took_ms: 1, sessions_scanned: 1, unscaled: false,
  };
}

/** A collector that answers when it is told to. */
class Collector {
  connected = true;
  readonly asked: { method: string; params: QueryParams; answer: () => void; signal?: AbortSignal }[] = [];
  start = () => {};
  on = () => () => {};
  call = (method: string, params: QueryParams, signal?: AbortSignal) =>
    new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new DOMException('Aborted', 'AbortError')));
      this.asked.push({ method, params, answer: () => resolve(method === 'flows.top' ? answerOf(params) : { ...answerOf(params), total_sessions: 0, sessions: [] }), ...(signal ? { signal } : {}) });
    });
  async answerAll(method?: string) {
    for (const one of this.asked.splice(0).filter((one) => method === undefined || one.method === method || (this.asked.push(one), false))) one.answer();
    await vi.advanceTimersByTimeAsync(0);
  }
}

let collector: Collector;
function open(hash: string): FlowsWindow {
  location.hash = hash;
  collector = new Collector();
  const flows = new FlowsWindow({ value: 'token', renews: false, readHash: () => false } as unknown as TokenSource);
  flows.attach(collector as unknown as RpcClient);
  flows.connection = { state: 'ready', login: { expires_ms: kNow + 3_600_000 } } as never;
  return flows;
}
async function shown(flows: FlowsWindow) {
  flows.refresh();
  await collector.answerAll();
}

standInForBrowser(kNow);

describe('the range', () => {
  it('keeps its end when a length is chosen', async () => {
    const flows = open(`#from=${kNow - 7_200_000}&to=${kNow - 5_400_000}`);
    await shown(flows);
    flows.time.setLength(3_600_000);
    expect(flows.view.range).toEqual({ kind: 'fixed', from_ms: kNow - 9_000_000, to_ms: kNow - 5_400_000 });
    expect(flows.view.live).toBe(0);
  });

  it('goes on moving when a length is chosen of one that moves, live or not', async () => {
    for (const live of [0, 10]) {
      const flows = open(`#live=${live}`);
      await shown(flows);
      flows.time.setLength(3_600_000);
      expect(flows.view).toMatchObject({ range: { kind: 'last', ms: 3_600_000 }, live });
    }
  });

  it('is live after a zoom only if it was before', async () => {
    for (const live of [0, 30]) {
      const flows = open(`#live=${live}`);
      await shown(flows);
      flows.time.zoom(kNow - 60_000, kNow - 30_000);
      expect(flows.view.live).toBe(0);
      flows.time.zoomOut();
      expect(flows.view).toMatchObject({ range: kDefaultView.range, live });
    }
  });

  it('that moves is widened without the future', async () => {
    const flows = open('#range=15m');
    await shown(flows);
    flows.time.zoomOut();
    expect(flows.view.range).toEqual({ kind: 'last', ms: 45 * 60_000 });
  });

  it('turns live when that is asked for, also away from now', async () => {
    const flows = open('#live=0');
    await shown(flows);
    flows.time.zoom(kNow - 60_000, kNow - 30_000);
    flows.time.toggleLive();
    expect(flows.view).toMatchObject({ range: { kind: 'last' }, live: 10 });
  });
});

describe('a question', () => {
  it('that takes long is announced, and can be taken back', async () => {
    const flows = open('');
    await shown(flows);
    flows.change({ tab: 'ports' });
    expect(flows.waiting).toBe(false);
    await vi.advanceTimersByTimeAsync(1500);
    expect([flows.waiting, flows.outdated]).toEqual([true, true]);
    const signal = collector.asked.at(-1)?.signal;
    flows.stop();
    expect(signal?.aborted).toBe(true);
    expect([flows.loading, flows.waiting, flows.stopped, flows.shown?.tab]).toEqual([false, false, true, 'hosts']);
    await shown(flows);
    expect([flows.stopped, flows.shown?.tab]).toEqual([false, 'ports']);
  });

  it('draws the chart before the list of sessions is there', async () => {
    const flows = open('#tab=sessions');
    flows.refresh();
    await collector.answerAll('flows.top');
    expect(flows.shown?.tab).toBe('sessions');
    expect(flows.shown?.sessions).toBeNull();
    await collector.answerAll();
    expect(flows.shown?.sessions).not.toBeNull();
  });

  it('says what rose only when it is known of both ends', async () => {
    const flows = open(`#from=${kNow - 7_200_000}&to=${kNow}&at=${kNow - 3_600_000}`);
    flows.refresh();
    const [chart, both] = collector.asked.splice(0);
    expect([chart?.params.once, both?.params.once]).toEqual([true, undefined]);
    chart?.answer();
    await vi.advanceTimersByTimeAsync(0);
    expect([flows.shown !== null, flows.shown?.rising]).toEqual([true, null]);
    both?.answer();
    await vi.advanceTimersByTimeAsync(0);
    expect(flows.shown?.rising).not.toBeNull();
    const talkers = open(`#direction=talkers&from=${kNow - 7_200_000}&to=${kNow}&at=${kNow - 3_600_000}`);
    await shown(talkers);
    expect(talkers.shown?.rising).toBe(talkers.shown?.result);
  });

  it('asks for bytes at both ends, too, where it says what rose', () => {
    const view = { ...kDefaultView, at_ms: kNow };
    expect(topParams(view, null).once).toBe(true);
    expect(risingParams(view, null)).toEqual({ ...topParams(view, null), once: undefined });
    expect(risingParams(kDefaultView, null)).toBeNull();
    expect(risingParams({ ...view, direction: 'talkers' }, null)).toBeNull();
  });
});

describe('a connection', () => {
  it('that breaks is told after a second, and only over figures', async () => {
    const flows = open('');
    flows.onConnection({ state: 'waiting', retryAt_ms: kNow + 500 });
    await vi.advanceTimersByTimeAsync(3000);
    expect(flows.lost, 'there is nothing that could be old').toBe(false);
    flows.onConnection({ state: 'ready', login: { expires_ms: kNow + 3_600_000 } } as never);
    await shown(flows);
    flows.onConnection({ state: 'waiting', retryAt_ms: kNow + 500 });
    flows.onConnection({ state: 'connecting' });
    expect(flows.lost).toBe(false);
    await vi.advanceTimersByTimeAsync(1500);
    expect(flows.lost).toBe(true);
    flows.onConnection({ state: 'ready', login: { expires_ms: kNow + 3_600_000 } } as never);
    expect(flows.lost).toBe(false);
  });

  it('says so before its token ends', async () => {
    const flows = open('');
    expect(flows.tokenEnds_ms).toBeNull();
    await vi.advanceTimersByTimeAsync(55 * 60_000);
    expect(flows.tokenEnds_ms).toBe(5 * 60_000);
  });
});

describe('interfaces', () => {
  const known = (index: number, name: string | null, speed_bps: number | null = null) => ({ index, name, alias: null, speed_bps }) as Interface;
  const seen = (index: number, octets_in: number, octets_out: number) => ({ key: { interface: index }, octets: octets_in + octets_out, octets_in, octets_out, packets: 1, flows: 1, sessions: 1 }) as Row;

  it('are those of the flows, largest first, with the names of the monitor, then those without flows', () => {
    expect(interfaceChoices([known(9, 'ge-9', 1e9), known(3, 'uplink', 1e9), known(1, null)], [seen(7, 900, 100), seen(3, 10, 0), seen(0, 1, 0)])).toEqual([
      { id: '7', name: 'interface 7', note: 'in 900 B, out 100 B' },
      { id: '3', name: 'uplink', note: '1 Gbit/s · #3 · in 10 B, out 0 B' },
      { id: '0', name: 'none (0)', note: 'in 1 B, out 0 B' },
      { id: '1', name: 'interface 1', note: 'no flows' },
      { id: '9', name: 'ge-9', note: '1 Gbit/s · #9 · no flows' },
    ]);
  });

  it('are those of the monitor until the flows are known', () => {
    expect(interfaceChoices([known(3, 'uplink')], null)).toEqual([{ id: '3', name: 'uplink', note: '#3' }]);
    expect(interfaceChoices([], null)).toEqual([]);
  });
});
