import { describe, expect, it } from 'vitest';
import { learnFields } from '../src/format/fields.svelte';
import { keyId, rowName } from '../src/format/names';
import type { QueryResult, Row, Session } from '../src/generated/api';
import { chartCsv, exactOtherCells, tableCsv, toTsv } from '../src/tables/exact';
import { risesOf } from '../src/tables/rise';
import { otherCells, topColumns } from '../src/tables/columns';
import { kNothing, select } from '../src/tables/selection';
import { sessionColumns } from '../src/tables/session_columns';
import { nextOrder, sortItems } from '../src/tables/sorting';
import { kToldFields } from './told_fields';

learnFields(kToldFields);

const host: Row = { key: { host: '10.4.7.30' }, label: { host: 'backup-03' }, octets: 11_900_000_000, packets: 9_666_905, flows: 5, sessions: 17_980, octets_in: 1, octets_out: 2, octets_client: 3, octets_server: 4 };
const port: Row = { key: { server_port: 443, protocol: 6 }, label: { server_port: 'https' }, octets: 10, packets: 1, flows: 1, sessions: 1 };

describe('columns', () => {
  it('of hosts are those of the window', () => {
    const columns = topColumns(['host'], { measure: 'octets', whole: host.octets * 2, largest: host.octets, rows: [host] });
    expect(columns.map((column) => column.label)).toEqual(['Host', 'Bytes', '%', 'In', 'Out', 'As client', 'As server', 'Packets', 'Sessions']);
    expect(columns.map((column) => column.text(host))).toEqual(['10.4.7.30', '11.9 GB', '50.0', '1 B', '2 B', '3 B', '4 B', '9,666,905', '17,980']);
    expect(columns[0]?.note?.(host)).toBe('backup-03');
    expect(columns[0]?.bar?.(host)).toBe(1);
  });

  const series = (host: string, octets: number[]) => ({ key: { host }, octets, packets: octets });
  const risen = (width_ms: number, at_ms: number, all: Record<string, number[]>) => {
    const count = Object.values(all)[0]?.length ?? 0;
    const result = { buckets: { from_ms: 0, to_ms: count * width_ms, count, width_ms }, series: Object.entries(all).map(([host, octets]) => series(host, octets)) } as unknown as QueryResult;
    const rises = risesOf(result, at_ms);
    return rises && Object.fromEntries(Object.keys(all).map((host) => [host, rises.get(keyId({ host }))]));
  };
  const step = (count: number, from: number, before: number, after: number) => Array.from({ length: count }, (_, at) => (at < from ? before : after));

  it('of a moment say what rose just before it', () => {
    expect(risen(1000, 4000, { steady: [5, 5, 5, 5, 5, 5, 5, 5], new: [0, 0, 0, 10, 10, 10, 0, 0], gone: [9, 9, 9, 0, 0, 0, 0, 0] })).toEqual({ steady: 0, new: 10, gone: -9 });
    expect(risen(1000, 9000, { steady: step(8, 4, 1, 1) })).toBeNull();
    expect(risen(1000, 0, { steady: step(8, 4, 1, 1) })).toBeNull();
  });

  it('give the whole of a step, also when it is noticed later than it came', () => {
    for (const [count, width_ms] of [[200, 18_000], [200, 4500], [60, 60_000], [12, 5000]] as const) {
      const jump = Math.floor(count * 0.45);
      for (const noticed of [0, 0.3, 0.9].map((late) => jump + Math.floor(late * jump * 0.8))) {
        const rows = { backup: step(count, jump, 0, 540 * width_ms), web: step(count, jump, 30 * width_ms, 30 * width_ms) };
        const found = risen(width_ms, noticed * width_ms + 1, rows);
        expect(found?.backup, `${count} buckets, jump ${jump}, noticed ${noticed}`).toBeCloseTo(540_000, 3);
        expect(found?.web).toBeCloseTo(0, 6);
      }
    }
  });

  it('of a step within a bucket leave that bucket out', () => {
    const octets = step(200, 80, 0, 540_000);
    octets[80] = 270_000;
    expect(risen(1000, 80_500, { backup: octets })?.backup).toBeCloseTo(540_000, 3);
  });

  it('of a moment put what rose first', () => {
    const columns = topColumns(['host'], { measure: 'octets', whole: 1, largest: 1, rise: { of: () => -125, unit: 'bits' }, rows: [host] });
    expect(columns[1]?.text(host)).toBe('−1.00 kbit/s');
    expect(columns.slice(0, 3).map((column) => column.id)).toEqual(['name', 'rise', 'octets']);
  });

  it('say of both ends what is drawn of a row, which adds up', () => {
    const row = (host: string, octets: number, once: number): Row => ({ key: { host }, octets, packets: 1, flows: 1, sessions: 1, once: { octets: once, packets: 1, flows: 1, sessions: 1 } });
    const rows = [row('backup', 97, 97), row('vault', 95, 0), row('web', 3, 1)];
    const columns = topColumns(['host'], { measure: 'octets', whole: 100, largest: 97, rows });
    const cells = (id: string) => rows.map((one) => columns.find((column) => column.id === id)?.text(one));
    expect(cells('share')).toEqual(['97.0', '95.0', '3.0']);
    expect(cells('drawn')).toEqual(['97.0', '0.0', '1.0']);
    expect(otherCells({ octets: 2, packets: 1, flows: 1, sessions: 1, keys: 4 }, 'octets', 100)).toMatchObject({ share: '2.0', drawn: '2.0' });
    expect(topColumns(['host'], { measure: 'octets', whole: 100, largest: 97, rows: [host] }).map((column) => column.id)).not.toContain('drawn');
    expect(topColumns(['server_port', 'protocol'], { measure: 'octets', whole: 100, largest: 97, rows: [port] }).map((column) => column.id)).not.toContain('drawn');
  });

  it('put the bar of what is ranked under the name', () => {
    const columns = topColumns(['server_port', 'protocol'], { measure: 'packets', whole: 2, largest: 2, rows: [port] });
    expect(columns.filter((column) => column.bar).map((column) => [column.id, column.bar?.(port)])).toEqual([['name', 0.5]]);
    expect(columns.map((column) => column.text(port)).slice(0, 3)).toEqual(['https', 'tcp', '443']);
  });

  it('of any fields are one per field, with the names that the collector gives', () => {
    const row: Row = { key: { in_if: 3, dscp: 46 }, label: { in_if: 'ge-0/0/3', dscp: 'ef' }, octets: 10, packets: 1, flows: 1, sessions: 1 };
    const columns = topColumns(['in_if', 'dscp'], { measure: 'octets', whole: 10, largest: 10, rows: [row] });
    expect(columns.map((column) => column.label)).toEqual(['In interface', 'DSCP', 'Bytes', '%', 'Packets', 'Sessions']);
    expect(columns.slice(0, 2).map((column) => [column.text(row), column.note?.(row)])).toEqual([['ge-0/0/3', '3'], ['ef', '46']]);
    expect(rowName(row)).toBe('ge-0/0/3 · ef');
    expect(rowName({ key: { next_hop: '', country: '' } })).toBe('no address · none');
  });

  it('say how many others there are', () => {
    expect(otherCells({ octets: 100, packets: 3, flows: 2, sessions: 2, keys: 1204 }, 'octets', 1000)).toMatchObject({ name: 'Other (1,204)', octets: '100 B', share: '10.0' });
  });

  it('of sessions mark times outside the range', () => {
    const columns = sessionColumns({ from_ms: 1000, to_ms: 2000 }, (address) => address);
    const start = columns.find((column) => column.id === 'start');
    expect(start?.tone?.({ start_ms: 999 } as Session)).toBe('outside');
    expect(start?.tone?.({ start_ms: 1000 } as Session)).toBe('');
  });

  it('copy exact numbers', () => {
    const columns = topColumns(['host'], { measure: 'octets', whole: host.octets, largest: host.octets, rows: [host] });
    expect(toTsv(columns.slice(0, 2), [host])).toBe('Host\tBytes\n10.4.7.30 backup-03\t11900000000');
    expect(toTsv(columns.slice(7), [host])).toBe('Packets\tSessions\n9666905\t17980');
    expect(toTsv(sessionColumns({ from_ms: 0, to_ms: 1 }, String).filter((column) => column.id === 'start'), [{ start_ms: 1_700_000_000_123 } as Session])).toBe('Start\n2023-11-14T22:13:20.123Z');
  });

  it('are a file of what is shown, the others last', () => {
    const columns = topColumns(['host'], { measure: 'octets', whole: host.octets * 3, largest: host.octets, rows: [host] });
    const text = tableCsv(columns.slice(0, 3), [host, { ...host, key: { host: '10.0.0.2' }, label: { host: '=HYPERLINK("x"),1' } }], exactOtherCells({ octets: host.octets, packets: 1, flows: 1, sessions: 1, keys: 7 }, 'octets', host.octets * 3));
    expect(text.split('\r\n')).toEqual(['Host,Host name,Bytes,%', '10.4.7.30,backup-03,11900000000,33.3333', `10.0.0.2,"'=HYPERLINK(""x""),1",11900000000,33.3333`, 'Other (7),,11900000000,33.3333', '']);
  });

  it('give the others no share where a session is in the rows of all its talkers', () => {
    const rows = [{ ...host, sessions: 90 }, { ...host, sessions: 80 }];
    expect(otherCells({ octets: 1, packets: 1, flows: 1, sessions: 30, keys: 2 }, 'sessions', 100, rows).share).toBe('–');
    expect(otherCells({ octets: 1, packets: 1, flows: 1, sessions: 30, keys: 2 }, 'sessions', 200, rows).share).toBe('15.0');
  });

  it('of the chart are a line per interval, and add up', () => {
    const stack = { from_ms: 0, to_ms: 2000, count: 2, width_ms: 1000, layers: [{ id: 'a', name: 'a, b', key: {}, colour: 0, octets: [1, 2] }, { id: 'other', name: 'Other', key: null, colour: null, octets: [3, 0] }], heights: [4, 2] };
    expect(chartCsv(stack, 'bits')).toBe('From,To,"a, b (bit/s)",Other (bit/s),Together (bit/s)\r\n1970-01-01T00:00:00.000Z,1970-01-01T00:00:01.000Z,8,24,32\r\n1970-01-01T00:00:01.000Z,1970-01-01T00:00:02.000Z,16,0,16\r\n');
  });
});

describe('names', () => {
  it('fall back to numbers', () => {
    expect(rowName({ key: { host: '::1' } })).toBe('::1');
    expect(rowName({ key: { server_port: 8443, protocol: 6 } })).toBe('8443/tcp');
    expect(rowName(port)).toBe('https 443/tcp');
    expect(rowName({ key: { vlan: 0 } })).toBe('untagged or unknown');
    expect(rowName({ key: { application: 'Web' } })).toBe('Web');
    expect(rowName({ key: { application: 218104261 } })).toBe('13:453');
    expect(rowName({ key: { application: 0 } })).toBe('unknown');
    expect(rowName({ key: { network: '' } })).toBe('no name');
    expect(rowName({ key: { client: 'a', server: 'b', server_port: 22, protocol: 6 } })).toBe('a → b tcp/22');
  });
});

describe('sorting', () => {
  const columns = topColumns(['host'], { measure: 'octets', whole: 1, largest: 1, rows: [host] });
  it('orders numbers as numbers and keeps equals in place', () => {
    const rows = [9, 10, 2, 10].map((octets, at) => ({ ...host, octets, key: { host: String(at) } }));
    const sorted = sortItems(rows, columns.find((column) => column.id === 'octets'), 'desc');
    expect(sorted.map((row) => row.key.host)).toEqual(['1', '3', '0', '2']);
  });
  it('turns round at the second click', () => {
    expect(nextOrder({ id: 'octets', align: 'right' }, 'name', 'asc')).toBe('desc');
    expect(nextOrder({ id: 'octets', align: 'right' }, 'octets', 'desc')).toBe('asc');
    expect(nextOrder({ id: 'name', align: 'left' }, 'octets', 'desc')).toBe('asc');
  });
});

describe('selection', () => {
  const shown = ['a', 'b', 'c', 'd'];
  const plain = { shift: false, toggle: false };
  it('takes one, a span, or toggles', () => {
    const one = select(kNothing, shown, 'b', plain);
    expect([...one.ids]).toEqual(['b']);
    expect([...select(one, shown, 'd', { shift: true, toggle: false }).ids]).toEqual(['b', 'c', 'd']);
    expect([...select(one, shown, 'a', { shift: true, toggle: false }).ids]).toEqual(['a', 'b']);
    const two = select(one, shown, 'd', { shift: false, toggle: true });
    expect([...two.ids]).toEqual(['b', 'd']);
    expect([...select(two, shown, 'b', { shift: false, toggle: true }).ids]).toEqual(['d']);
  });
  it('ends with a second click on the only one', () => {
    expect(select(select(kNothing, shown, 'b', plain), shown, 'b', plain).ids.size).toBe(0);
  });
});
