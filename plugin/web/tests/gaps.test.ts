import { describe, expect, it } from 'vitest';
import { qualityNotes } from '../src/bars/quality_words';
import { hatchesOf, isUnknown, observedLength, wordsWithin } from '../src/chart/gaps';
import type { Quality, QueryResult } from '../src/generated/api';
import { kGoodQuality as kGood } from './examples';

const kRange = { from_ms: 0, to_ms: 100_000 };
const kNothing = { lost: 0, lost_unit: 'records' as const, waiting: 0, refused: 0, malformed: 0, dropped: 0, duplicates: 0, repaired: 0, unsampled: 0, late_ms: 0, not_heard_ms: 0 };
const answer = (quality: Partial<Quality>) => ({ range: kRange, quality: { ...kGood, ...quality } }) as unknown as QueryResult;
const nameOf = (address: string) => `<${address}>`;
const spans = (quality: Partial<Quality>, answered_ms = 200_000) => hatchesOf(answer(quality), answered_ms, nameOf).map((one) => [one.from_ms, one.to_ms, one.whole, one.words.join('; ')]);

describe('hatched', () => {
  it('is nothing of a complete range', () => {
    expect(spans({})).toEqual([]);
  });

  it('is what has not come yet, and what has not arrived yet', () => {
    expect(spans({}, 60_000)).toEqual([[60_000, 100_000, true, 'This time has not come yet']]);
    expect(spans({ late_ms: 10_000 }, 60_000)).toEqual([[50_000, 60_000, true, 'Not all has arrived yet'], [60_000, 100_000, true, 'This time has not come yet']]);
    expect(spans({ late_ms: 10_000 })).toEqual([[90_000, 100_000, true, 'Not all has arrived yet']]);
    expect(spans({ late_ms: 900_000 })).toEqual([[0, 100_000, true, 'Not all has arrived yet']]);
  });

  it('is a time without the collector, and names who was not heard', () => {
    expect(spans({
      exporters_in_question: 2,
      gaps: [{ from_ms: 10_000, to_ms: 20_000, reason: 'collector_down' }, { from_ms: 30_000, to_ms: 50_000, reason: 'not_heard', exporter: 'a' }, { from_ms: 40_000, to_ms: 60_000, reason: 'not_heard', exporter: 'b' }],
    })).toEqual([
      [10_000, 20_000, true, 'The collector was not running: nothing was received'],
      [30_000, 40_000, false, 'Not heard: <a>'],
      [40_000, 50_000, true, 'Not heard: <a> and <b>'],
      [50_000, 60_000, false, 'Not heard: <b>'],
    ]);
    expect(spans({ exporters_in_question: 1, gaps: [{ from_ms: 5000, to_ms: 6000, reason: 'not_heard', exporter: 'a' }] })).toEqual([[5000, 6000, true, 'Not heard: <a>']]);
  });

  it('is late per exporter, and who is silent is not late as well', () => {
    expect(spans({
      exporters_in_question: 3, late_ms: 60_000,
      gaps: [{ from_ms: 80_000, to_ms: 100_000, reason: 'not_heard', exporter: 'b' }],
      exporters: [{ ...kNothing, exporter: 'a', late_ms: 60_000 }, { ...kNothing, exporter: 'b', late_ms: 20_000 }],
    })).toEqual([[40_000, 80_000, false, 'Not all has arrived yet: <a>'], [80_000, 100_000, false, 'Not heard: <b>; Not all has arrived yet: <a>']]);
  });

  it('names a few of many', () => {
    const gaps = ['a', 'b', 'c', 'd', 'e'].map((exporter) => ({ from_ms: 0, to_ms: 50_000, reason: 'not_heard' as const, exporter }));
    expect(spans({ exporters_in_question: 9, gaps })).toEqual([[0, 50_000, false, 'Not heard: <a>, <b>, <c> and 2 more']]);
  });

  it('covers what is absent, whatever the gaps: nothing twice, in order, within the range', () => {
    let state = 7;
    const chance = (below: number) => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) % below;
    for (let round = 0; round < 60; round++) {
      const gaps = Array.from({ length: chance(12) }, () => {
        const from_ms = chance(100_000);
        const exporter = ['a', 'b', 'c'][chance(4)];
        const gap = { from_ms, to_ms: Math.min(100_000, from_ms + 1 + chance(40_000)) };
        return exporter ? { ...gap, reason: 'not_heard' as const, exporter } : { ...gap, reason: 'collector_down' as const };
      });
      const hatches = hatchesOf(answer({ gaps, exporters_in_question: 3 }), 200_000, nameOf);
      hatches.forEach((one, at) => {
        expect(one.from_ms).toBeLessThan(one.to_ms);
        expect(one.from_ms).toBeGreaterThanOrEqual(at === 0 ? 0 : (hatches[at - 1]?.to_ms ?? 0));
        expect(one.to_ms).toBeLessThanOrEqual(100_000);
      });
      for (let ms = 50; ms < 100_000; ms += 100) {
        const active = gaps.filter((gap) => gap.from_ms <= ms && gap.to_ms > ms);
        const hatch = hatches.find((one) => one.from_ms <= ms && one.to_ms > ms);
        const down = active.some((gap) => gap.reason === 'collector_down');
        if (active.length > 0 && (hatch === undefined || (down && !hatch.whole))) expect.fail(`at ${ms} in round ${round}`);
      }
    }
  });

  it('is no zero to the mean and to the tip', () => {
    const hatches = hatchesOf(answer({ gaps: [{ from_ms: 20_000, to_ms: 60_000, reason: 'collector_down' }] }), 200_000, nameOf);
    expect(observedLength(answer({}), null, 200_000, [])).toBe(100_000);
    expect(observedLength(answer({}), null, 200_000, hatches)).toBe(60_000);
    expect(observedLength(answer({}), 90_000, 98_000, hatches)).toBe(8000);
    expect(observedLength(answer({}), 900_000, 98_000, [])).toBe(1);
    expect([isUnknown(hatches, 20_000, 30_000), isUnknown(hatches, 10_000, 30_000)]).toEqual([true, false]);
    expect(wordsWithin(hatches, 0, 30_000)).toEqual(['The collector was not running: nothing was received']);
    expect(wordsWithin(hatches, 60_000, 70_000)).toEqual([]);
  });
});

describe('the quality line', () => {
  const words = (quality: Partial<Quality>, saturated = false) => qualityNotes({ ...kGood, ...quality }, saturated).map((note) => `${note.warn ? '! ' : ''}${note.text}`);

  it('tells quietly what was scaled later, and warns of counters that are uncertain', () => {
    expect(words({ ...kGood, scaled_later: 1200 } as Quality)).toEqual(['nothing lost', '1,200 sessions scaled by a sampling rate that was announced after them']);
    expect(words({ ...kGood, counters_uncertain: 1 } as Quality)).toEqual(['! counters of 1 session uncertain']);
    expect(words({})).toEqual(['nothing lost']);
  });

  it('says that nothing is lost only when nothing is missing', () => {
    expect(words({})).toEqual(['nothing lost']);
    expect(words({ duplicates: 1 })).toEqual(['nothing lost', '1 datagram came twice, counted once']);
    for (const quality of [{ lost: 1 }, { dropped: 1 }, { waiting: 1 }, { malformed: 1 }, { refused: 1 }, { not_heard_ms: 1000 }, { unsampled: 1 }, { unknown_sampling: true }]) {
      expect(words(quality).join(), JSON.stringify(quality)).not.toMatch(/nothing lost/);
      expect(words(quality)[0]).toMatch(/^! /);
    }
  });

  it('names the other collectors that did not answer, before anything else', () => {
    const away = (count: number) => Array.from({ length: count }, (_, at) => ({ name: `site-${at + 1}`, why: 'no connection' }));
    expect(words({ away: away(1), lost: 1 })).toEqual(['! site-1 did not answer (no connection)', '! 1 record lost on the way']);
    expect(words({ away: away(4) })).toEqual(['! site-1 did not answer (no connection); site-2 did not answer (no connection); nor did 2 others']);
  });

  it('tells what the answer leaves out once, and does not fill the page with it', () => {
    const notes = (warnings: string[]) => qualityNotes(kGood, false, warnings).map((note) => note.text);
    expect(notes(['a is damaged', 'a is damaged'])).toEqual(['a is damaged']);
    expect(notes(['a', 'b', 'c', 'd'])).toEqual(['a', 'b', '2 more warnings of this kind']);
  });

  it('counts what was lost as the protocol counts it, and says whose it was', () => {
    expect(words({ lost: 80, lost_unit: 'datagrams', exporters: [{ ...kNothing, exporter: '192.0.2.1', label: 'edge-1', lost: 80 }] })).toEqual(['! 80 datagrams lost on the way (edge-1)']);
    expect(words({ lost: 1, lost_unit: 'records' })).toEqual(['! 1 record lost on the way']);
    expect(words({ lost: 9, lost_unit: 'mixed' })).toEqual(['! 9 lost on the way, counted in records and in datagrams']);
    const exporters = ['a', 'b', 'c', 'd'].map((exporter, at) => ({ ...kNothing, exporter, lost: at + 1 }));
    expect(words({ lost: 10, lost_unit: 'records', exporters })).toEqual(['! 10 records lost on the way (d, c and 2 more)']);
  });

  it('says what was corrected and by whom it was sent', () => {
    expect(words({ time_repaired: 3116, exporters: [{ ...kNothing, exporter: '192.0.2.2', repaired: 6000 }] })).toEqual(['nothing lost', 'start or end of 3,116 sessions corrected (192.0.2.2)']);
  });

  it('tells a silence from a stop of the collector', () => {
    expect(words({ not_heard_ms: 300_000, exporters: [{ ...kNothing, exporter: 'a', not_heard_ms: 300_000 }, { ...kNothing, exporter: 'b', not_heard_ms: 1000 }] })).toEqual(['! a not heard for 5 min, nor 1 other exporter for some time']);
    expect(words({ not_heard_ms: 30_000, gaps: [{ from_ms: 0, to_ms: 30_000, reason: 'collector_down' }] })).toEqual(['! the collector was not running for 30 s']);
    expect(words({ not_heard_ms: 30_000 })).toEqual(['! nothing heard for 30 s']);
  });

  it('names who is behind, which rates scale, and which are unknown', () => {
    expect(words({ late_ms: 61_000, exporters: [{ ...kNothing, exporter: 'a', late_ms: 61_000 }, { ...kNothing, exporter: 'b', late_ms: 900 }] })).toEqual(['nothing lost', 'a is 1 min 1 s behind, 1 other less']);
    expect(words({ late_ms: 716 })).toEqual(['nothing lost', 'newest data 716 ms old']);
    expect(words({ sampled: true, rates: [1000, 1, 100] })).toEqual(['nothing lost', 'scaled ×100, ×1,000 from samples']);
    expect(words({ unknown_sampling: true, unsampled: 200, exporters: [{ ...kNothing, exporter: 'a', unsampled: 400 }] })).toEqual(['! sampling rate unknown for 200 sessions (a): figures may be too small']);
    expect(words({}, true)[0]).toMatch(/^! more is claimed/);
  });
});
