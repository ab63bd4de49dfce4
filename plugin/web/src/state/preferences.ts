// What a person prefers, kept in this browser: how a window opens that no link describes, and where whois is asked. A link says all
// of its view itself: it looks alike for everybody.

import { kept } from '../api/kept';
import { kColourings, type Colouring } from '../chart/palette';
import type { RateUnit } from '../format/units';
import { parseSpec } from './time_range';
import { kCompares, kDefaultView, kLiveIntervals, kRowSteps, type Compare, type View } from './view';

export interface Preferences {
  unit: RateUnit;
  utc: boolean;
  colours: Colouring;
  /** A length such as "15m". */
  range: string;
  rows: number;
  compare: Compare;
  /** Seconds; 0: not live. */
  live: number;
  /** An address with {address} in it; '' : no whois. */
  whois: string;
}

export const kDefaultPreferences: Preferences = {
  unit: kDefaultView.unit, utc: kDefaultView.utc, colours: kDefaultView.colours, range: '15m', rows: kDefaultView.rows, compare: kDefaultView.compare, live: kDefaultView.live,
  whois: 'https://search.arin.net/rdap/?query={address}',
};

const kKey = 'weir.preferences';
const storage = kept(() => localStorage);

/** What was kept, as far as it makes sense. */
export function parsePreferences(text: string | null): Preferences {
  let found: Partial<Record<keyof Preferences, unknown>> = {};
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    if (typeof value === 'object' && value !== null) found = value;
  } catch {
    // Then nothing was kept.
  }
  const fallback = kDefaultPreferences;
  const spec = typeof found.range === 'string' ? parseSpec(found.range) : null;
  return {
    unit: found.unit === 'bytes' || found.unit === 'bits' ? found.unit : fallback.unit,
    utc: typeof found.utc === 'boolean' ? found.utc : fallback.utc,
    colours: kColourings.find((one) => one === found.colours) ?? fallback.colours,
    range: spec?.kind === 'last' ? (found.range as string) : fallback.range,
    rows: kRowSteps.find((step) => step === found.rows) ?? fallback.rows,
    compare: kCompares.find((one) => one === found.compare) ?? fallback.compare,
    live: [0, ...kLiveIntervals].find((seconds) => seconds === found.live) ?? fallback.live,
    whois: typeof found.whois === 'string' && (found.whois === '' || isWhois(found.whois)) ? found.whois : fallback.whois,
  };
}

export function preferences(): Preferences {
  return parsePreferences(storage.getItem(kKey));
}

export function keepPreferences(patch: Partial<Preferences>): Preferences {
  const all = { ...preferences(), ...patch };
  storage.setItem(kKey, JSON.stringify(all));
  return all;
}

/** A window that no link describes opens so. */
export function preferredView(view: View): View {
  const { unit, utc, colours, range, rows, compare, live } = preferences();
  return { ...view, unit, utc, colours, range: parseSpec(range) ?? view.range, rows, compare, live };
}

export function isWhois(template: string): boolean {
  return /^https?:\/\/[^\s/]+\S*$/.test(template) && template.includes('{address}');
}
