import { describe, expect, it } from 'vitest';
import { assignColours, kColours } from '../src/chart/palette';
import { addsUp, shareText, slicesOf } from '../src/chart/pie_slices';
import { axisOf, axisScale } from '../src/chart/axis';
import { blend } from '../src/chart/paint_stack';
import { bucketAt, layerAt, peakRate, perSecond, snapToBuckets, stackOf } from '../src/chart/stack';
import { inDrawnOrder } from '../src/chart/drawn';
import { keyId } from '../src/format/names';
import type { QueryResult } from '../src/generated/api';
import { kGoodQuality } from './examples';

const kCount = 4;

/** Row i has 100 - i octets in each bucket; beyond them others with 50. */
function result(rows: number, others = 50): QueryResult {
  const each = (value: number) => new Array<number>(kCount).fill(value);
  const list = Array.from({ length: rows }, (_, at) => ({ key: { host: `10.0.0.${at}` }, octets: (100 - at) * kCount, packets: 4, flows: 1, sessions: 1 }));
  const stacked = list.reduce((sum, row) => sum + row.octets, others * kCount);
  return {
    range: { from_ms: 0, to_ms: 4000 },
    totals: { octets: stacked, packets: 4 * rows, flows: rows, sessions: rows },
    rows: list,
    other: { octets: others * kCount, packets: 0, flows: 0, sessions: 0, keys: others > 0 ? 7 : 0 },
    series: [...list.map((row, at) => ({ key: row.key, octets: each(100 - at), packets: each(1) })), { other: true, key: {}, octets: each(others), packets: each(0) }],
    buckets: { from_ms: 0, to_ms: 4000, count: kCount, width_ms: 1000 },
    quality: kGoodQuality,
    took_ms: 1, sessions_scanned: rows, unscaled: false,
  };
}

/** 97 % of the wire is between "backup" and "vault", 2 % between "web" and others: as the collector answers with once. */
function exchange(): QueryResult {
  const each = (value: number) => new Array<number>(kCount).fill(value);
  const measures = (octets: number) => ({ octets, packets: octets, flows: octets, sessions: octets });
  const row = (host: string, octets: number, once: number) => ({ key: { host }, ...measures(octets), once: measures(once) });
  const rows = [row('backup', 388, 388), row('vault', 388, 0), row('web', 8, 8)];
  return {
    ...result(0),
    totals: measures(400), rows, other: { ...measures(4), keys: 3 },
    series: [...rows.map(({ key, once }) => ({ key, octets: each(once.octets / kCount), packets: each(once.octets / kCount) })), { other: true, key: {}, octets: each(1), packets: each(1) }],
  };
}

const coloursOf = (one: QueryResult) => assignColours(new Map(), inDrawnOrder(one).map((row) => keyId(row.key)));
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

describe('stack', () => {
  it('loses nothing: layers add up to the rows and the others', () => {
    for (const rows of [0, 1, 10, 11, 24]) {
      const answer = result(rows);
      const stack = stackOf(answer, coloursOf(answer));
      const inTable = sum(answer.rows.map((row) => row.octets)) + answer.other.octets;
      expect(sum(stack.layers.flatMap((layer) => layer.octets))).toBe(inTable);
      expect(sum(stack.heights)).toBe(inTable);
    }
  });

  it('has the largest at the bottom, ten of them, and the rest on top', () => {
    const answer = result(24);
    const { layers } = stackOf(answer, coloursOf(answer));
    expect(layers.map((layer) => layer.name).slice(0, 2)).toEqual(['10.0.0.0', '10.0.0.1']);
    expect(layers).toHaveLength(kColours.length + 1);
    expect(layers.at(-1)).toMatchObject({ id: 'other', key: null, colour: null });
  });

  it('has no layer for others where there are none', () => {
    const answer = result(3, 0);
    expect(stackOf(answer, coloursOf(answer)).layers.map((layer) => layer.id)).not.toContain('other');
  });

  it('draws each byte once when both of its ends are rows', () => {
    const answer = exchange();
    const stack = stackOf(answer, coloursOf(answer));
    expect(stack.layers.map((layer) => [layer.name, sum(layer.octets)])).toEqual([['backup', 388], ['web', 8], ['Other', 4]]);
    expect(stack.heights).toEqual([100, 100, 100, 100]);
    expect(peakRate(stack)).toBe(100);
    expect(sum(stack.heights)).toBe(answer.totals.octets);
  });

  it('gives areas to the rows that are drawn largest, whatever the table ranks by', () => {
    const answer = exchange();
    expect(inDrawnOrder(answer).map((row) => row.key.host)).toEqual(['backup', 'web']);
    expect(inDrawnOrder({ ...answer, rows: [...answer.rows].reverse() }).map((row) => row.key.host)).toEqual(['backup', 'web']);
  });

  it('finds what is under the pointer', () => {
    const answer = result(2);
    const stack = stackOf(answer, coloursOf(answer));
    expect(layerAt(stack, 0, 99)?.name).toBe('10.0.0.0');
    expect(layerAt(stack, 0, 100)?.name).toBe('10.0.0.1');
    expect(layerAt(stack, 0, 200)?.id).toBe('other');
    expect(layerAt(stack, 0, 249)).toBeNull();
    expect(layerAt(stack, 0, -1)).toBeNull();
    expect([-5, 0, 999, 1000, 3999, 9999].map((ms) => bucketAt(stack, ms))).toEqual([0, 0, 0, 1, 3, 3]);
    expect(perSecond(stack, 100)).toBe(100);
  });

  it('snaps a drag outwards to whole buckets, in either direction', () => {
    const answer = result(1);
    const stack = stackOf(answer, coloursOf(answer));
    expect(snapToBuckets(stack, 1200, 2100)).toEqual({ from_ms: 1000, to_ms: 3000 });
    expect(snapToBuckets(stack, 2100, 1200)).toEqual({ from_ms: 1000, to_ms: 3000 });
  });

});

describe('colours', () => {
  it('stay with their key when the order changes', () => {
    const first = assignColours(new Map(), ['a', 'b', 'c']);
    const second = assignColours(first, ['c', 'd', 'a']);
    expect(second.get('a')).toBe(first.get('a'));
    expect(second.get('c')).toBe(first.get('c'));
    expect(new Set(second.values()).size).toBe(3);
  });

  it('follow from the keys, whatever was seen before them and in which order', () => {
    const hosts = Array.from({ length: 10 }, (_, at) => `host=10.4.${at}.7`);
    const alone = hosts.map((id) => assignColours(new Map(), [id]).get(id));
    expect(new Set(alone).size).toBeGreaterThan(4);
    for (const id of hosts) expect(assignColours(new Map(), [id, ...hosts.filter((one) => one !== id)]).get(id), id).toBe(alone[hosts.indexOf(id)]);
  });

  it('by contrast follow the rank: first come, first of the palette', () => {
    expect([...assignColours(new Map(), ['c', 'a', 'b'], 'contrast')]).toEqual([['c', 0], ['a', 1], ['b', 2]]);
    expect([...assignColours(new Map([['a', 1]]), ['b', 'a'], 'contrast')].sort(([a], [b]) => a.localeCompare(b))).toEqual([['a', 1], ['b', 0]]);
  });

  it('are given to ten keys, each its own', () => {
    const assigned = assignColours(new Map(), Array.from({ length: 30 }, (_, at) => `k${at}`));
    expect(new Set(assigned.values()).size).toBe(kColours.length);
    expect(assigned.has('k10')).toBe(false);
  });

  it('blend with the ground', () => {
    expect(blend('#ffffff', '#000000', 0.5)).toBe('rgb(128,128,128)');
    expect(blend('#fff', '#000', 1)).toBe('rgb(255,255,255)');
  });
});

it('gives the axis round steps and room above the peak', () => {
  expect(axisScale(203e6)).toEqual({ max: 250e6, interval: 50e6 });
  for (let highest = 1; highest < 1e13; highest *= 1.07) {
    const { max, interval } = axisScale(highest);
    expect(max).toBeGreaterThanOrEqual(highest);
    expect(max / interval).toBeLessThanOrEqual(6.01);
    expect(max).toBeLessThanOrEqual(highest * 1.5);
  }
});

it('cuts the pie as the chart is stacked: 97 % of the wire is 97 % of the pie', () => {
  const answer = exchange();
  const slices = slicesOf(answer, coloursOf(answer), 'octets');
  expect(slices.map((slice) => [slice.name, slice.value])).toEqual([['backup', 388], ['web', 8], ['Other', 4]]);
  expect(sum(slices.map((slice) => slice.value))).toBe(answer.totals.octets);
});

it('cuts the pie from the same rows', () => {
  const answer = result(12);
  const slices = slicesOf(answer, coloursOf(answer), 'octets');
  expect(sum(slices.map((slice) => slice.value))).toBe(answer.totals.octets);
  expect(slices.at(-1)?.name).toBe('Other');
});

it('takes the shares of a pie of the same whole as the table, also where slices share what is in them', () => {
  const slice = (id: string, value: number) => ({ id, name: id, value, colour: null });
  const shared = [slice('a', 60), slice('b', 50), slice('other', 30)];
  expect(addsUp(shared, 100)).toBe(false);
  expect(shared.map((one) => shareText(one, shared, 100))).toEqual([' · 60.0 %', ' · 50.0 %', '']);
  const parted = [slice('a', 70), slice('other', 30)];
  expect(parted.map((one) => shareText(one, parted, 100))).toEqual([' · 70.0 %', ' · 30.0 %']);
});

describe('the axis', () => {
  const stack = (octets: number[]) => ({ from_ms: 0, to_ms: octets.length * 1000, count: octets.length, width_ms: 1000, layers: [], heights: octets });
  const limits = { unit: 'bits' as const, speed_bps: null, scale: null };
  it('has room for what is above, below, and was before', () => {
    const up = stack([100e6 / 8]);
    expect(axisOf({ up, down: null }, [], limits)).toMatchObject({ min: 0, max: 120e6 });
    expect(axisOf({ up, down: stack([10e6 / 8]) }, [], limits)).toMatchObject({ min: -20e6, max: 120e6, interval: 20e6 });
    expect(axisOf({ up, down: null }, [{ from_ms: 0, to_ms: 1000, width_ms: 1000, octets: [null, 200e6 / 8] }], limits).max).toBeGreaterThan(200e6);
  });

  it('reaches up to the speed of an interface that is used, and not of one that idles', () => {
    const of = (rate: number) => axisOf({ up: stack([rate / 8]), down: null }, [], { ...limits, speed_bps: 1e9 }).max;
    expect(of(500e6)).toBeGreaterThanOrEqual(1e9);
    expect(of(10e6)).toBeLessThan(20e6);
  });

  it('stays where a person fixed it', () => {
    expect(axisOf({ up: stack([1e9]), down: stack([1]) }, [], { ...limits, scale: 1e6 })).toEqual({ min: -1e6, max: 1e6, interval: 2e5 });
  });
});
