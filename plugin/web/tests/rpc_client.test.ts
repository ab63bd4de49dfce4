import { beforeEach, describe, expect, it } from 'vitest';
import { Disconnected, kSilence_ms, RpcClient, RpcError, type Connection, type SocketLike } from '../src/api/rpc_client';

class FakeSocket implements SocketLike {
  sent: { id: number; method: string; params: Record<string, unknown> }[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  onerror: (() => void) | null = null;
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.closed = true;
  }
  receive(message: object) {
    this.onmessage?.({ data: JSON.stringify({ jsonrpc: '2.0', ...message }) });
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

let sockets: FakeSocket[];
let states: Connection[];
let timers: { ms: number; run: () => void }[];
let tokens: (string | null)[];
let asked: (string | null)[];
let client: RpcClient;
let unreachable: boolean;

beforeEach(() => {
  sockets = [];
  states = [];
  timers = [];
  tokens = ['first'];
  asked = [];
  unreachable = false;
  client = new RpcClient({
    open: () => {
      sockets.push(new FakeSocket());
      return sockets[sockets.length - 1] as FakeSocket;
    },
    token: async (refused) => {
      asked.push(refused);
      if (unreachable) throw new Error('the monitor is away');
      return tokens.length > 1 ? (tokens.shift() ?? null) : (tokens[0] ?? null);
    },
    timers: {
      after: (ms, run) => {
        const timer = { ms, run };
        timers.push(timer);
        return timer;
      },
      cancel: (timer) => void (timers = timers.filter((one) => one !== timer)),
      now: () => 0,
    },
    random: () => 1,
    onConnection: (connection) => states.push(connection),
  });
});

async function open(): Promise<FakeSocket> {
  await settled();
  const socket = sockets[sockets.length - 1] as FakeSocket;
  socket.onopen?.();
  return socket;
}

async function ready(): Promise<FakeSocket> {
  client.start();
  const socket = await open();
  socket.receive({ id: socket.sent[0]?.id, result: { role: 'admin' } });
  await settled();
  return socket;
}

describe('RPC client', () => {
  it('sends the token first and nothing before the answer', async () => {
    client.start();
    const socket = await open();
    expect(socket.sent).toMatchObject([{ method: 'auth.login', params: { token: 'first' } }]);
    await expect(client.call('status.get', {})).rejects.toBeInstanceOf(Disconnected);
    expect(socket.sent).toHaveLength(1);
  });

  it('matches answers to calls in any order', async () => {
    const socket = await ready();
    const one = client.call('status.get', {});
    const other = client.call('exporters.list', {});
    socket.receive({ id: socket.sent[2]?.id, result: { exporters: [] } });
    socket.receive({ id: socket.sent[1]?.id, result: { version: 'x' } });
    expect(await one).toEqual({ version: 'x' });
    expect(await other).toEqual({ exporters: [] });
  });

  it('gives errors with their data', async () => {
    const socket = await ready();
    const call = client.call('flows.top', { filter: 'x' });
    socket.receive({ id: socket.sent[1]?.id, error: { code: -32602, message: 'no', data: { column: 3 } } });
    await expect(call).rejects.toMatchObject({ code: -32602, message: 'no', data: { column: 3 } });
    await expect(call).rejects.toBeInstanceOf(RpcError);
  });

  it('cancels at the collector what was aborted', async () => {
    const socket = await ready();
    const abort = new AbortController();
    const call = client.call('flows.top', {}, abort.signal);
    abort.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    expect(socket.sent[2]).toMatchObject({ method: 'query.cancel', params: { id: socket.sent[1]?.id } });
  });

  it('passes notifications on, until asked not to', async () => {
    const socket = await ready();
    const heard: unknown[] = [];
    const end = client.on('query.progress', (params) => heard.push(params));
    socket.receive({ method: 'query.progress', params: { id: 1, done: 1, total: 2 } });
    end();
    socket.receive({ method: 'query.progress', params: { id: 1, done: 2, total: 2 } });
    expect(heard).toEqual([{ id: 1, done: 1, total: 2 }]);
  });

  it('rejects what is under way when the connection goes, and waits longer each time', async () => {
    const socket = await ready();
    const call = client.call('status.get', {});
    socket.onclose?.();
    await expect(call).rejects.toBeInstanceOf(Disconnected);
    const delays: number[] = [];
    for (let attempt = 0; attempt < 8; attempt++) {
      const timer = timers.pop();
      delays.push(timer?.ms ?? 0);
      timer?.run();
      await settled();
      sockets[sockets.length - 1]?.onclose?.();
    }
    expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
    expect(states.at(-1)).toEqual({ state: 'waiting', retryAt_ms: 15_000 });
  });

  it('tries a newer token once, then says that it was refused', async () => {
    tokens = ['old', 'new'];
    client.start();
    let socket = await open();
    socket.receive({ id: socket.sent[0]?.id, error: { code: -32001, message: 'expired' } });
    socket = await open();
    expect(asked).toEqual([null, 'old']);
    expect(socket.sent[0]?.params.token).toBe('new');
    await settled();
    socket.receive({ id: socket.sent[0]?.id, error: { code: -32001, message: 'expired' } });
    await settled();
    expect(states.at(-1)).toEqual({ state: 'refused', message: 'expired' });
    expect(timers).toEqual([]);
  });

  it('says so when there is no token at all', async () => {
    tokens = [null];
    client.start();
    await settled();
    expect(states.at(-1)).toEqual({ state: 'refused', message: '' });
    expect(sockets).toEqual([]);
  });

  it('has one connection, however often it is started', async () => {
    client.start();
    client.start();
    client.start();
    const socket = await open();
    expect(sockets).toHaveLength(1);
    expect(socket.sent).toMatchObject([{ method: 'auth.login' }]);
  });

  it('tries again when no token can be had just now', async () => {
    unreachable = true;
    client.start();
    await settled();
    expect(states.at(-1)?.state).toBe('waiting');
    unreachable = false;
    timers.pop()?.run();
    await open();
    expect(sockets).toHaveLength(1);
  });

  it('leaves a connection on which nothing comes while it asks', async () => {
    const socket = await ready();
    expect(timers).toEqual([]);
    const call = client.call('status.get', {});
    const query = client.call('flows.top', {});
    expect(timers.map((timer) => timer.ms)).toEqual([kSilence_ms]);
    const first = timers[0];
    socket.receive({ id: socket.sent[1]?.id, result: {} });
    await call;
    socket.receive({ method: 'query.progress', params: { id: 1, done: 1, total: 2 } });
    expect(timers).toHaveLength(1);
    expect(timers[0]).not.toBe(first);
    timers[0]?.run();
    await expect(query).rejects.toBeInstanceOf(Disconnected);
    expect(socket.closed).toBe(true);
    expect(states.at(-1)?.state).toBe('waiting');
  });

  it('does not count silence when nothing was asked', async () => {
    const socket = await ready();
    const call = client.call('status.get', {});
    socket.receive({ id: socket.sent[1]?.id, result: {} });
    await call;
    expect(timers).toEqual([]);
  });

  it('logs in anew when the token ends during the day', async () => {
    const socket = await ready();
    const call = client.call('status.get', {});
    socket.receive({ id: socket.sent[1]?.id, error: { code: -32001, message: 'expired' } });
    await expect(call).rejects.toMatchObject({ code: -32001 });
    const next = await open();
    expect(next).not.toBe(socket);
    expect(next.sent[0]?.method).toBe('auth.login');
  });

  it('is not upset by what it does not understand', async () => {
    const socket = await ready();
    socket.onmessage?.({ data: 'not json' });
    socket.receive({ id: 999, result: {} });
    socket.receive({ method: 'weather.changed', params: {} });
    expect(client.connected).toBe(true);
  });
});
