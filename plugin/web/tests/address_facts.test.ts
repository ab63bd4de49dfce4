// The column of where addresses are: each address is asked about once, in few questions.
import { describe, expect, it } from 'vitest';
import type { QueryParams, QueryResult, Row } from '../src/generated/api';
import { AddressFacts } from '../src/tables/address_facts.svelte';
import { topColumns } from '../src/tables/columns';

const kRange = { from_ms: 1000, to_ms: 2000 };
const row = (key: Row['key']): Row => ({ key, octets: 1, packets: 1, flows: 1, sessions: 1 });

/** A collector that knows of 203.0.113.0/24 only. */
function facts() {
  const asked: QueryParams[] = [];
  const call = (_: string, params: QueryParams) => {
    asked.push(params);
    const hosts = (params.filter ?? '').split(' or ').map((term) => term.replace('host ', ''));
    const rows = hosts.map((host) => row({ host, country: host.startsWith('203.0.113.') ? 'NO' : '', as_name: host === '203.0.113.9' ? 'Example Net' : '' }));
    return Promise.resolve({ rows } as QueryResult);
  };
  return { book: new AddressFacts(call as never, ['country', 'as_name']), asked };
}

describe('where addresses are, and whose', () => {
  it('is asked once for each address', async () => {
    const { book, asked } = facts();
    await book.learn(['203.0.113.9', '203.0.113.80', '10.0.0.1', ''], kRange);
    expect([...book.texts]).toEqual([['203.0.113.9', 'Norway · Example Net'], ['203.0.113.80', 'Norway'], ['10.0.0.1', '']]);
    expect(asked).toMatchObject([{ by: ['host', 'country', 'as_name'], filter: 'host 203.0.113.9 or host 203.0.113.80 or host 10.0.0.1', range: kRange }]);
    await book.learn(['10.0.0.1', '203.0.113.9'], kRange);
    expect(asked.length).toBe(1);
  });

  it('is asked in parts that a filter has room for, and not for all of a long table', async () => {
    const { book, asked } = facts();
    await book.learn(Array.from({ length: 2000 }, (_, at) => `10.0.${at >> 8}.${at & 255}`), kRange);
    expect(asked.length).toBe(10);
    expect(asked.every(({ filter }) => (filter ?? '').length < 2000)).toBe(true);
  });

  it('is a column of hosts where a file says so, and none where there is no file', () => {
    const columns = (whose: ReadonlyMap<string, string> | null) => topColumns(['host'], { measure: 'octets', whole: 1, largest: 1, rows: [row({ host: '203.0.113.9' })], whose });
    expect(columns(new Map([['203.0.113.9', 'NO']])).find((column) => column.id === 'whose')?.text(row({ host: '203.0.113.9' }))).toBe('NO');
    expect(columns(null).some((column) => column.id === 'whose')).toBe(false);
  });
});
