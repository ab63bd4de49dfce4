// What the token allows. The collector checks it again; here it decides which buttons are there.

import type { Connection } from '../api/rpc_client';

function roleOf(connection: Connection): string | null {
  return connection.state === 'ready' ? connection.login.role : null;
}

/** Names and rates of exporters, rule files, tests of delivery. */
export function mayChange(connection: Connection): boolean {
  return roleOf(connection) === 'admin';
}

/** Acknowledge and silence alerts: a viewer looks. */
export function mayAct(connection: Connection): boolean {
  const role = roleOf(connection);
  return role !== null && role !== 'viewer';
}

export function reachesAll(connection: Connection): boolean {
  return connection.state === 'ready' && connection.login.exporters === null;
}
