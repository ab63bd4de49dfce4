// From a view to the parameters of its queries.

import type { FlowsSessionsParams, QueryParams, Range } from '../generated/api';
import { closesOnlyItsOwn } from '../filter/chips';
import { kBuckets } from './time_range';
import { sidesOf, type Side } from './sides';
import { groupBy, type Tab } from './tabs';
import { formatView, type View } from './view';

export const kColoured = 10;

type Measure = NonNullable<QueryParams['measure']>;

/** One text per question to the collector: views that it answers alike have the same. */
export function questionOf(view: View): string {
  const ranked = rankedByCollector(view.tab, view.sort);
  // Rows of a top table come largest first; only sessions have an order at the collector.
  const sort = ranked ? `${view.sort}${view.tab === 'sessions' ? view.order : ''}` : 'octets';
  return formatView({ ...view, unit: 'bits', utc: false, shape: 'table', live: 0, compare: 'none', scale: null, zoomedFrom: null, at_ms: null, sort, order: 'desc' });
}

/** Columns that the collector can rank by; the others are sorted among the rows that came. */
const kMeasures: readonly string[] = ['octets', 'packets', 'flows', 'sessions'];
const kSessionSorts: readonly string[] = ['octets', 'packets', 'start', 'end'];

export function rankedByCollector(tab: Tab, sort: string): boolean {
  return (tab === 'sessions' ? kSessionSorts : kMeasures).includes(sort);
}

export function measureOf(view: View): Measure {
  return kMeasures.includes(view.sort) ? (view.sort as Measure) : 'octets';
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
  // A mistake is not mended by what stands around it: it is sent as it is and told as it is.
  if (place.length === 0 || !closesOnlyItsOwn(view.filter)) return { text: view.filter, offset: 0 };
  return { text: `(${view.filter}) and ${place.join(' and ')}`, offset: 1 };
}

export function topParams(view: View, range: Range | null): QueryParams {
  const params: QueryParams = {
    by: groupBy(view),
    direction: view.direction,
    measure: measureOf(view),
    limit: view.tab === 'sessions' || view.tab === 'alerts' ? kColoured : view.rows,
    buckets: kBuckets,
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

/** What tells how much each row rose, where the chart's own series do not: they draw a byte with one of its ends only. */
export function risingParams(view: View, range: Range | null): QueryParams | null {
  if (view.at_ms === null || view.direction !== 'both') return null;
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
