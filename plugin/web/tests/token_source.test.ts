import { describe, expect, it } from 'vitest';
import { socketUrl } from '../src/api/browser';
import { kept } from '../src/api/kept';
import { TokenSource, type TokenPlace } from '../src/api/token_source';

function place(hash: string, stored: Record<string, string> = {}) {
  const storage = new Map(Object.entries(stored));
  const fetched: string[] = [];
  const later: { ms: number; run: () => void }[] = [];
  const location = { hash, origin: 'https://monitor', href: 'https://monitor/zabbix/flows/' };
  const made: TokenPlace = {
    location,
    baseURI: 'https://monitor/zabbix/flows/',
    replaceHash: (next) => (location.hash = next),
    storage: { getItem: (key) => storage.get(key) ?? null, setItem: (key, value) => void storage.set(key, value), removeItem: (key) => void storage.delete(key) },
    fetch: async (url) => {
      fetched.push(url);
      return { ok: true, status: 200, json: async () => ({ token: `t${fetched.length}`, expires_ms: 100_000 }) };
    },
    after: (ms, run) => void later.push({ ms, run }),
    now: () => 10_000,
  };
  return { place: made, storage, fetched, later, location };
}

describe('token source', () => {
  it('takes the token out of the URL and keeps the rest', async () => {
    const { place: made, storage, location } = place('#token=abc.def&tab=ports');
    const source = new TokenSource(made);
    expect(await source.current(null)).toBe('abc.def');
    expect(location.hash).toBe('#tab=ports');
    expect(storage.get('weir.token')).toBe('abc.def');
  });

  it('remembers it in this tab, and forgets it once refused', async () => {
    const { place: made, storage } = place('', { 'weir.token': 'kept' });
    const source = new TokenSource(made);
    expect(await source.current(null)).toBe('kept');
    expect(await source.current('kept')).toBeNull();
    expect(storage.has('weir.token')).toBe(false);
  });

  it('keeps a newer token when an older one was refused', async () => {
    const source = new TokenSource(place('#token=new').place);
    expect(await source.current('old')).toBe('new');
  });

  it('fetches tokens from the monitor and renews them before they end', async () => {
    const { place: made, fetched, later } = place('#tokenUrl=token.php');
    const source = new TokenSource(made);
    expect(await source.current(null)).toBe('t1');
    expect(fetched).toEqual(['https://monitor/zabbix/flows/token.php']);
    expect(later.map((one) => one.ms)).toEqual([60_000]);
    later[0]?.run();
    await new Promise((resolve) => setImmediate(resolve));
    expect(source.value).toBe('t2');
  });

  it('has one timer, however often it was refused', async () => {
    const { place: made, fetched, later } = place('#tokenUrl=token.php');
    const source = new TokenSource(made);
    const first = await source.current(null);
    await source.current(first);
    expect(fetched).toHaveLength(2);
    for (const one of later) one.run();
    expect(fetched).toHaveLength(3);
  });

  it('does not wait longer than a timer of the browser can', async () => {
    const { place: made, later } = place('#tokenUrl=token.php');
    made.fetch = async () => ({ ok: true, status: 200, json: async () => ({ token: 'long', expires_ms: 90 * 86_400_000 }) });
    await new TokenSource(made).current(null);
    expect(later.map((one) => one.ms)).toEqual([86_400_000]);
  });

  it('tells a page that is away from one that gives no token', async () => {
    const { place: made } = place('#tokenUrl=token.php');
    const source = new TokenSource(made);
    made.fetch = async () => Promise.reject(new TypeError('Failed to fetch'));
    await expect(source.current(null)).rejects.toThrow();
    made.fetch = async () => ({ ok: false, status: 502, json: async () => ({}) });
    await expect(source.current(null)).rejects.toThrow();
    made.fetch = async () => ({ ok: false, status: 403, json: async () => ({}) });
    expect(await source.current(null)).toBeNull();
  });

  it('passes over an address that is none', async () => {
    const { place: made, fetched } = place('#tokenUrl=http://[&token=abc');
    expect(await new TokenSource(made).current(null)).toBe('abc');
    expect(fetched).toEqual([]);
  });

  it('asks no other origin for tokens', async () => {
    const { place: made, fetched } = place('#tokenUrl=https://elsewhere/token');
    expect(await new TokenSource(made).current(null)).toBeNull();
    expect(fetched).toEqual([]);
  });

  it('listens only to its own origin', () => {
    const source = new TokenSource(place('').place);
    let told = 0;
    source.onToken = () => (told += 1);
    source.onMessage({ origin: 'https://elsewhere', data: { type: 'weir.token', token: 'evil' } });
    source.onMessage({ origin: 'https://monitor', data: { type: 'other', token: 'x' } });
    source.onMessage({ origin: 'https://monitor', data: null });
    expect([source.value, told]).toEqual([null, 0]);
    source.onMessage({ origin: 'https://monitor', data: { type: 'weir.token', token: 'good' } });
    expect([source.value, told]).toEqual(['good', 1]);
  });
});

it('goes on without a storage where the browser forbids it', async () => {
  const storage = kept(() => {
    throw new DOMException('denied', 'SecurityError');
  });
  storage.setItem('weir.token', 'x');
  storage.removeItem('weir.token');
  expect(storage.getItem('weir.token')).toBeNull();
  expect(await new TokenSource({ ...place('#token=abc').place, storage }).current(null)).toBe('abc');
});

it('finds the socket beside the page', () => {
  expect(socketUrl('http://127.0.0.1:8710/#tab=hosts')).toBe('ws://127.0.0.1:8710/ws');
  expect(socketUrl('https://monitor/zabbix/flows/index.html?theme=dark')).toBe('wss://monitor/zabbix/flows/ws');
});
