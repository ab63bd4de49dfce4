// What the window shows, as one value that is written to and read from the URL's hash.
// Another person who opens the link sees the same. Back and forward go through earlier views.

import { fixedRange, formatSpec, parseSpec, parseTime, sameRange, type RangeSpec } from './time_range';
import { kColourings, type Colouring } from '../chart/palette';
import type { RateUnit } from '../format/units';
import type { Range } from '../generated/api';
import { kMostCrossed, tabOf, type Tab } from './tabs';

export type Direction = 'both' | 'talkers' | 'listeners';
/** Which packets of the chosen interface: those that came in on it, left by it, or either. */
export type Way = 'both' | 'in' | 'out';
export const kShapes = ['table', 'pie', 'heat', 'sankey'] as const;
export type Shape = (typeof kShapes)[number];
export type Order = 'asc' | 'desc';
/** What stands behind the chart: the same hours of an earlier time. */
export const kCompares = ['none', 'day', 'week'] as const;
export type Compare = (typeof kCompares)[number];

export interface View {
  tab: Tab;
  /** Fields that the tab "By …" groups by; empty: its first ones. */
  by: readonly string[];
  range: RangeSpec;
  /** Where Zoom out goes: the range from which the first zoom was made. */
  zoomedFrom: RangeSpec | null;
  /** The moment that the view is about (a problem began): marked in the chart, and what rose then comes first. */
  at_ms: number | null;
  filter: string;
  exporter: string | null;
  interface: number | null;
  way: Way;
  direction: Direction;
  unit: RateUnit;
  compare: Compare;
  /** Top of the chart in the unit that is shown; null: by what is drawn. */
  scale: number | null;
  colours: Colouring;
  /** Times in UTC instead of the reader's zone. */
  utc: boolean;
  shape: Shape;
  sort: string;
  order: Order;
  rows: number;
  /** Seconds between refreshes; 0: not live. */
  live: number;
  /** Rows that are selected, by their keyId. */
  selected: readonly string[];
  /** The stretch that "Why?" explains; null: it is closed. */
  why: Range | null;
  /** What a page of its own shows: its parts, its search. Another tab begins anew. */
  page: Readonly<Record<string, string>>;
}

export const kLiveIntervals = [2, 5, 10, 30, 60, 300];
export const kRowSteps = [24, 100, 500, 2000];
/** The column of what rose at the moment of the view. */
export const kRise = 'rise';
/** The column of where an address is, and whose. */
export const kWhose = 'whose';
/** Of more rows the address would become too long: such a selection is not part of it. */
const kMostSelected = 40;
/** What began late has had no time to become large. */
const kRowsAtMoment = 100;

export const kDefaultView: View = {
  tab: 'hosts',
  by: [],
  range: { kind: 'last', ms: 15 * 60_000 },
  zoomedFrom: null,
  at_ms: null,
  filter: '',
  exporter: null,
  interface: null,
  way: 'both',
  direction: 'both',
  unit: 'bits',
  compare: 'week',
  scale: null,
  colours: 'own',
  utc: false,
  shape: 'table',
  sort: 'octets',
  order: 'desc',
  rows: 24,
  live: 10,
  selected: [],
  why: null,
  page: {},
};

/** How a table is sorted, and how long it is, unless the view says otherwise. */
export function defaultSort(at_ms: number | null): string {
  return at_ms === null ? kDefaultView.sort : kRise;
}
function defaultRows(at_ms: number | null): number {
  return at_ms === null ? kDefaultView.rows : kRowsAtMoment;
}

function oneOf<T extends string>(text: string | null, allowed: readonly T[], otherwise: T): T {
  return allowed.find((value) => value === text) ?? otherwise;
}

function whole(text: string | null, otherwise: number, most: number): number {
  if (text === null || !/^\d{1,10}$/.test(text)) return otherwise;
  return Math.min(Number(text), most);
}

function parseRange(params: URLSearchParams): RangeSpec {
  const from = params.get('from');
  const to = params.get('to');
  if (from !== null && to !== null) {
    const from_ms = parseTime(from);
    const to_ms = parseTime(to);
    if (from_ms !== null && to_ms !== null && to_ms > from_ms) return fixedRange(from_ms, to_ms);
  }
  return parseSpec(params.get('range') ?? '') ?? kDefaultView.range;
}

function parseBy(text: string | null): string[] {
  const fields = (text ?? '').split(',').filter((field) => /^[a-z][a-z0-9_]{0,39}$/.test(field));
  return [...new Set(fields)].slice(0, kMostCrossed);
}

function parseScale(text: string | null): number | null {
  const top = /^\d{1,16}$/.test(text ?? '') ? Number(text) : 0;
  return top > 0 ? top : null;
}

function parseStretch(text: string | null): Range | null {
  const match = /^(\d{1,16})-(\d{1,16})$/.exec(text ?? '');
  const range = { from_ms: Number(match?.[1]), to_ms: Number(match?.[2]) };
  return range.to_ms > range.from_ms ? range : null;
}

function parsePage(params: URLSearchParams): Record<string, string> {
  return Object.fromEntries([...params].flatMap(([name, value]) => (/^page\.[a-z]{1,12}$/.test(name) ? [[name.slice(5), value.slice(0, 200)]] : [])));
}

/** Reads a hash such as "#tab=ports&range=1h"; what is missing or not understood takes its default. */
export function parseView(hash: string): View {
  const params = new URLSearchParams(hash.replace(/^#/, ''));
  const range = parseRange(params);
  const interfaceText = params.get('if') ?? '';
  const exporter = params.get('exporter') || null;
  const at_ms = range.kind === 'fixed' ? parseTime(params.get('at') ?? '') : null;
  return {
    tab: tabOf(params.get('tab')) ?? kDefaultView.tab,
    by: parseBy(params.get('by')),
    range,
    zoomedFrom: parseSpec(params.get('out') ?? ''),
    at_ms,
    filter: (params.get('filter') ?? '').trim(),
    exporter,
    interface: exporter !== null && /^\d{1,10}$/.test(interfaceText) ? Number(interfaceText) : null,
    way: oneOf(params.get('way'), ['both', 'in', 'out'], kDefaultView.way),
    direction: oneOf(params.get('direction'), ['both', 'talkers', 'listeners'], kDefaultView.direction),
    unit: oneOf(params.get('unit'), ['bits', 'bytes'], kDefaultView.unit),
    compare: oneOf(params.get('compare'), kCompares, kDefaultView.compare),
    scale: parseScale(params.get('scale')),
    colours: oneOf(params.get('colours'), kColourings, kDefaultView.colours),
    utc: params.get('tz') === 'utc',
    shape: oneOf(params.get('show'), kShapes, kDefaultView.shape),
    sort: /^[a-z_]{1,30}$/.test(params.get('sort') ?? '') ? (params.get('sort') as string) : defaultSort(at_ms),
    order: oneOf(params.get('order'), ['asc', 'desc'], kDefaultView.order),
    rows: Math.max(1, whole(params.get('rows'), defaultRows(at_ms), 10_000)),
    live: range.kind === 'last' ? whole(params.get('live'), kDefaultView.live, 3600) : 0,
    selected: params.getAll('sel').slice(0, kMostSelected),
    why: parseStretch(params.get('why')),
    page: parsePage(params),
  };
}

/** The shortest hash that parseView reads back as this view. */
export function formatView(view: View): string {
  const params = new URLSearchParams();
  const set = (name: string, value: string, otherwise: string) => {
    if (value !== otherwise) params.set(name, value);
  };
  params.set('tab', view.tab);
  if (view.tab === 'by') set('by', view.by.join(','), '');
  if (view.range.kind === 'fixed') {
    params.set('from', String(view.range.from_ms));
    params.set('to', String(view.range.to_ms));
  } else if (!sameRange(view.range, kDefaultView.range)) {
    params.set('range', formatSpec(view.range));
  }
  if (view.zoomedFrom) params.set('out', formatSpec(view.zoomedFrom));
  set('at', view.at_ms === null ? '' : String(view.at_ms), '');
  set('filter', view.filter, '');
  set('exporter', view.exporter ?? '', '');
  set('if', view.interface === null ? '' : String(view.interface), '');
  set('way', view.interface === null ? kDefaultView.way : view.way, kDefaultView.way);
  set('direction', view.direction, kDefaultView.direction);
  set('unit', view.unit, kDefaultView.unit);
  set('compare', view.compare, kDefaultView.compare);
  set('scale', view.scale === null ? '' : String(view.scale), '');
  set('colours', view.colours, kDefaultView.colours);
  set('tz', view.utc ? 'utc' : '', '');
  set('show', view.shape, kDefaultView.shape);
  set('sort', view.sort, defaultSort(view.at_ms));
  set('order', view.order, kDefaultView.order);
  set('rows', String(view.rows), String(defaultRows(view.at_ms)));
  if (view.range.kind === 'last') set('live', String(view.live), String(kDefaultView.live));
  if (view.selected.length <= kMostSelected) for (const id of view.selected) params.append('sel', id);
  set('why', view.why === null ? '' : `${view.why.from_ms}-${view.why.to_ms}`, '');
  for (const [name, value] of Object.entries(view.page)) set(`page.${name}`, value, '');
  return `#${params.toString()}`;
}
