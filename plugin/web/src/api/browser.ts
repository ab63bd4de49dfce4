// The real browser behind the RPC client and the token source.

import { kept } from './kept';
import { RpcClient, type Connection, type SocketLike, type Timers } from './rpc_client';
import { TokenSource } from './token_source';

const browserTimers: Timers = {
  after: (ms, callback) => setTimeout(callback, ms),
  cancel: (timer) => clearTimeout(timer as number | undefined),
  now: () => Date.now(),
};

/** ws or wss beside the page, under whatever path it is served. */
export function socketUrl(baseURI: string): string {
  const url = new URL('ws', baseURI);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.hash = '';
  url.search = '';
  return url.href;
}

export function browserTokenSource(): TokenSource {
  const source = new TokenSource({
    location: window.location,
    baseURI: document.baseURI,
    replaceHash: (hash) => history.replaceState(history.state, '', `${location.pathname}${location.search}${hash}`),
    storage: kept(() => sessionStorage),
    fetch: (url) => fetch(url, { credentials: 'same-origin', cache: 'no-store' }),
    after: (ms, callback) => void setTimeout(callback, ms),
    now: () => Date.now(),
  });
  window.addEventListener('message', (event) => source.onMessage(event));
  return source;
}

export function browserClient(source: TokenSource, onConnection: (connection: Connection) => void): RpcClient {
  return new RpcClient({
    open: () => new WebSocket(socketUrl(document.baseURI)) as unknown as SocketLike,
    token: (refused) => source.current(refused),
    timers: browserTimers,
    random: Math.random,
    onConnection,
  });
}
