import { describe, expect, it } from 'vitest';
import { rowName } from '../src/format/names';
import type { QueryResult, Row, Session } from '../src/generated/api';
import { toTsv } from '../src/tables/clipboard';
import { risesOf } from '../src/tables/rise';
import { otherCells, sessionColumns, topColumns } from '../src/tables/columns';
import { kNothing, select } from '../src/tables/selection';
import { nextOrder, sortItems } from '../src/tables/sorting';

const host: Row = { key: { host: '10.4.7.30' }, label: { host: 'backup-03' }, octets: 11_900_000_000, packets: 9_666_905, flows: 5, sessions: 17_980, octets_in: 1, octets_out: 2, octets_client: 3, octets_server: 4 };
const port: Row = { key: { server_port: 443, protocol: 6 }, label: { server_port: 'https' }, octets: 10, packets: 1, flows: 1, sessions: 1 };

describe('columns', () => {
  it('of hosts are those of the window', () => {
    const columns = topColumns('hosts', 'octets', host.octets * 2, host.octets);
    expect(columns.map((column) => column.label)).toEqual(['Host', 'Bytes', '%', 'In', 'Out', 'As client', 'As server', 'Packets', 'Sessions']);
    expect(columns.map((column) => column.text(host))).toEqual(['10.4.7.30', '11.9 GB', '50.0', '1 B', '2 B', '3 B', '4 B', '9,666,905', '17,980']);
    expect(columns[0]?.note?.(host)).toBe('backup-03');
    expect(columns[1]?.bar?.(host)).toBe(1);
  });

  it('of a moment say what rose then', () => {
    const series = (host: string, ...octets: number[]) => ({ key: { host }, octets, packets: octets });
    const result = {
      buckets: { from_ms: 0, to_ms: 8000, count: 8, width_ms: 1000 },
      series: [series('steady', 5, 5, 5, 5, 5, 5, 5, 5), series('new', 0, 0, 0, 10, 10, 10, 0, 0), series('gone', 9, 9, 0, 0, 0, 0, 0, 0), { ...series('x', 1), other: true }],
    } as unknown as QueryResult;
    const rises = risesOf(result, 4000);
    expect(Object.fromEntries([...(rises ?? [])].map(([id, rise]) => [JSON.stringify(id).includes('new') ? 'new' : JSON.stringify(id).includes('gone') ? 'gone' : 'steady', rise]))).toEqual({ steady: 0, new: 7.5, gone: -9 });
    expect(risesOf(result, 9000)).toBeNull();
    expect(risesOf(result, 0)).toBeNull();

    const columns = topColumns('hosts', 'octets', 1, 1, { of: () => -125, unit: 'bits' });
    expect(columns[1]?.text(host)).toBe('−1.00 kbit/s');
    expect(columns.slice(0, 3).map((column) => column.id)).toEqual(['name', 'rise', 'octets']);
  });

  it('put the bar beside what is ranked', () => {
    const columns = topColumns('ports', 'packets', 2, 1);
    expect(columns.filter((column) => column.bar).map((column) => column.id)).toEqual(['packets']);
    expect(columns.map((column) => column.text(port)).slice(0, 3)).toEqual(['https', 'tcp', '443']);
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
    const columns = topColumns('hosts', 'octets', host.octets, host.octets);
    expect(toTsv(columns.slice(0, 2), [host])).toBe('Host\tBytes\n10.4.7.30 backup-03\t11900000000');
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
  const columns = topColumns('hosts', 'octets', 1, 1);
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
