// What stands beside the explanation: the alerts of its stretch, or why there is none. Loaded when it is asked for.

import { Disconnected, RpcError, kCancelled } from '../api/rpc_client';
import type { Alert, Range } from '../generated/api';
import { kWhy } from '../words/why';

const kUnknownMethod = -32601;

/** What fired within the stretch, or was firing in it; the worst of many alerts of one rule stand for themselves. */
export function alertsWithin(alerts: readonly Alert[], range: Range, exporter: string | null): Alert[] {
  return alerts.filter((alert) => alert.key !== '*' && (exporter === null || alert.exporter === null || alert.exporter === exporter) && alert.fired_ms >= range.from_ms && alert.since_ms < range.to_ms && alert.fired_ms < range.to_ms + kFiresLate_ms);
}

/** A rule looks at whole windows: what it saw in the stretch it may tell a little later. */
const kFiresLate_ms = 5 * 60_000;

/** Why there is no explanation. */
export function wordsOf(reason: unknown): string {
  if (reason instanceof Disconnected) return kWhy.disconnected;
  if (reason instanceof RpcError && reason.code === kUnknownMethod) return kWhy.unknown;
  if (reason instanceof RpcError && reason.code === kCancelled) return kWhy.cancelled;
  const data = reason instanceof RpcError ? (reason.data as { message?: unknown } | undefined) : undefined;
  return String(data?.message ?? (reason instanceof Error ? reason.message : reason));
}
