// What the collector says of a filter, at its place in what was typed.

import { RpcError } from '../api/rpc_client';
import { sentFilter } from './queries';
import type { View } from './view';

export interface FilterMistake {
  text: string;
  /** 1-based, within text. */
  column: number | null;
  message: string;
}

// The collector counts columns in what was sent; the window says where it is in what was typed.
function withoutColumn(message: string): string {
  return message.replace(/\s*\bat column \d+/, '');
}

/** Null: something else is wrong. */
export function filterMistake(reason: unknown, view: View): FilterMistake | null {
  const data = reason instanceof RpcError ? (reason.data as { param?: unknown; column?: unknown; message?: unknown } | undefined) : undefined;
  if (data?.param !== 'filter') return null;
  // The collector counts characters, a string here has some of them in two halves.
  const before = typeof data.column === 'number' ? data.column - sentFilter(view).offset - 1 : -1;
  const column = [...view.filter].slice(0, Math.max(0, before)).join('').length + 1;
  const within = before >= 0 && before <= [...view.filter].length;
  return { text: view.filter, column: within ? column : null, message: withoutColumn(typeof data.message === 'string' ? data.message : (reason as Error).message) };
}
