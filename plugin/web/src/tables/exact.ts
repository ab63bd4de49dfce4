// Rows as text for other programs: what the table shows, in its order, with every digit. Tab-separated for the clipboard,
// comma-separated (RFC 4180) for files. Pure.

import { bucketStart, perSecond, type Stack } from '../chart/stack';
import type { RateUnit } from '../format/units';
import type { OtherMeasures, Row } from '../generated/api';
import { addsUp, exactShare, measureOf, type Column } from './columns';

/** The cell with every digit; a moment as ISO 8601 in UTC. */
export function exactCell<T>(column: Column<T>, item: T): string {
  if (column.exact) return column.exact(item);
  const value = column.value(item);
  return typeof value === 'number' && column.align === 'right' ? String(value) : column.text(item);
}

/** The row that stands for all other keys (see otherCells), with every digit. */
export function exactOtherCells(other: OtherMeasures, sort: string, whole: number, rows: readonly Row[] = []): Record<string, string> {
  const measure = measureOf(sort);
  const share = addsUp(rows, other, measure, whole) ? exactShare(other[measure], whole) : '';
  return { name: `Other (${other.keys})`, octets: String(other.octets), share, drawn: share, packets: String(other.packets), sessions: String(other.sessions) };
}

/** Heading and rows as shown, tab-separated. */
export function toTsv<T>(columns: Column<T>[], items: readonly T[]): string {
  const clean = (text: string) => text.replace(/[\t\r\n]+/g, ' ');
  const cell = (column: Column<T>, item: T) => clean([exactCell(column, item), column.note?.(item)].filter(Boolean).join(' '));
  const lines = [columns.map((column) => column.label), ...items.map((item) => columns.map((column) => cell(column, item)))];
  return lines.map((line) => line.join('\t')).join('\n');
}

function csvCell(text: string): string {
  // A name that a spreadsheet would take for a formula is text.
  const safe = /^[=+@\-\t\r]/.test(text) && !/^[+-]?\d[\d.]*$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function csv(lines: readonly string[][]): string {
  return lines.map((line) => `${line.map(csvCell).join(',')}\r\n`).join('');
}

/** The table as it stands there, the row of all others last; names that stand beside others have a column of their own. */
export function tableCsv<T>(columns: Column<T>[], items: readonly T[], other: Record<string, string> | null): string {
  const noted = new Set(columns.filter((column) => column.note && items.some((item) => column.note?.(item))));
  const heads = columns.flatMap((column) => (noted.has(column) ? [column.label, `${column.label} name`] : [column.label]));
  const lines = items.map((item) => columns.flatMap((column) => (noted.has(column) ? [exactCell(column, item), column.note?.(item) ?? ''] : [exactCell(column, item)])));
  const last = other === null ? [] : [columns.flatMap((column) => (noted.has(column) ? [other[column.id] ?? '', ''] : [other[column.id] ?? '']))];
  return csv([heads, ...lines, ...last]);
}

/** The chart as it is drawn: a line per interval, a column per layer, largest first, and their sum. */
export function chartCsv(stack: Stack, unit: RateUnit): string {
  const factor = unit === 'bits' ? 8 : 1;
  const rate = (octets: number) => String(Number((perSecond(stack, octets) * factor).toPrecision(9)));
  const name = unit === 'bits' ? 'bit/s' : 'byte/s';
  const heads = ['From', 'To', ...stack.layers.map((layer) => `${layer.name} (${name})`), `Together (${name})`];
  const iso = (ms: number) => new Date(Math.round(ms)).toISOString();
  const lines = stack.heights.map((height, bucket) => [
    iso(bucketStart(stack, bucket)), iso(bucketStart(stack, bucket + 1)), ...stack.layers.map((layer) => rate(layer.octets[bucket] ?? 0)), rate(height),
  ]);
  return csv([heads, ...lines]);
}
