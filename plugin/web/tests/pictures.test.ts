import { beforeAll, describe, expect, it } from 'vitest';
import { heatOf, levelOf } from '../src/chart/heat';
import { listKeys } from '../src/chart/list_keys';
import { placesOf } from '../src/chart/pie_slices';
import { ribbon, sankeyOf } from '../src/chart/sankey';
import { learnFields } from '../src/format/fields.svelte';
import type { QueryResult, Row } from '../src/generated/api';
import { questionOf, risingParams } from '../src/state/queries';
import { shapeOf, shapesOf } from '../src/state/shapes';
import { kDefaultView } from '../src/state/view';
import { kToldFields } from './told_fields';

const sum = (values: number[]) => values.reduce((all, one) => all + one, 0);
const row = (client: string, server: string, octets: number): Row => ({ key: { client, server }, octets, packets: 1, flows: 1, sessions: 1 });
function result(rows: Row[], other = 0): QueryResult {
  return {
    range: { from_ms: 0, to_ms: 4000 }, totals: { octets: sum(rows.map((one) => one.octets)) + other, packets: 0, flows: 0, sessions: 0 }, rows,
    other: { octets: other, packets: 0, flows: 0, sessions: 0, keys: other > 0 ? 1 : 0 }, series: rows.map((one) => ({ key: one.key, octets: [0, one.octets, 0, 0], packets: [] })),
    buckets: { from_ms: 0, to_ms: 4000, count: 4, width_ms: 1000 }, quality: {}, took_ms: 1, sessions_scanned: 1, unscaled: false,
  } as unknown as QueryResult;
}

beforeAll(() => learnFields(kToldFields));

describe('the Sankey picture', () => {
  const by = ['client', 'server'] as const;
  it('has a bar per value at each side and a ribbon per pair, and adds up to the whole', () => {
    const { from, to, links, whole } = sankeyOf(result([row('a', 'x', 60), row('a', 'y', 20), row('b', 'y', 15)], 5), by, 'octets');
    expect(from.map((node) => [node.name, node.value])).toEqual([['a', 80], ['b', 15], ['Other', 5]]);
    expect(to.map((node) => [node.name, node.value])).toEqual([['x', 60], ['y', 35], ['Other', 5]]);
    expect(links.map((link) => [link.from.name, link.to.name, link.value, link.rows.length])).toEqual([['a', 'x', 60, 1], ['a', 'y', 20, 1], ['b', 'y', 15, 1], ['Other', 'Other', 5, 0]]);
    expect(whole).toBe(100);
  });

  it('folds what is small into other, and keeps its rows', () => {
    const many = Array.from({ length: 30 }, (_, at) => row(`c${at}`, 'x', 100 - at));
    const { from, links, whole } = sankeyOf(result(many), by, 'octets');
    expect(from).toHaveLength(15);
    expect(from.at(-1)?.name).toBe('Other');
    expect(links.find((link) => link.from.name === 'Other')?.rows).toHaveLength(16);
    expect(whole).toBe(sum(many.map((one) => one.octets)));
  });

  it('lets ribbons fill their bars and bars of a side not overlap', () => {
    const { from, to, links, height } = sankeyOf(result([row('a', 'x', 50), row('a', 'y', 20), row('b', 'x', 15), row('c', 'z', 15)]), by, 'octets');
    for (const [side, end] of [[from, 'from'], [to, 'to']] as const) {
      for (const [at, node] of side.entries()) {
        const mine = links.filter((link) => link[end] === node);
        expect(sum(mine.map((link) => link.height))).toBeCloseTo(node.height, 3);
        expect(node.y).toBeGreaterThanOrEqual(at === 0 ? 0 : (side[at - 1]?.y ?? 0) + (side[at - 1]?.height ?? 0));
        expect(node.y + node.height).toBeLessThanOrEqual(height + 0.001);
      }
    }
    expect(ribbon(links[0] as never, 10, 90)).toMatch(/^M10 (\S+)C50 \1 50 /);
  });

  it('gives a host one colour at either end', () => {
    const { from } = sankeyOf(result([row('10.0.0.1', '10.0.0.2', 5)]), by, 'octets');
    expect(from[0]?.id).toBe('host=10.0.0.1');
  });
});

describe('the heat map', () => {
  it('has the rows of the table in its order, and all that each moved', () => {
    const drawn = result([row('a', 'x', 60), row('b', 'y', 20)]);
    const counted = result([row('a', 'x', 600), row('b', 'y', 200)]);
    expect(heatOf(drawn, counted)).toMatchObject({ count: 4, most: 600, rows: [{ name: 'a → x', octets: [0, 600, 0, 0] }, { name: 'b → y', octets: [0, 200, 0, 0] }] });
  });

  it('shows what is small beside a backup', () => {
    expect([levelOf(0, 100), levelOf(1, 100), levelOf(25, 100), levelOf(100, 100), levelOf(5, 0)]).toEqual([0, 0.1, 0.5, 1, 0]);
  });

  it('asks for all that each end moved only where a byte has two ends', () => {
    const heat = { ...kDefaultView, shape: 'heat' as const };
    expect(risingParams(heat, null)).toMatchObject({ by: ['host'], buckets: 200 });
    expect(risingParams(heat, null)).not.toHaveProperty('once');
    expect(risingParams({ ...heat, direction: 'talkers' }, null)).toBeNull();
    expect(questionOf(heat)).not.toBe(questionOf(kDefaultView));
    expect(questionOf({ ...kDefaultView, shape: 'pie' })).toBe(questionOf(kDefaultView));
  });
});

describe('how rows can be shown', () => {
  it('is as a Sankey picture where there are two fields', () => {
    const shapes = (tab: 'hosts' | 'conversations' | 'by' | 'sessions', by: string[] = []) => shapesOf({ tab, by }).map((choice) => choice.id);
    expect(shapes('hosts')).toEqual(['table', 'pie', 'heat']);
    expect(shapes('conversations')).toContain('sankey');
    expect(shapes('by', ['client'])).not.toContain('sankey');
    expect(shapes('by', ['client', 'server_port'])).toContain('sankey');
    expect(shapes('sessions')).not.toContain('sankey');
    expect(shapeOf({ tab: 'hosts', by: [], shape: 'sankey' })).toBe('table');
  });
});

describe('the pie', () => {
  const size = { width: 800, height: 400, outer: 150, inner: 70 };
  const slice = (value: number) => ({ id: String(value), name: String(value), value, colour: 0 });
  it('begins at the top, and is round also with one slice', () => {
    expect(placesOf([slice(1), slice(1)], size)[0]?.path).toMatch(/^M400.00 50.00A150 150 0 0 1 400.00 350.00/);
    expect(placesOf([slice(5)], size)[0]?.path).not.toMatch(/M(\S+ \S+)A150 150 0 1 1 \1/);
  });

  it('has labels that do not cover each other, and none for what is thin', () => {
    const places = placesOf([...Array.from({ length: 10 }, () => slice(9)), slice(0.2)], size);
    expect(places.at(-1)?.label).toBeNull();
    for (const right of [true, false]) {
      const ys = places.flatMap((place) => (place.label?.right === right ? [place.label.y] : [])).sort((one, other) => one - other);
      expect(ys.length).toBeGreaterThan(3);
      for (let at = 1; at < ys.length; at++) expect((ys[at] ?? 0) - (ys[at - 1] ?? 0)).toBeGreaterThanOrEqual(35.9);
    }
  });
});

it('keys go through the parts of a picture, select, and open the menu', () => {
  const told: string[] = [];
  const deeds = { move: (id: string | null) => told.push(`to ${id}`), pick: (id: string) => told.push(`pick ${id}`), menu: (id: string) => told.push(`menu ${id}`) };
  const press = (key: string, active: string | null, more = {}) => {
    let taken = false;
    listKeys({ key, ctrlKey: false, metaKey: false, altKey: false, preventDefault: () => (taken = true), stopPropagation: () => {}, ...more } as unknown as KeyboardEvent, ['a', 'b'], active, deeds);
    return taken;
  };
  press('ArrowDown', null); press('ArrowRight', 'b'); press('ArrowUp', null); press('Enter', 'a'); press('Enter', 'a', { altKey: true });
  expect(told).toEqual(['to a', 'to a', 'to b', 'pick a', 'menu a']);
  expect([press('Enter', null), press('x', 'a'), press('ArrowDown', 'a', { ctrlKey: true })]).toEqual([false, false, false]);
});
