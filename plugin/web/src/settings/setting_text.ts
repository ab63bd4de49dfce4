// Settings of the collector as a person reads them: sizes and times with their unit beside the number that the file has. Pure.

import { formatDuration } from '../format/time';
import { formatCount } from '../format/units';
import type { SettingsGetResult } from '../generated/api';
import { kSettings } from '../words/settings';

export type Setting = SettingsGetResult['settings'][number];

const kBinary = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** "20 GiB"; '' where no prefix makes it shorter. Limits are set in powers of two. */
function sizeText(bytes: number): string {
  let [size, step] = [bytes, 0];
  while (size >= 1024 && step < kBinary.length - 1) [size, step] = [size / 1024, step + 1];
  return step === 0 ? '' : `${Number(size.toFixed(1))} ${kBinary[step]}`;
}

/** What the number means, by the unit that its name ends in; '' when it says it itself. */
export function meaningOf(key: string, value: number): string {
  if (value === 0) return '';
  if (/_bytes(_per_\w+)?$/.test(key)) return sizeText(value);
  if (/_ms$/.test(key) && value >= 1000) return formatDuration(value);
  return '';
}

/** "20,000,000 (19.1 MiB)", "true", "2055, 4739" */
export function valueText(key: string, value: Setting['value']): string {
  if (typeof value === 'number') {
    const meaning = meaningOf(key, value);
    return meaning === '' ? formatCount(value) : `${formatCount(value)} (${meaning})`;
  }
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  const text = Array.isArray(value) ? value.join(', ') : value;
  return text === '' ? kSettings.advanced.empty : text;
}

/** "a whole number from 0 to 1,125,899,906,842,624" */
export function allowedText(allowed: string): string {
  return allowed.replaceAll(/\d{5,}/g, (digits) => formatCount(Number(digits)));
}

/** The sections in the order of the collector, with those settings that the search and the choice leave. */
export function sectionsOf(settings: readonly Setting[], search: string, changedOnly: boolean): { name: string; settings: Setting[] }[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const left = settings.filter((one) => (!changedOnly || one.changed) && words.every((word) => `${one.key} ${one.description}`.toLowerCase().includes(word)));
  const sections = new Map<string, Setting[]>();
  for (const one of left) {
    const name = one.key.slice(0, one.key.indexOf('.'));
    sections.set(name, [...(sections.get(name) ?? []), one]);
  }
  return [...sections].map(([name, all]) => ({ name, settings: all }));
}
