// The values that a row is drawn with. A row of hosts counts each byte that the host sent or received. In the chart the byte is
// drawn once, with the end that ranks higher, so that areas, legend and pie add up to what was on the wire. Pure.

import { keyId } from '../format/names';
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

/** The rows above and below the axis in one order, largest together first: a key has one colour and one place on both sides. */
export function mergedOrder(up: QueryResult, down: QueryResult): Row[] {
  const octets = new Map<string, number>();
  const rows = new Map<string, Row>();
  for (const row of [...inDrawnOrder(up), ...inDrawnOrder(down)]) {
    const id = keyId(row.key);
    octets.set(id, (octets.get(id) ?? 0) + drawnOf(row).octets);
    if (!rows.has(id)) rows.set(id, row);
  }
  return [...rows].sort(([one], [other]) => (octets.get(other) ?? 0) - (octets.get(one) ?? 0)).map(([, row]) => row);
}
