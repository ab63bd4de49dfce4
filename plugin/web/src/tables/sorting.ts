// Order of the rows that are here. Equal rows keep the collector's order.

import type { Column } from './columns';
import type { Order } from '../state/view';

export function sortItems<T>(items: readonly T[], column: Column<T> | undefined, order: Order): T[] {
  if (!column) return [...items];
  const sign = order === 'asc' ? 1 : -1;
  return [...items].sort((one, other) => {
    const a = column.value(one);
    const b = column.value(other);
    if (typeof a === 'number' && typeof b === 'number') return sign * (a - b);
    return sign * String(a).localeCompare(String(b), undefined, { numeric: true });
  });
}

/** Numbers start with the largest, text with the first letter; the same heading again turns it round. */
export function nextOrder(column: { id: string; align: 'left' | 'right' }, sort: string, order: Order): Order {
  if (column.id === sort) return order === 'desc' ? 'asc' : 'desc';
  return column.align === 'right' ? 'desc' : 'asc';
}
