import { describe, expect, it, vi } from 'vitest';
import { RpcError, type RpcClient } from '../src/api/rpc_client';
import type { TokenSource } from '../src/api/token_source';
import { chartKey } from '../src/chart/chart_keys';
import type { Alert, ExplainedComparison, FlowsExplainParams, FlowsExplainResult } from '../src/generated/api';
import { FlowsWindow } from '../src/state/flows_window.svelte';
import { offsetParam } from '../src/state/why.svelte';
import { alertsWithin } from '../src/why/beside';
import { changeText, figureRows } from '../src/why/figures';
import { kGoodQuality as quality } from './examples';
import { standInForBrowser } from './stand_in_browser';

const kNow = 1_700_000_000_000;
const kMinute = 60_000;
const kRange = { from_ms: kNow - 15 * kMinute, to_ms: kNow };

const measures = (octets: number, sessions = 10) => ({ octets, packets: octets / 1000, flows: sessions, sessions });

function comparison(part: Partial<ExplainedComparison>): ExplainedComparison {
  const range = { from_ms: kRange.from_ms - 15 * kMinute, to_ms: kRange.from_ms };
  return { against: 'before', range, comparable: 'whole', left_out: [], sampling: [], quality, ...part };
}

function answer(comparisons: ExplainedComparison[]): FlowsExplainResult {
  return {
    range: kRange, measure: 'octets', totals: measures(9_000_000), verdict: 'unusual', spread: false, sentences: [], comparisons, causes: [], largest: [], quality, took_ms: 1, sessions_scanned: 1,
  };
}

describe('the figures beside each other', () => {
  it('say how much more or less it is', () => {
    expect([changeText(340, 100), changeText(112, 100), changeText(80, 100), changeText(100, 100), changeText(5, 0), changeText(0, 0), changeText(0, 5)])
      .toEqual(['3.4 ×', '+12 %', '−20 %', 'the same', 'nothing then', 'the same', '−100 %']);
  });

  it('are those of the stretch, and of what it is compared with', () => {
    const compared = { now: kRange, then: { from_ms: kRange.from_ms - 15 * kMinute, to_ms: kRange.from_ms } };
    const rows = figureRows(answer([comparison({ compared, now: measures(9_000_000), then: measures(900_000), change: 'rose' })]), 'bits', kNow);
    expect(rows.map((row) => [row.name, row.change, row.tone])).toEqual([['This stretch', '', 'none'], ['The 15 min before', '10.0 ×', 'rose']]);
    expect(rows[0]?.rate).toBe('80.0 kbit/s');
  });

  it('do not say of what was not heard or stored that it is zero', () => {
    const rows = figureRows(answer([comparison({ comparable: 'not_heard' }), comparison({ against: 'last_week', comparable: 'nothing_stored' })]), 'bits', kNow);
    expect(rows.slice(1).map((row) => [row.name, row.rate, row.missing])).toEqual([['The 15 min before', '', 'not heard'], ['Same time last week', '', 'nothing is stored']]);
  });

  it('mark a comparison of a part', () => {
    const compared = { now: { from_ms: kNow - 10 * kMinute, to_ms: kNow }, then: { from_ms: kNow - 25 * kMinute, to_ms: kNow - 15 * kMinute } };
    const [, row] = figureRows(answer([comparison({ comparable: 'part', compared, now: measures(600), then: measures(600), change: 'same' })]), 'bits', kNow);
    expect(row).toMatchObject({ name: 'The 15 min before, in part', change: 'the same', tone: 'same' });
  });
});

describe('alerts of the stretch', () => {
  const alert = (fired_ms: number, part: Partial<Alert> = {}) => ({ id: String(fired_ms), key: '10.0.0.1', exporter: null, since_ms: fired_ms - kMinute, fired_ms, ...part }) as Alert;

  it('are those that fired in it, or a little later for what was in it', () => {
    const alerts = [alert(kRange.from_ms - 1), alert(kRange.from_ms), alert(kNow - 1), alert(kNow + 30_000), alert(kNow + 10 * kMinute), alert(kNow - 5, { key: '*' })];
    expect(alertsWithin(alerts, kRange, null).map((one) => one.fired_ms)).toEqual([kRange.from_ms, kNow - 1, kNow + 30_000]);
  });

  it('are those of the exporter in view, and those of none', () => {
    const alerts = [alert(kNow - 1, { exporter: '192.0.2.1' }), alert(kNow - 2, { exporter: '192.0.2.2' }), alert(kNow - 3)];
    expect(alertsWithin(alerts, kRange, '192.0.2.1').map((one) => one.exporter)).toEqual(['192.0.2.1', null]);
  });
});

it('the offset from UTC is written as the collector reads it', () => {
  expect([offsetParam(0), offsetParam(60), offsetParam(345), offsetParam(-210)]).toEqual(['+00:00', '+01:00', '+05:45', '-03:30']);
});

it('w on a marked stretch of the chart asks about it, and else is a key of the window', () => {
  expect(chartKey('w', false, { bucket: 20, anchor: 12 }, 100, 89)).toEqual({ why: [12, 20] });
  expect(chartKey('w', false, { bucket: 20, anchor: null }, 100, 89)).toBeNull();
  expect(chartKey('w', false, null, 100, 89)).toBeNull();
});

describe('the question', () => {
  let asked: { params: FlowsExplainParams; resolve: (answer: unknown) => void; reject: (reason: Error) => void; signal?: AbortSignal }[];
  function open(hash: string): FlowsWindow {
    location.hash = hash;
    asked = [];
    const flows = new FlowsWindow({ value: 'token', renews: false, readHash: () => false } as unknown as TokenSource);
    const call = (method: string, params: FlowsExplainParams, signal?: AbortSignal) =>
      new Promise((resolve, reject) => {
        if (method !== 'flows.explain') return;
        signal?.addEventListener('abort', () => reject(new DOMException('Aborted', 'AbortError')));
        asked.push({ params, resolve, reject, ...(signal ? { signal } : {}) });
      });
    flows.attach({ connected: true, start: () => {}, on: () => () => {}, call } as unknown as RpcClient);
    return flows;
  }
  const settle = async () => {
    await vi.advanceTimersByTimeAsync(0);
    // The words of a mistake are a part that is loaded.
    await vi.dynamicImportSettled();
  };

  standInForBrowser(kNow);

  it('is about what is on screen, with its filter and place', () => {
    const flows = open(`#from=${kRange.from_ms}&to=${kRange.to_ms}&filter=${encodeURIComponent('port 443')}&exporter=192.0.2.1`);
    flows.why.toggle();
    expect(asked[0]?.params).toMatchObject({ range: kRange, filter: '(port 443) and exporter 192.0.2.1' });
    expect(flows.why.open).toBe(true);
  });

  it('is part of the address: a link opens it, back closes it', async () => {
    const flows = open(`#range=1h&filter=${encodeURIComponent('port 443')}&why=${kRange.from_ms}-${kRange.to_ms}`);
    flows.onConnection({ state: 'ready', login: { expires_ms: kNow + 3_600_000 } } as never);
    expect(asked[0]?.params).toMatchObject({ range: kRange, filter: 'port 443' });
    flows.why.close();
    expect([flows.why.open, location.hash.includes('why')]).toEqual([false, false]);
    flows.why.ask(kRange);
    expect(location.hash).toContain(`why=${kRange.from_ms}-${kRange.to_ms}`);
  });

  it('is about a stretch of the chart, in whole milliseconds', () => {
    const flows = open('#range=1h');
    flows.why.ask({ from_ms: kNow - 1000.5, to_ms: kNow - 0.5 });
    expect(asked[0]?.params.range).toEqual({ from_ms: kNow - 1001, to_ms: kNow });
    expect(asked[0]?.params).not.toHaveProperty('filter');
  });

  it('is cancelled when the panel is closed, stopped, or another one is asked', async () => {
    const flows = open('#range=1h');
    flows.why.ask(kRange);
    flows.why.ask({ ...kRange, to_ms: kNow - 1 });
    expect(asked[0]?.signal?.aborted).toBe(true);
    flows.why.stop();
    expect(asked[1]?.signal?.aborted).toBe(true);
    expect(flows.why).toMatchObject({ open: true, loading: false, stopped: true, error: null });
    flows.why.again();
    flows.why.toggle();
    await settle();
    expect(asked[2]?.signal?.aborted).toBe(true);
    expect(flows.why).toMatchObject({ open: false, loading: false, error: null });
  });

  it('shows the answer of the newest question alone', async () => {
    const flows = open('#range=1h');
    flows.why.ask(kRange);
    flows.why.ask({ ...kRange, to_ms: kNow - 1 });
    asked[0]?.resolve(answer([]));
    await settle();
    expect(flows.why.answer).toBeNull();
    const second = answer([]);
    asked[1]?.resolve(second);
    await settle();
    expect(flows.why.answer).toBe(second);
    expect(flows.why.loading).toBe(false);
  });

  it('says what went wrong, and what an earlier collector cannot', async () => {
    const flows = open('#range=1h');
    flows.why.ask(kRange);
    asked[0]?.reject(new RpcError(-32005, 'Too much for one query', { message: 'it takes too long' }));
    await settle();
    expect(flows.why).toMatchObject({ error: 'it takes too long', loading: false });
    flows.why.again();
    asked[1]?.reject(new RpcError(-32601, 'Method not found', undefined));
    await settle();
    expect(flows.why.error).toMatch(/earlier version/);
  });

  it('says when the view has another filter than the answer', () => {
    const flows = open('#range=1h');
    flows.why.ask(kRange);
    expect(flows.why.other).toBe(false);
    flows.setFilter('port 53');
    expect(flows.why.other).toBe(true);
    flows.why.again();
    expect(flows.why.other).toBe(false);
    expect(asked[1]?.params).toMatchObject({ range: kRange, filter: 'port 53' });
  });
});
