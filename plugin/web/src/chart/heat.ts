// A row per key, a cell per interval: how much moved when. Pure.

import { keyId, rowName } from '../format/names';
import type { QueryResult } from '../generated/api';

export interface HeatRow {
  id: string;
  name: string;
  /** Octets per interval. */
  octets: readonly number[];
}

export interface Heat {
  from_ms: number;
  to_ms: number;
  count: number;
  width_ms: number;
  rows: HeatRow[];
  /** Of the fullest cell. */
  most: number;
}

export const kMostHeatRows = 60;

/** `counted`: of each row all that it had, where the drawn series give a byte to one of its ends only. */
export function heatOf(result: QueryResult, counted: QueryResult = result): Heat {
  const { from_ms, to_ms, count, width_ms } = result.buckets;
  const seriesOf = new Map(counted.series.filter((series) => !series.other).map((series) => [keyId(series.key), series.octets]));
  const rows = result.rows.slice(0, kMostHeatRows).map((row) => ({ id: keyId(row.key), name: rowName(row), octets: seriesOf.get(keyId(row.key)) ?? [] }));
  return { from_ms, to_ms, count, width_ms, rows, most: rows.reduce((most, row) => row.octets.reduce((a, b) => Math.max(a, b), most), 0) };
}

/** 0 to 1: by the square root, so that what is small beside a backup is still seen. */
export function levelOf(octets: number, most: number): number {
  return most > 0 && octets > 0 ? Math.sqrt(octets / most) : 0;
}
