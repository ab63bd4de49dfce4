import { afterEach, describe, expect, it } from 'vitest';
import { answerOf, standsOut, timesText, verdictOf } from '../src/chart/answer';
import { figuresOf, knownBuckets, observedBuckets } from '../src/chart/layer_figures';
import { layersOf, type Drawn, type Layer, type Stack } from '../src/chart/stack';
import { showUtc } from '../src/format/zone.svelte';
import type { QueryParams, QueryResult } from '../src/generated/api';
import { daysBefore, EarlierWatch, lineOf } from '../src/state/earlier.svelte';
import { kDefaultView, type View } from '../src/state/view';

const layer = (name: string, octets: number[]): Layer => ({ id: name, name, key: name === 'Other' ? null : { host: name }, colour: 0, octets });
function stack(...layers: Layer[]): Stack {
  const count = layers[0]?.octets.length ?? 0;
  return { from_ms: 0, to_ms: count * 1000, count, width_ms: 1000, layers, heights: Array.from({ length: count }, (_, at) => layers.reduce((sum, one) => sum + (one.octets[at] ?? 0), 0)) };
}
const drawn = (...layers: Layer[]): Drawn => ({ up: stack(...layers), down: null });
const all = (count: number) => new Array<boolean>(count).fill(true);
const line = (octets: (number | null)[]) => ({ from_ms: 0, to_ms: octets.length * 1000, width_ms: 1000, octets });
const answer = (one: Drawn, lines: ReturnType<typeof line>[] = [], known = all(one.up.count)) => answerOf(one, layersOf(one), known, lines);

let state = 11;
const chance = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;

describe('what stands out', () => {
  it('is the planted stretch, wherever and however long, under noise', () => {
    for (let round = 0; round < 40; round++) {
      const count = 20 + Math.floor(chance() * 180);
      const length = 1 + Math.floor(chance() * (count / 2));
      const from = Math.floor(chance() * (count - length));
      const heights = Array.from({ length: count }, (_, at) => 100 * (0.85 + 0.3 * chance()) + (at >= from && at < from + length ? 400 : 0));
      expect(standsOut(heights, all(count)), `${count} buckets, ${from}+${length}`).toMatchObject({ from, to: from + length });
    }
  });

  it('is nothing of noise, of a flat line, of silence', () => {
    for (let round = 0; round < 40; round++) expect(standsOut(Array.from({ length: 60 }, () => 100 * (0.7 + 0.6 * chance())), all(60))).toBeNull();
    expect(standsOut(new Array<number>(60).fill(5), all(60))).toBeNull();
    expect(standsOut(new Array<number>(60).fill(0), all(60))).toBeNull();
  });

  it('is a small step, when it is a clean one', () => {
    const step = Array.from({ length: 60 }, (_, at) => (at < 30 ? 400 : 556));
    expect(standsOut(step, all(60))).toMatchObject({ from: 30, to: 60 });
    expect(standsOut(step.map((height) => height * (0.7 + 0.6 * chance())), all(60))).toBeNull();
  });

  it('takes no zero for a fall where nothing is known', () => {
    const heights = [...new Array<number>(30).fill(100), ...new Array<number>(10).fill(0)];
    expect(standsOut(heights, heights.map((_, at) => at < 30))).toBeNull();
  });
});

describe('the answer', () => {
  const backup = layer('backup', [0, 0, 0, 0, 90, 90, 0, 0, 0, 0]);
  const web = layer('web', [10, 11, 10, 9, 10, 20, 10, 10, 9, 11]);
  it('says who rose, since when, and what it was before', () => {
    const found = answer(drawn(web, backup), [line([10, 10, 10, 10, 20, 20, 10, 10, 10, 10])]);
    expect(found.stretch).toMatchObject({ from_ms: 4000, to_ms: 6000, lasts: false, rate: 105 });
    expect(found.who).toEqual([{ layer: backup, share: expect.closeTo(0.947, 2) }]);
    expect(found.before).toEqual({ now: 105, then: 20 });
  });

  it('says that it lasts when nothing is known after it', () => {
    const rising = drawn(layer('backup', [1, 1, 1, 1, 1, 1, 9, 9, 0, 0]));
    expect(answer(rising, [], [...all(8), false, false]).stretch).toMatchObject({ from_ms: 6000, lasts: true });
  });

  it('names the largest where nothing stands out, and compares all of it', () => {
    const steady = answer(drawn(layer('a', [6, 6, 6, 6]), layer('b', [4, 4, 4, 4])), [line([5, null, 5, 5])]);
    expect(steady).toMatchObject({ stretch: null, who: [{ share: 0.6 }], before: { now: 10, then: 5 } });
  });

  it('compares only what is known on both sides', () => {
    expect(answer(drawn(web), [line(new Array<null>(10).fill(null))]).before).toBeNull();
    expect(answer(drawn(web), []).before).toBeNull();
    const two: Drawn = { up: stack(web), down: stack(backup) };
    expect(answer(two, [line(new Array<number>(10).fill(1)), line(new Array<number>(10).fill(2))]).before?.then).toBe(3);
  });

  it('is in words that fit', () => {
    expect([[240, 100], [131, 100], [88, 100], [100, 100], [5, 0], [0, 0]].map(([now = 0, then = 0]) => timesText({ now, then }))).toEqual(['2.4 × as much', '31 % more', '12 % less', 'the same', 'nothing then', 'nothing, as then']);
    expect([[130, 100], [110, 100], [70, 100], [1, 0], [0, 0]].map(([now = 0, then = 0]) => verdictOf({ now, then }))).toEqual(['more', 'as', 'less', 'more', 'as']);
  });
});

it('gives last, mean and max of what is known', () => {
  const one = stack(layer('a', [1, 2, 6, 0]));
  const known = knownBuckets(one, [{ from_ms: 3000, to_ms: 4000, whole: true, words: [] }]);
  expect(figuresOf(one, one.heights, known)).toEqual({ last: 6, mean: 3, max: 6 });
  expect(figuresOf(one, one.heights, observedBuckets(one, known, [], 1000))).toEqual({ last: 6, mean: 4, max: 6 });
  expect(observedBuckets(one, known, [], null)).toEqual(known);
  // Half a bucket is not what a whole one would show.
  expect(observedBuckets(one, known, [], 1500)).toEqual([false, false, true, false]);
  const toCome = [{ from_ms: 2200, to_ms: 4000, whole: true, words: [] }];
  expect(figuresOf(one, one.heights, observedBuckets(one, knownBuckets(one, toCome), toCome, null))).toEqual({ last: 2, mean: 1.5, max: 2 });
  const all = [{ from_ms: 500, to_ms: 3500, whole: true, words: [] }];
  expect(observedBuckets(stack(layer('a', [1])), [true], all, null)).toEqual([true]);
  expect(figuresOf(one, one.heights, [false, false, false, false])).toEqual({ last: 0, mean: 0, max: 0 });
});

describe('the same time before', () => {
  const kDay = 86_400_000;
  const kNow = 1_700_000_000_000;
  afterEach(() => showUtc(false));
  const answerTo = (params: QueryParams): QueryResult => ({
    range: params.range, buckets: { ...params.range, count: 4, width_ms: 250 }, series: [{ key: {}, octets: [1, 2, 3, 4], packets: [] }, { key: {}, other: true, octets: [10, 10, 10, 10], packets: [] }],
    quality: { gaps: [], late_ms: 0 },
  }) as unknown as QueryResult;
  function watch() {
    const asked: QueryParams[] = [];
    const earlier = new EarlierWatch(((_: string, params: QueryParams) => { asked.push(params); return Promise.resolve(answerTo(params)); }) as never, { now: () => kNow, every: () => {} });
    return { asked, earlier };
  }
  const view = (patch: Partial<View> = {}): View => ({ ...kDefaultView, ...patch });

  it('is a week back by the clock, and stands under the range of now', async () => {
    showUtc(true);
    const { asked, earlier } = watch();
    await earlier.follow(view(), { from_ms: kNow - 1000, to_ms: kNow }, 0);
    expect(asked[0]?.range).toEqual({ from_ms: kNow - 1000 - 7 * kDay, to_ms: kNow - 7 * kDay });
    expect(earlier.shown?.up).toMatchObject({ from_ms: kNow - 1000, to_ms: kNow, octets: [11, 12, 13, 14] });
    expect(earlier.shown?.down).toBeNull();
    expect(daysBefore(kNow, 1)).toBe(kNow - kDay);
  });

  it('is asked again only when the range has moved, or the question', async () => {
    const { asked, earlier } = watch();
    const follow = (moved: number, patch: Partial<View> = {}) => earlier.follow(view(patch), { from_ms: kNow - 1000 + moved, to_ms: kNow + moved }, 0);
    await follow(0);
    await follow(10);
    expect(asked.length).toBe(1);
    await follow(60);
    expect(asked.length).toBe(2);
    await follow(60, { filter: 'host 10.0.0.1' });
    expect(asked.slice(2).map((params) => params.filter)).toEqual(['src host 10.0.0.1', 'dst host 10.0.0.1']);
    expect(earlier.shown?.down).not.toBeNull();
    await follow(60, { filter: 'host 10.0.0.1', compare: 'none' });
    expect([asked.length, earlier.shown]).toEqual([4, null]);
  });

  it('is not asked of what is not stored, or of ranges longer than the way back', async () => {
    const { asked, earlier } = watch();
    await earlier.follow(view(), { from_ms: kNow - 1000, to_ms: kNow }, kNow - kDay);
    await earlier.follow(view({ rows: 1 }), { from_ms: kNow - 8 * kDay, to_ms: kNow }, 0);
    await earlier.follow(view({ rows: 2 }), { from_ms: kNow - 1000, to_ms: kNow }, null);
    expect([asked.length, earlier.shown]).toEqual([0, null]);
  });

  it('is no zero where nothing was stored or heard', () => {
    const result = { ...answerTo({ range: { from_ms: 0, to_ms: 1000 } }), quality: { gaps: [{ from_ms: 500, to_ms: 750, reason: 'collector_down' }], late_ms: 0 } } as unknown as QueryResult;
    expect(lineOf(result, 5000, 10_000, 100)).toEqual({ from_ms: 5000, to_ms: 6000, width_ms: 250, octets: [null, 12, null, 14] });
  });
});
