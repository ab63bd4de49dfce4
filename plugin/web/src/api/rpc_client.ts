// JSON-RPC 2.0 over one WebSocket: logs in with the token first, reconnects with back-off, matches answers to calls.
// Everything it touches outside (socket, timer, token, chance) is handed in, so that tests run it without a network.

import type { AuthLoginResult, Methods, Notifications } from '../generated/api';

export interface SocketLike {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  onerror: (() => void) | null;
}

export interface Timers {
  after(ms: number, callback: () => void): unknown;
  cancel(timer: unknown): void;
  now(): number;
}

export type Connection =
  | { state: 'connecting' }
  | { state: 'ready'; login: AuthLoginResult }
  | { state: 'waiting'; retryAt_ms: number }
  | { state: 'refused'; message: string }
  | { state: 'closed' };

export interface RpcOptions {
  open: () => SocketLike;
  /** The token to log in with; null if there is none; rejects if it cannot be had just now. `refused` is the one that was just refused. */
  token: (refused: string | null) => Promise<string | null>;
  timers: Timers;
  random: () => number;
  onConnection: (connection: Connection) => void;
}

export class RpcError extends Error {
  constructor(readonly code: number, message: string, readonly data: unknown) {
    super(message);
    this.name = 'RpcError';
  }
}

/** The connection went away before the answer came, or was not there. */
export class Disconnected extends Error {
  constructor() {
    super('The connection to the collector is down.');
    this.name = 'Disconnected';
  }
}

export const kNotAuthenticated = -32001;
export const kCancelled = -32003;
const kFirstDelay_ms = 500;
const kLongestDelay_ms = 15_000;
const kLoginDeadline_ms = 10_000;
/** With calls under way, a collector that lives says something in this time: progress, or an answer to the window's regular questions. */
export const kSilence_ms = 45_000;

interface Pending {
  resolve: (result: never) => void;
  reject: (reason: Error) => void;
}

type Listener = (params: never) => void;

export class RpcClient {
  private socket: SocketLike | null = null;
  private ready = false;
  private stopped = false;
  private nextId = 1;
  private failures = 0;
  private retry: unknown = null;
  private deadline: unknown = null;
  private silence: unknown = null;
  private attempt = 0;
  private refused: string | null = null;
  private whyRefused = '';
  private readonly pending = new Map<number, Pending>();
  private readonly listeners = new Map<string, Set<Listener>>();

  constructor(private readonly options: RpcOptions) {}

  /** Connects now, whether it was waiting, refused or never started. */
  start(): void {
    this.stopped = false;
    this.failures = 0;
    this.refused = null;
    void this.connect();
  }

  stop(): void {
    this.stopped = true;
    this.drop();
    this.options.onConnection({ state: 'closed' });
  }

  get connected(): boolean {
    return this.ready;
  }

  /** Rejects with RpcError, Disconnected, or an AbortError after the signal; an aborted query is cancelled at the collector. */
  call<M extends keyof Methods>(method: M, params: Methods[M]['params'], signal?: AbortSignal): Promise<Methods[M]['result']> {
    if (!this.ready) return Promise.reject(new Disconnected());
    return this.request(method, params, signal);
  }

  /** Returns a function that ends the listening. */
  on<N extends keyof Notifications>(name: N, listener: (params: Notifications[N]) => void): () => void {
    const set = this.listeners.get(name) ?? new Set<Listener>();
    this.listeners.set(name, set);
    set.add(listener as Listener);
    return () => set.delete(listener as Listener);
  }

  private request<M extends keyof Methods>(method: M, params: Methods[M]['params'], signal?: AbortSignal): Promise<Methods[M]['result']> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(new DOMException('Aborted', 'AbortError'));
        return;
      }
      const id = this.nextId++;
      const abort = () => {
        if (!this.pending.delete(id)) return;
        reject(new DOMException('Aborted', 'AbortError'));
        if (this.ready) this.write(this.nextId++, 'query.cancel', { id });
      };
      this.pending.set(id, {
        resolve: (result) => {
          signal?.removeEventListener('abort', abort);
          resolve(result);
        },
        reject: (reason) => {
          signal?.removeEventListener('abort', abort);
          reject(reason);
        },
      });
      signal?.addEventListener('abort', abort, { once: true });
      this.write(id, method, params);
      if (this.pending.size === 1) this.listen();
    });
  }

  private write(id: number, method: string, params: unknown): void {
    this.socket?.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
  }

  private async connect(): Promise<void> {
    this.drop();
    this.attempt += 1;
    const { attempt } = this;
    this.options.onConnection({ state: 'connecting' });
    let token: string | null;
    try {
      token = await this.options.token(this.refused);
    } catch {
      if (attempt === this.attempt) this.wait();
      return;
    }
    // A later attempt has begun meanwhile, with a connection of its own.
    if (this.stopped || attempt !== this.attempt) return;
    if (token === null) {
      this.options.onConnection({ state: 'refused', message: this.refused === null ? '' : this.whyRefused });
      return;
    }
    let socket: SocketLike;
    try {
      socket = this.options.open();
    } catch {
      this.wait();
      return;
    }
    this.socket = socket;
    const lost = () => {
      if (this.socket === socket) this.wait();
    };
    socket.onopen = () => void this.login(socket, token);
    socket.onmessage = (event) => {
      if (this.socket === socket) this.receive(event.data);
    };
    socket.onclose = lost;
    socket.onerror = lost;
    this.deadline = this.options.timers.after(kLoginDeadline_ms, lost);
  }

  private async login(socket: SocketLike, token: string): Promise<void> {
    try {
      const login = await this.request('auth.login', { token });
      if (this.socket !== socket) return;
      this.options.timers.cancel(this.deadline);
      this.ready = true;
      this.failures = 0;
      this.refused = null;
      this.options.onConnection({ state: 'ready', login });
    } catch (reason) {
      if (this.socket !== socket || !(reason instanceof RpcError)) return;
      if (reason.code !== kNotAuthenticated) {
        this.wait();
        return;
      }
      this.drop();
      // One more try if the token source has a newer token than the one refused.
      if (this.refused === null) {
        this.refused = token;
        this.whyRefused = reason.message;
        void this.connect();
      } else {
        this.options.onConnection({ state: 'refused', message: reason.message });
      }
    }
  }

  // A network that swallows what is sent tells nobody: without this, "connected" would stand there for many minutes.
  private listen(): void {
    this.options.timers.cancel(this.silence);
    const socket = this.socket;
    this.silence = this.pending.size === 0 ? null : this.options.timers.after(kSilence_ms, () => {
      if (this.ready && this.socket === socket) this.wait();
    });
  }

  private receive(data: unknown): void {
    let message: { id?: unknown; method?: unknown; params?: unknown; result?: unknown; error?: { code?: unknown; message?: unknown; data?: unknown } };
    try {
      message = JSON.parse(String(data));
    } catch {
      return;
    }
    if (typeof message.method === 'string') {
      this.listen();
      for (const listener of this.listeners.get(message.method) ?? []) listener(message.params as never);
      return;
    }
    const call = this.pending.get(Number(message.id));
    if (call) this.pending.delete(Number(message.id));
    this.listen();
    if (!call) return;
    if (!message.error) {
      call.resolve(message.result as never);
      return;
    }
    const error = new RpcError(Number(message.error.code), String(message.error.message), message.error.data);
    call.reject(error);
    // The token ended while the connection lived: log in again, with a renewed one if there is one.
    if (this.ready && error.code === kNotAuthenticated) void this.connect();
  }

  private wait(): void {
    this.drop();
    if (this.stopped) return;
    const longest = Math.min(kLongestDelay_ms, kFirstDelay_ms * 2 ** this.failures);
    const delay = longest * (0.75 + 0.25 * this.options.random());
    this.failures += 1;
    this.options.onConnection({ state: 'waiting', retryAt_ms: this.options.timers.now() + delay });
    this.retry = this.options.timers.after(delay, () => void this.connect());
  }

  private drop(): void {
    this.options.timers.cancel(this.retry);
    this.options.timers.cancel(this.deadline);
    this.options.timers.cancel(this.silence);
    this.ready = false;
    const socket = this.socket;
    this.socket = null;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
      socket.close();
    }
    const calls = [...this.pending.values()];
    this.pending.clear();
    for (const call of calls) call.reject(new Disconnected());
  }
}
