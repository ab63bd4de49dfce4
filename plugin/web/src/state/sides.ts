// Views of one host or one interface have two sides: what it sent is drawn above the axis, what it received below. Pure.

import { splitTerms } from '../filter/chips';
import { pageOf } from './tabs';
import type { Direction, View } from './view';

export interface Side {
  /** In the place of the filter, exporter and way of the view. */
  filter: string;
  way: View['way'];
  /** Of hosts: the other end. */
  direction: Direction;
  name: string;
}

export interface Sides {
  up: Side;
  down: Side;
}

const kOneHost = /^(?:host\s+)?((?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]*:[0-9a-f:.]*)$/i;

/** The term that names one host, where it is the only one. */
function hostTerm(filter: string): { at: number; address: string; terms: string[] } | null {
  const terms = splitTerms(filter);
  const found = terms.flatMap((term, at) => {
    const address = kOneHost.exec(term)?.[1];
    return address === undefined ? [] : [{ at, address, terms }];
  });
  return found.length === 1 ? (found[0] ?? null) : null;
}

export function sidesOf(view: Pick<View, 'filter' | 'interface' | 'way' | 'direction' | 'tab'>): Sides | null {
  if (pageOf(view.tab)) return null;
  if (view.interface !== null) {
    if (view.way !== 'both') return null;
    const side = (way: View['way'], name: string): Side => ({ filter: view.filter, way, direction: view.direction, name });
    return { up: side('out', 'out'), down: side('in', 'in') };
  }
  const host = hostTerm(view.filter);
  if (host === null || view.direction !== 'both') return null;
  const side = (end: string, direction: Direction, name: string): Side => ({
    // A lone "or" term stands in brackets already: only the term of the host changes.
    filter: host.terms.map((term, at) => (at === host.at ? `${end} host ${host.address}` : term)).join(' and '), way: view.way, direction, name,
  });
  return { up: side('src', 'listeners', 'sent'), down: side('dst', 'talkers', 'received') };
}
