// What a row is drawn with. A row of hosts counts each byte that the host sent or received; drawn it is once, with the end
// that ranks higher. So areas, legend and pie add up to what was on the wire. Pure.

import type { Measures, QueryResult, Row } from '../generated/api';

export type Counted = Pick<Measures, 'octets' | 'packets' | 'flows' | 'sessions'>;

/** What of the row stands in the chart and the pie. */
export function drawnOf(row: Row): Counted {
  return row.once ?? row;
}

/** The rows in the order in which they are drawn, largest first. Equals keep the order of the table. */
export function inDrawnOrder(result: QueryResult): Row[] {
  return result.rows.filter((row) => drawnOf(row).octets > 0).sort((one, other) => drawnOf(other).octets - drawnOf(one).octets);
}
