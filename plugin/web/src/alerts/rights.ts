// What the token allows. The collector checks it again; here it decides which buttons are there.

import type { Connection } from '../api/rpc_client';

export function mayReload(connection: Connection): boolean {
  return connection.state === 'ready' && connection.login.role === 'admin';
}

export function reachesAll(connection: Connection): boolean {
  return connection.state === 'ready' && connection.login.exporters === null;
}
