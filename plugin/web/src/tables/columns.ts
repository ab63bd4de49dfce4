// The columns of tables of rows: what each shows, how it sorts, what is copied from it. Single sessions: session_columns.ts. Pure.

import { drawnOf } from '../chart/drawn';
import { rowName, rowProtocol, valueName, valueNote, vlanName } from '../format/names';
import { fieldLabel } from '../format/fields.svelte';
import { formatBytes, formatCount, formatRate, formatShare, type RateUnit } from '../format/units';
import type { OtherMeasures, Row } from '../generated/api';
import { kRise, kWhose } from '../state/view';

export interface Column<T> {
  id: string;
  label: string;
  align: 'left' | 'right';
  /** What the column means, shown on hover. */
  title?: string;
  text: (item: T) => string;
  /** Shown small after the text. */
  note?: (item: T) => string;
  value: (item: T) => number | string;
  /** What other programs get, where that is neither the value of a number nor the text. */
  exact?: (item: T) => string;
  /** Length of the bar under the text, 0..1. */
  bar?: (item: T) => number;
  /** Style class of a cell, such as "dim". */
  tone?: (item: T) => string;
}

type Measure = 'octets' | 'packets' | 'flows' | 'sessions';

export function measureOf(sort: string): Measure {
  return sort === 'packets' || sort === 'flows' || sort === 'sessions' ? sort : 'octets';
}

/** What the bar of a row shows: what the rows are ranked by. */
export function barValue(row: Row, sort: string): number {
  switch (sort) {
    case 'octets_in': case 'octets_out': case 'octets_client': case 'octets_server': return row[sort] ?? 0;
    default: return row[measureOf(sort)];
  }
}

export const dim = () => 'dim';

function octets(id: string, label: string, title: string, read: (row: Row) => number | undefined): Column<Row> {
  return {
    id, label, title, align: 'right',
    text: (row) => (read(row) === undefined ? '' : formatBytes(read(row) ?? 0)),
    value: (row) => read(row) ?? 0,
  };
}

function count(id: 'packets' | 'sessions', label: string): Column<Row> {
  return { id, label, align: 'right', text: (row) => formatCount(row[id]), value: (row) => row[id] };
}

/** What each row rose by at the moment of the view, in octets per second. */
export interface Rise {
  of: (row: Row) => number;
  unit: RateUnit;
}

/** What the columns of rows need to know besides the row. */
export interface RowsShown {
  measure: string;
  /** The sum that 100 % stands for. */
  whole: number;
  /** The longest bar. */
  largest: number;
  rise?: Rise | null;
  /** In which country an address is, and whose; null: nothing says so. */
  whose?: ReadonlyMap<string, string> | null;
  rows: readonly Row[];
}

function nameColumn(label: string, rest: Partial<Column<Row>> = {}): Column<Row> {
  return { id: 'name', label, align: 'left', text: rowName, value: rowName, ...rest };
}

function fieldColumn(field: string, first: boolean): Column<Row> {
  const text = (row: Row) => valueName(row, field);
  return { id: first ? 'name' : field, label: fieldLabel(field), align: 'left', text, value: (row) => row.key[field] ?? text(row), note: (row) => valueNote(row, field) };
}

/** What names the row; the first of them carries the colour. */
function keyColumns(by: readonly string[]): Column<Row>[] {
  switch (by.join()) {
    case 'host': return [nameColumn('Host', { note: (row) => row.label?.host ?? '' })];
    case 'application': return [nameColumn('Application')];
    case 'network': return [nameColumn('Network')];
    case 'vlan': return [nameColumn('VLAN', {
      text: (row) => String(row.key.vlan), value: (row) => Number(row.key.vlan), note: (row) => (Number(row.key.vlan) === 0 ? vlanName(0) : (row.label?.vlan ?? '')),
    })];
    case 'server_port,protocol': return [
      nameColumn('Service', { text: (row) => row.label?.server_port || '–', value: (row) => row.label?.server_port || '~', title: 'Name of the server port' }),
      { id: 'protocol', label: 'Protocol', align: 'left', text: rowProtocol, value: (row) => Number(row.key.protocol), tone: dim },
      { id: 'port', label: 'Port', align: 'right', text: (row) => String(row.key.server_port), value: (row) => Number(row.key.server_port) },
    ];
    default: return by.map((field, at) => fieldColumn(field, at === 0));
  }
}

export function topColumns(by: readonly string[], { measure: sort, whole, largest, rise = null, whose = null, rows }: RowsShown): Column<Row>[] {
  const measure = measureOf(sort);
  // A byte between two of the rows is in both.
  const twoRows = rows.some((row) => row.once !== undefined);
  const ends = rows.some((row) => row.octets_in !== undefined);
  const share: Column<Row> = {
    id: 'share', label: '%', align: 'right', title: `Share of all ${measure === 'octets' ? 'bytes' : measure} of this range and filter${twoRows ? '; what two of the rows exchanged is in both' : ''}`,
    text: (row) => formatShare(row[measure], whole), value: (row) => row[measure], exact: (row) => exactShare(row[measure], whole),
  };
  const drawn: Column<Row>[] = !twoRows ? [] : [{
    id: 'drawn', label: 'Drawn %', align: 'right', title: 'Share in the chart and the pie, where what two of the rows exchanged counts for the one that ranks higher. Adds up to 100 %',
    text: (row) => formatShare(drawnOf(row)[measure], whole), value: (row) => drawnOf(row)[measure], exact: (row) => exactShare(drawnOf(row)[measure], whole), tone: dim,
  }];
  const risen: Column<Row>[] = rise === null ? [] : [{
    id: kRise, label: 'Rose by', align: 'right', title: 'Rate after the rise at the marked moment, less the rate just before it',
    text: (row) => (rise.of(row) < 0 ? '−' : '+') + formatRate(Math.abs(rise.of(row)), rise.unit), value: rise.of,
    tone: (row) => (rise.of(row) > 0 ? '' : 'dim'),
  }];
  const owner = (row: Row) => whose?.get(String(row.key.host)) ?? '';
  const owners: Column<Row>[] = whose === null ? [] : [{ id: kWhose, label: 'Country, AS', align: 'left', title: 'Where the address is and whose, as the files of the collector say', text: owner, value: owner, tone: dim }];
  const one = by.length === 1;
  const sides = !ends ? [] : [
    octets('octets_in', 'In', one && by[0] === 'interface' ? 'Came in on the interface' : 'Received by it', (row) => row.octets_in),
    octets('octets_out', 'Out', one && by[0] === 'interface' ? 'Left by the interface' : 'Sent by it', (row) => row.octets_out),
    ...(by.join() !== 'host' ? [] : [
      octets('octets_client', 'As client', 'Sent by the host in sessions where it is the client', (row) => row.octets_client),
      octets('octets_server', 'As server', 'Sent by the host in sessions where it is the server', (row) => row.octets_server),
    ]),
  ];
  const bar = (row: Row) => (largest > 0 ? barValue(row, sort) / largest : 0);
  const bytes = octets('octets', 'Bytes', 'Octets of the flow records, scaled by the sampling rate', (row) => row.octets);
  return [...keyColumns(by), ...owners, ...risen, bytes, share, ...drawn, ...sides, count('packets', 'Packets'), count('sessions', 'Sessions')]
    .map((column, at) => (at === 0 ? { ...column, bar } : column));
}

/** A percentage for other programs; none of a sum that is too small. */
export function exactShare(part: number, whole: number): string {
  const shown = formatShare(part, whole);
  return shown === '–' ? '' : whole > 0 ? String(Number(((100 * part) / whole).toPrecision(6))) : '0';
}

/** Each of the whole is in one row: what remains for the others has a share. A session is of all its talkers, and has none. */
export function addsUp(rows: readonly Row[], other: OtherMeasures, measure: Measure, whole: number): boolean {
  return rows.reduce((sum, row) => sum + drawnOf(row)[measure], other[measure]) <= whole;
}

/** Cells of the row that stands for all other keys. */
export function otherCells(other: OtherMeasures, sort: string, whole: number, rows: readonly Row[] = []): Record<string, string> {
  const measure = measureOf(sort);
  const share = addsUp(rows, other, measure, whole) ? formatShare(other[measure], whole) : '–';
  return {
    name: `Other (${formatCount(other.keys)})`,
    octets: formatBytes(other.octets),
    share,
    drawn: share,
    packets: formatCount(other.packets),
    sessions: formatCount(other.sessions),
  };
}
