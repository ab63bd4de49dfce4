// The quality of an answer in words: what is missing, who it was, and what was scaled or corrected. Pure.

import { formatDuration } from '../format/time';
import { formatCount } from '../format/units';
import type { Quality } from '../generated/api';

export interface QualityNote {
  text: string;
  /** What it means for the figures, shown on hover. */
  title?: string;
  warn: boolean;
}

type ExporterQuality = NonNullable<Quality['exporters']>[number];

const kNamed = 2;
const kRates = 4;

function plural(count: number, one: string, many: string): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** " (edge-1, edge-2 and 3 more)", those with the most first; "" if nobody is known. */
function by(quality: Quality, measure: (one: ExporterQuality) => number): string {
  const found = (quality.exporters ?? []).filter((one) => measure(one) > 0).sort((one, other) => measure(other) - measure(one));
  if (found.length === 0) return '';
  const names = found.slice(0, kNamed).map((one) => one.label || one.exporter);
  return ` (${names.join(', ')}${found.length > kNamed ? ` and ${found.length - kNamed} more` : ''})`;
}

function lostText(quality: Quality): string {
  const unit = quality.lost_unit ?? 'records';
  const lost = unit === 'mixed' ? `${formatCount(quality.lost)} lost on the way, counted in records and in datagrams` : `${plural(quality.lost, unit.slice(0, -1), unit)} lost on the way`;
  return `${lost}${by(quality, (one) => one.lost)}`;
}

function awayText(away: Quality['away']): string {
  const named = away.slice(0, kNamed).map(({ name, why }) => `${name} did not answer (${why})`);
  return `${named.join('; ')}${away.length > kNamed ? `; nor did ${plural(away.length - kNamed, 'other', 'others')}` : ''}`;
}

function silenceText(quality: Quality): string {
  const down_ms = (quality.gaps ?? []).filter((gap) => gap.reason === 'collector_down').reduce((sum, gap) => sum + gap.to_ms - gap.from_ms, 0);
  const silent = (quality.exporters ?? []).filter((one) => one.not_heard_ms > 0).sort((one, other) => other.not_heard_ms - one.not_heard_ms);
  const parts: string[] = [];
  if (down_ms > 0) parts.push(`the collector was not running for ${formatDuration(down_ms)}`);
  const [first] = silent;
  if (first) parts.push(`${first.label || first.exporter} not heard for ${formatDuration(first.not_heard_ms)}${silent.length > 1 ? `, nor ${plural(silent.length - 1, 'other exporter', 'other exporters')} for some time` : ''}`);
  if (parts.length === 0) parts.push(`nothing heard for ${formatDuration(quality.not_heard_ms ?? 0)}`);
  return parts.join('; ');
}

/** The notes, gravest first. With nothing to say: that nothing is missing. `warnings`: of the answer, what is left out. */
export function qualityNotes(quality: Quality, saturated: boolean, warnings: string[] = []): QualityNote[] {
  const notes: QualityNote[] = [];
  // Many damaged parts may be told in the same words, and must not fill the page.
  const told = [...new Set(warnings)];
  for (const text of told.slice(0, kNamed)) notes.push({ text, warn: true });
  if (told.length > kNamed) notes.push({ text: `${plural(told.length - kNamed, 'more warning', 'more warnings')} of this kind`, title: told.slice(kNamed).join('\n'), warn: true });
  const warn = (count: number | undefined, text: () => string, title?: string) => {
    if ((count ?? 0) > 0) notes.push({ text: text(), warn: true, ...(title ? { title } : {}) });
  };
  const tell = (count: number | undefined, text: () => string, title?: string) => {
    if ((count ?? 0) > 0) notes.push({ text: text(), warn: false, ...(title ? { title } : {}) });
  };
  // A collector of an earlier version asks nobody else, and does not say so.
  const away = quality.away ?? [];
  warn(away.length, () => awayText(away), 'Other collectors were asked as well: what these have is not in the figures');
  warn(quality.not_heard_ms, () => silenceText(quality), 'Hatched in the chart: what was sent then is not in the figures');
  warn(quality.lost, () => lostText(quality), 'By the sequence numbers of the exporters: what was in them is not in the figures');
  warn(quality.dropped, () => `${plural(quality.dropped ?? 0, 'datagram', 'datagrams')} dropped by this machine${by(quality, (one) => one.dropped)}`, 'They came faster than they were read: see the receive buffer in the README, and doctor');
  warn(quality.waiting, () => `${plural(quality.waiting ?? 0, 'data set', 'data sets')} without a template${by(quality, (one) => one.waiting)}`, 'NetFlow v9 and IPFIX cannot be read before the exporter has sent the template');
  warn(quality.malformed, () => `${plural(quality.malformed ?? 0, 'datagram', 'datagrams')} unreadable${by(quality, (one) => one.malformed)}`);
  warn(quality.refused, () => `${plural(quality.refused ?? 0, 'record', 'records')} refused as impossible${by(quality, (one) => one.refused)}`, 'Counters or times that no flow can have');
  if (saturated) notes.push({ text: 'more is claimed than can be counted: sums are too small, and there are no shares', title: 'An exporter sends counters or sampling rates that no link can have; exporters and doctor show which', warn: true });
  if (quality.unknown_sampling || (quality.unsampled ?? 0) > 0) {
    const many = quality.unsampled ?? 0;
    notes.push({ text: `sampling rate unknown${many > 0 ? ` for ${plural(many, 'session', 'sessions')}` : ' for some'}${by(quality, (one) => one.unsampled)}: figures may be too small`, title: 'Set the rate on the page of the exporter', warn: true });
  }
  const uncertain = quality.counters_uncertain ?? 0;
  warn(uncertain, () => `counters of ${plural(uncertain, 'session', 'sessions')} uncertain`, 'The exporter sends running totals, and what was counted before is not known: their bytes may be too small or too large');
  if (notes.length === 0) notes.push({ text: 'nothing lost', warn: false });
  const rates = [...quality.rates].filter((rate) => rate > 1).sort((one, other) => one - other);
  if (quality.sampled && rates.length > 0) {
    notes.push({ text: `scaled ${rates.slice(0, kRates).map((rate) => `×${formatCount(rate)}`).join(', ')}${rates.length > kRates ? ' …' : ''}${quality.more_rates ? ' (more than 64 rates)' : ''} from samples`, warn: false });
  }
  tell(quality.no_counters, () => `${plural(quality.no_counters ?? 0, 'session', 'sessions')} without counters`, 'A firewall reports such events without bytes: they count as sessions alone');
  const later = quality.scaled_later ?? 0;
  tell(later, () => `${plural(later, 'session', 'sessions')} scaled by a sampling rate that was announced after them`, 'Until the rate came their bytes were as sampled; now they are scaled like the others');
  tell(quality.duplicates, () => `${plural(quality.duplicates ?? 0, 'datagram', 'datagrams')} came twice, counted once${by(quality, (one) => one.duplicates)}`);
  tell(quality.time_repaired, () => `start or end of ${plural(quality.time_repaired, 'session', 'sessions')} corrected${by(quality, (one) => one.repaired)}`, 'The exporter gave times that cannot be; the bytes are complete, and stand where the collector placed them');
  tell(quality.late_ms, () => lateText(quality), 'Hatched at the right end of the chart: what was sent then has not arrived yet');
  return notes;
}

function lateText(quality: Quality): string {
  const late = (quality.exporters ?? []).filter((one) => one.late_ms > 0).sort((one, other) => other.late_ms - one.late_ms);
  const [first] = late;
  if (!first) return `newest data ${formatDuration(quality.late_ms)} old`;
  return `${first.label || first.exporter} is ${formatDuration(first.late_ms)} behind${late.length > 1 ? `, ${plural(late.length - 1, 'other', 'others')} less` : ''}`;
}
