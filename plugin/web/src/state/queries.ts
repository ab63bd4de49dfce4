// From a view to the parameters of its queries.

import type { FlowsSessionsParams, QueryParams, Range } from '../generated/api';
import { closesOnlyItsOwn } from '../filter/chips';
import { hasTwoEnds } from '../format/fields.svelte';
import { bucketCount } from './time_range';
import { sidesOf, type Side } from './sides';
import { groupBy, pageOf, tabRow, type Tab } from './tabs';
import { formatView, kRise, kWhose, type View } from './view';

export const kColoured = 10;

type Measure = NonNullable<QueryParams['measure']>;

/** One text per question to the collector: views that it answers alike have the same. */
export function questionOf(view: View): string {
  const ranked = rankedByCollector(view.tab, view.sort);
  return formatView({ ...view, unit: 'bits', colours: 'own', utc: false, shape: asksEachEnd(view) ? 'heat' : 'table', live: 0, compare: 'none', scale: null, zoomedFrom: null, at_ms: null, selected: [], why: null, page: {}, sort: ranked ? view.sort : 'octets', order: ranked ? view.order : 'desc' });
}

/** What shares are of. */
export type Counted = 'octets' | 'packets' | 'flows' | 'sessions';
const kCounted: readonly string[] = ['octets', 'packets', 'flows', 'sessions'];
/** What an end received, sent, or sent in a role. */
const kOfEnds: readonly string[] = ['octets_in', 'octets_out', 'octets_client', 'octets_server'];
/** Columns that only the rows that came can be sorted by: what they show follows from the rank of the rows. */
const kOfRows: readonly string[] = ['drawn', kRise, kWhose];
const kSessionSorts: readonly string[] = ['octets', 'packets', 'start', 'end', 'octets_to_server', 'octets_to_client', 'packets_to_server', 'packets_to_client', 'client_port', 'server_port', 'protocol'];

/** False: the column is sorted among the rows that came. */
export function rankedByCollector(tab: Tab, sort: string): boolean {
  return tab === 'sessions' ? kSessionSorts.includes(sort) : !kOfRows.includes(sort);
}

/** The question cannot be written before the collector has told which fields have two ends. */
export function asksOfEnds(view: Pick<View, 'sort'>): boolean {
  return kOfEnds.includes(view.sort);
}

export function measureOf(view: Pick<View, 'sort'>): Counted {
  return kCounted.includes(view.sort) ? (view.sort as Counted) : 'octets';
}

/** By which measure, in which order, and by which fields, so that the one of the sorted column comes first. */
function rankOf(view: View): Pick<QueryParams, 'measure' | 'order'> & { by: [string, ...string[]] } {
  const by = groupBy(view);
  if (tabRow(view.tab).kind !== 'rows' || !rankedByCollector(view.tab, view.sort)) return { by, measure: measureOf(view) };
  const order = view.order === 'asc' ? { order: view.order } : {};
  if (kCounted.includes(view.sort)) return { by, measure: view.sort as Measure, ...order };
  // A link may name a column that these rows do not have.
  if (kOfEnds.includes(view.sort)) return hasTwoEnds(by) ? { by, measure: view.sort as Measure, ...order } : { by, measure: 'octets' };
  const first = by.includes(view.sort) ? [view.sort, ...by.filter((field) => field !== view.sort)] : by;
  return view.sort === 'name' || view.sort === 'port' || by.includes(view.sort) ? { by: first as [string, ...string[]], measure: 'key', ...order } : { by, measure: 'octets' };
}

/** The filter that is sent, and how many characters stand in it before what the user typed. */
export interface SentFilter {
  text: string;
  offset: number;
}

export function sentFilter(view: Pick<View, 'filter' | 'exporter' | 'interface' | 'way'>): SentFilter {
  const place: string[] = [];
  if (view.exporter !== null) place.push(`exporter ${view.exporter}`);
  if (view.interface !== null) place.push(`${{ both: 'interface', in: 'in_if', out: 'out_if' }[view.way]} ${view.interface}`);
  if (view.filter === '') return { text: place.join(' and '), offset: 0 };
  // A filter with a mistake is sent as it was typed, so that the collector names the mistake. Nothing is put around it.
  if (place.length === 0 || !closesOnlyItsOwn(view.filter)) return { text: view.filter, offset: 0 };
  return { text: `(${view.filter}) and ${place.join(' and ')}`, offset: 1 };
}

export function topParams(view: View, range: Range | null): QueryParams {
  const params: QueryParams = {
    ...rankOf(view),
    direction: view.direction,
    limit: tabRow(view.tab).kind === 'rows' ? view.rows : kColoured,
    buckets: bucketCount(range),
    // What is drawn adds up to what was on the wire, also where both ends of a byte are rows.
    once: true,
  };
  if (range) params.range = range;
  const { text } = sentFilter(view);
  if (text !== '') params.filter = text;
  return params;
}

function sideView(view: View, side: Side): View {
  return { ...view, filter: side.filter, way: side.way, direction: side.direction };
}

/** What is drawn above and below the axis, where the view has two sides. */
export function sideParams(view: View, range: Range | null): [QueryParams, QueryParams] | null {
  const sides = sidesOf(view);
  return sides && [topParams(sideView(view, sides.up), range), topParams(sideView(view, sides.down), range)];
}

/** The filters of what is drawn: one, or those of above and below. */
export function sideFilters(view: View): string[] {
  const sides = sidesOf(view);
  return (sides ? [sideView(view, sides.up), sideView(view, sides.down)] : [view]).map((one) => sentFilter(one).text);
}

/** A heat map has a cell for all that a row moved; the chart's own series give a byte to one of its ends only. */
function asksEachEnd(view: View): boolean {
  return view.shape === 'heat' && view.direction === 'both' && !pageOf(view.tab);
}

/** What tells how much each row rose, and all that it moved, where the chart's own series do not. */
export function risingParams(view: View, range: Range | null): QueryParams | null {
  if (view.direction !== 'both' || (view.at_ms === null && !asksEachEnd(view))) return null;
  const { once: _, ...params } = topParams(view, range);
  return params;
}

export function sessionsParams(view: View, range: Range | null): FlowsSessionsParams {
  const ranked = rankedByCollector('sessions', view.sort);
  const params: FlowsSessionsParams = {
    limit: Math.max(view.rows, 100),
    sort: ranked ? (view.sort as FlowsSessionsParams['sort']) : 'octets',
    order: ranked ? view.order : 'desc',
  };
  if (range) params.range = range;
  const { text } = sentFilter(view);
  if (text !== '') params.filter = text;
  return params;
}
