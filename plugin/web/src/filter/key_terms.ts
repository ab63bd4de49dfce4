// From selected rows to a filter term: "host 10.0.0.1", "(vlan 10 or vlan 20)", and their negation.

import { valueTerm } from '../format/fields.svelte';
import type { Key } from '../generated/api';

const kOrder = ['host', 'client', 'server', 'client_port', 'server_port', 'protocol', 'vlan'];

function fieldsOf(key: Key): string[] {
  const place = (field: string) => {
    const at = kOrder.indexOf(field);
    return at < 0 ? kOrder.length : at;
  };
  return Object.keys(key).sort((one, other) => place(one) - place(other));
}

function keyTerm(key: Key): string {
  return fieldsOf(key).map((field) => `${field} ${valueTerm(field, key[field] ?? null)}`).join(' and ');
}

/** Sessions that match any of the keys; empty text for no key. */
export function includeTerm(keys: Key[]): string {
  const terms = [...new Set(keys.map(keyTerm))];
  if (terms.length <= 1) return terms[0] ?? '';
  const parts = terms.map((term) => (term.includes(' and ') ? `(${term})` : term));
  return `(${parts.join(' or ')})`;
}

/** Sessions that match none of the keys. */
export function excludeTerm(keys: Key[]): string {
  const term = includeTerm(keys);
  if (term === '') return '';
  return term.startsWith('(') || !term.includes(' and ') ? `not ${term}` : `not (${term})`;
}
