// The fields of the collector, as it told them: what each is called, and what its values are. Known for the window as a whole,
// so that a field that is new at the collector needs nothing here.

import type { FieldsListResult } from '../generated/api';

export type Field = FieldsListResult['fields'][number];

let told = $state.raw<readonly Field[]>([]);

export function allFields(): readonly Field[] {
  return told;
}

export function learnFields(fields: readonly Field[]): void {
  told = fields;
}

export function fieldOf(name: string): Field | null {
  return told.find((field) => field.name === name) ?? null;
}

/** "In interface"; its name until the collector has told more. */
export function fieldLabel(name: string): string {
  return fieldOf(name)?.label ?? name.replaceAll('_', ' ').replace(/^./, (letter) => letter.toUpperCase());
}

/** Both ends of a session have it: with "both" a byte is in two rows, and talkers and listeners differ. */
export function hasTwoEnds(by: readonly string[]): boolean {
  return by.some((name) => fieldOf(name)?.either_end === true);
}

/** An empty text says that the record gave no address. */
export function isAddress(name: string): boolean {
  const type = fieldOf(name)?.type;
  return type === 'address' || type === 'mac';
}

/** Types whose values are single words: all others may be names that people gave. */
const kWords = new Set(['number', 'address', 'exporter', 'protocol', 'country', 'flags', 'mac', 'direction', 'reason', 'quality', 'time', 'duration', 'counter']);

/** A value as the filter language reads it. Names are quoted; the collector lets no quote into them. */
export function valueTerm(name: string, value: string | number | null): string {
  const field = fieldOf(name);
  if (value === '' && field?.type === 'address') return 'none';
  const plain = typeof value !== 'string' || (/^[\w.:/-]+$/.test(value) && (field === null || kWords.has(field.type)));
  return plain ? String(value) : `"${value}"`;
}
