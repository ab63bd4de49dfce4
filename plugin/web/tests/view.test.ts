import { describe, expect, it } from 'vitest';
import { learnFields } from '../src/format/fields.svelte';
import { questionOf, rankedByCollector, sentFilter, sessionsParams, sideFilters, sideParams, topParams } from '../src/state/queries';
import { titleOf } from '../src/state/tabs';
import { formatView, kDefaultView, parseView, type View } from '../src/state/view';
import { kToldFields } from './told_fields';

learnFields(kToldFields);

const full: View = {
  tab: 'ports', range: { kind: 'fixed', from_ms: 1_700_000_000_000, to_ms: 1_700_000_900_000 }, zoomedFrom: { kind: 'last', ms: 3_600_000 }, at_ms: 1_700_000_600_000,
  filter: 'host 10.0.0.0/8 and not (port 443 or proto udp)', exporter: '2001:db8::1', interface: 3, way: 'in', direction: 'talkers', unit: 'bytes', colours: 'contrast', utc: true,
  shape: 'pie', sort: 'packets', order: 'asc', rows: 100, live: 0, by: [], compare: 'day', scale: 1e9,
  selected: ['protocol=6 server_port=443', 'protocol=17 server_port=53'], why: { from_ms: 1_700_000_000_000, to_ms: 1_700_000_300_000 }, page: { find: 'edge & core' },
};

describe('view in the URL', () => {
  it('comes back as it was written', () => {
    for (const view of [kDefaultView, full, { ...kDefaultView, live: 0 }, { ...kDefaultView, range: { kind: 'all' as const }, live: 0 }]) {
      expect(parseView(formatView(view))).toEqual(view);
    }
  });

  it('says by which fields, at most two', () => {
    expect(parseView('#tab=by&by=in_if,dscp,tos,<b>').by).toEqual(['in_if', 'dscp']);
    expect(formatView({ ...kDefaultView, tab: 'by', by: ['in_if', 'dscp'] })).toBe('#tab=by&by=in_if%2Cdscp');
    expect(topParams({ ...kDefaultView, tab: 'by' }, null).by).toEqual(['interface']);
    expect([titleOf({ tab: 'by', by: ['in_if', 'dscp'] }), titleOf({ tab: 'ports', by: [] })]).toEqual(['By in interface and DSCP', 'Top ports']);
  });

  it('of a moment shows first what rose then', () => {
    const view = parseView('#from=1700000000000&to=1700000900000&at=1700000600000');
    expect(view).toMatchObject({ at_ms: 1_700_000_600_000, sort: 'rise', order: 'desc', rows: 100 });
    expect(formatView(view)).toBe('#tab=hosts&from=1700000000000&to=1700000900000&at=1700000600000');
    expect(parseView('#range=1h&at=1700000600000').at_ms).toBeNull();
    expect(parseView('#from=1700000000000&to=1700000900000&at=soon')).toMatchObject({ at_ms: null, sort: 'octets' });
  });

  it('leaves out a selection of so many rows that no address holds it, and a stretch that ends before it begins', () => {
    const selected = Array.from({ length: 41 }, (_, at) => `host=10.0.0.${at}`);
    expect(formatView({ ...kDefaultView, selected })).toBe('#tab=hosts');
    expect(parseView(formatView({ ...kDefaultView, selected: selected.slice(1) })).selected).toHaveLength(40);
    expect([parseView('#why=5-3').why, parseView('#why=now').why, parseView('#page.find=a&page.Find=b&page=c').page]).toEqual([null, null, { find: 'a' }]);
  });

  it('is short when nothing was changed', () => {
    expect(formatView(kDefaultView)).toBe('#tab=hosts');
  });

  it('takes what it does not understand as the default', () => {
    const view = parseView('#tab=rivers&range=soon&direction=up&unit=ells&rows=-1&live=x&if=3&order=&sort=<b>');
    expect(view).toEqual(kDefaultView);
  });

  it('reads links written by hand', () => {
    const view = parseView('#from=2026-11-23T02:48:00Z&to=2026-11-23T03:03:00Z&exporter=10.0.0.1&if=3');
    expect(view.range).toEqual({ kind: 'fixed', from_ms: Date.UTC(2026, 10, 23, 2, 48), to_ms: Date.UTC(2026, 10, 23, 3, 3) });
    expect([view.exporter, view.interface]).toEqual(['10.0.0.1', 3]);
  });

  it('is not live on a fixed range, and bounds its numbers', () => {
    expect(parseView('#from=1000&to=5000&live=10').live).toBe(0);
    expect(parseView('#rows=999999').rows).toBe(10_000);
    expect(parseView('#from=5000&to=1000').range).toEqual(kDefaultView.range);
  });
});

describe('queries of a view', () => {
  it('puts exporter and interface beside the filter and knows the offset', () => {
    expect(sentFilter({ filter: '', exporter: null, interface: null, way: 'both' })).toEqual({ text: '', offset: 0 });
    expect(sentFilter({ filter: 'port 1', exporter: null, interface: null, way: 'both' })).toEqual({ text: 'port 1', offset: 0 });
    const { text, offset } = sentFilter(full);
    expect(text).toBe(`(${full.filter}) and exporter 2001:db8::1 and in_if 3`);
    expect(text.slice(offset)).toMatch(/^host 10/);
  });

  it('does not repair a bracket that closes too early: another exporter would be let in', () => {
    const filter = 'port 1) or (port 2';
    expect(sentFilter({ filter, exporter: '10.0.0.1', interface: null, way: 'both' })).toEqual({ text: filter, offset: 0 });
    expect(sentFilter({ filter: '(port 1) or (port 2)', exporter: '10.0.0.1', interface: null, way: 'both' }).text).toBe('((port 1) or (port 2)) and exporter 10.0.0.1');
  });

  it('ranks by what the heading says', () => {
    expect(topParams(full, null)).toMatchObject({ by: ['server_port', 'protocol'], measure: 'packets', limit: 100, direction: 'talkers', buckets: 200 });
    expect(topParams(full, null)).not.toHaveProperty('range');
    expect(topParams(full, null).order).toBe('asc');
    expect(topParams({ ...full, tab: 'hosts', sort: 'octets_in', order: 'desc' }, null)).toMatchObject({ measure: 'octets_in' });
    expect(topParams({ ...full, tab: 'hosts', sort: 'octets_in', order: 'desc' }, null)).not.toHaveProperty('order');
    expect(sessionsParams({ ...full, sort: 'end' }, { from_ms: 1, to_ms: 2 })).toMatchObject({ sort: 'end', order: 'asc', range: { from_ms: 1, to_ms: 2 } });
    expect(sessionsParams({ ...full, sort: 'octets_to_server' }, null)).toMatchObject({ sort: 'octets_to_server', order: 'asc' });
    expect(sessionsParams({ ...full, sort: 'exporter' }, null)).toMatchObject({ sort: 'octets', order: 'desc' });
    expect(rankedByCollector('hosts', 'drawn')).toBe(false);
  });

  it('asks the collector for the order of every column but those that follow from the rank', () => {
    const asked = (patch: Partial<View>) => {
      const { by, measure, order } = topParams({ ...kDefaultView, ...patch }, null);
      return [by, measure, order];
    };
    for (const sort of ['octets_in', 'octets_out', 'octets_client', 'octets_server', 'packets', 'sessions']) expect(asked({ sort })).toEqual([['host'], sort, undefined]);
    expect(asked({ sort: 'name', order: 'asc' })).toEqual([['host'], 'key', 'asc']);
    expect(asked({ tab: 'ports', sort: 'port' })).toEqual([['server_port', 'protocol'], 'key', undefined]);
    expect(asked({ tab: 'ports', sort: 'protocol', order: 'asc' })).toEqual([['protocol', 'server_port'], 'key', 'asc']);
    expect(asked({ tab: 'by', by: ['in_if', 'dscp'], sort: 'dscp' })).toEqual([['dscp', 'in_if'], 'key', undefined]);
    for (const [sort, tab] of [['drawn', 'hosts'], ['rise', 'hosts'], ['octets_in', 'vlans'], ['nonsense', 'hosts']] as const) expect(asked({ tab, sort, order: 'asc' })).toEqual([tab === 'vlans' ? ['vlan'] : ['host'], 'octets', undefined]);
  });

  it('is another question with another order, unless only the rows that came are sorted', () => {
    const asked = (patch: Partial<View>) => questionOf({ ...kDefaultView, ...patch });
    expect(new Set([asked({}), asked({ order: 'asc' }), asked({ sort: 'octets_in' }), asked({ sort: 'name' })]).size).toBe(4);
    expect(asked({ sort: 'drawn' })).toBe(asked({ sort: 'drawn', order: 'asc' }));
    expect(asked({ sort: 'drawn' })).toBe(asked({}));
  });
});

describe('the two sides of a view', () => {
  const view = (patch: Partial<View>): View => ({ ...kDefaultView, ...patch });
  it('are what one host sent and received, each by its other end', () => {
    const one = view({ filter: 'host 10.0.0.1 and (port 1 or port 2)', exporter: '192.0.2.1' });
    expect(sideFilters(one)).toEqual(['(src host 10.0.0.1 and (port 1 or port 2)) and exporter 192.0.2.1', '(dst host 10.0.0.1 and (port 1 or port 2)) and exporter 192.0.2.1']);
    expect(sideParams(one, null)?.map((params) => params.direction)).toEqual(['listeners', 'talkers']);
    expect(sideFilters(view({ filter: '2001:db8::1' }))).toEqual(['src host 2001:db8::1', 'dst host 2001:db8::1']);
  });

  it('are what left by one interface and what came in', () => {
    expect(sideFilters(view({ exporter: '192.0.2.1', interface: 3 }))).toEqual(['exporter 192.0.2.1 and out_if 3', 'exporter 192.0.2.1 and in_if 3']);
    expect(sideParams(view({ exporter: '192.0.2.1', interface: 3, way: 'in' }), null)).toBeNull();
  });

  it('are none of several hosts, of a network, of what is excluded, or where one side was asked for', () => {
    for (const filter of ['', 'port 443', 'host 10.0.0.0/8', 'not host 10.0.0.1', 'host 10.0.0.1 or port 2', 'host 10.0.0.1 and host 10.0.0.2', 'src host 10.0.0.1']) expect(sideParams(view({ filter }), null), filter).toBeNull();
    expect(sideParams(view({ filter: 'host 10.0.0.1', direction: 'talkers' }), null)).toBeNull();
  });

  it('are no other question because of what only the picture needs', () => {
    expect(questionOf(view({ compare: 'none', scale: 1e6, unit: 'bytes', selected: ['host=10.0.0.1'], why: { from_ms: 1, to_ms: 2 }, page: { part: 'rules' } }))).toBe(questionOf(view({})));
  });
});
