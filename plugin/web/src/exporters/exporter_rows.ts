// What the page of exporters says of one: its light, its losses, how it is sorted. Pure.

import { formatDuration } from '../format/time';
import { formatCount, formatShare } from '../format/units';
import type { Exporter } from '../generated/api';
import { kExporters } from '../words/exporters';

export interface Light {
  tone: 'ok' | 'warn' | 'off';
  words: string;
}

/** What rose while the page was open, in the last minute. */
export interface Lately {
  lost: number;
  dropped: number;
}

const kMinute_ms = 60_000;

/** Counters are since the start of the collector: what was lost yesterday is no trouble of now. This keeps those of the last minute. */
export class CounterMemory {
  private samples: { at_ms: number; counters: Map<string, Lately> }[] = [];

  note(exporters: readonly Exporter[], now_ms: number): void {
    const counters = new Map(exporters.map((one) => [one.address, { lost: one.lost, dropped: one.kernel_drops + one.queue_drops }]));
    this.samples = [...this.samples.filter((sample) => sample.at_ms > now_ms - kMinute_ms && sample.at_ms < now_ms), { at_ms: now_ms, counters }];
  }

  lately(address: string): Lately {
    const first = this.samples.find((sample) => sample.counters.has(address))?.counters.get(address);
    const last = this.samples.at(-1)?.counters.get(address);
    const rise = (figure: keyof Lately) => Math.max(0, (last?.[figure] ?? 0) - (first?.[figure] ?? 0));
    return { lost: rise('lost'), dropped: rise('dropped') };
  }
}

export function templatesOf(exporter: Exporter): number {
  return exporter.domains.reduce((sum, domain) => sum + domain.templates, 0);
}

/** What the sequence numbers of its protocols count. */
export function lostUnit(exporter: Pick<Exporter, 'protocols'>): 'datagrams' | 'records' | 'datagrams and records' {
  const datagrams = exporter.protocols.some((one) => one === 'v9' || one === 'sflow');
  const records = exporter.protocols.some((one) => one !== 'v9' && one !== 'sflow');
  return datagrams && records ? 'datagrams and records' : datagrams ? 'datagrams' : 'records';
}

/** The part of what was sent that did not come, in per cent; '' when it cannot be told. */
export function lostShare(exporter: Exporter): string {
  const unit = lostUnit(exporter);
  if (exporter.lost === 0 || unit === 'datagrams and records') return '';
  return kExporters.perCent(formatShare(exporter.lost, exporter.lost + (unit === 'datagrams' ? exporter.datagrams : exporter.records)));
}

export function lightOf(exporter: Exporter, now_ms: number, lately: Lately): Light {
  if (!exporter.active) return { tone: 'off', words: kExporters.silent(formatDuration(Math.max(1000, now_ms - exporter.last_seen_ms))) };
  if (lately.dropped > 0) return { tone: 'warn', words: kExporters.dropping };
  if (lately.lost > 0) return { tone: 'warn', words: kExporters.losing(lostUnit(exporter)) };
  const templated = exporter.protocols.some((one) => one === 'v9' || one === 'ipfix');
  if (templated && exporter.waiting_for_template > 0 && templatesOf(exporter) === 0) return { tone: 'warn', words: kExporters.noTemplate };
  if (exporter.unsampled > 0 && exporter.sampling.rate === null) return { tone: 'warn', words: kExporters.unsampled };
  return { tone: 'ok', words: kExporters.sending };
}

export function samplingText({ sampling }: Pick<Exporter, 'sampling'>): string {
  if (sampling.rate === null) return kExporters.unknownRate;
  return sampling.rate === 1 ? kExporters.everyPacket : kExporters.oneIn(sampling.rate);
}

export function protocolText(exporter: Pick<Exporter, 'protocols'>): string {
  return exporter.protocols.map((one) => (one === 'ipfix' ? 'IPFIX' : one === 'sflow' ? 'sFlow' : `NetFlow ${one}`)).join(', ') || '–';
}

/** Null: the text is no rate; undefined would be no change. "" is no rate of one's own. */
export function parseRate(text: string): number | null | 'wrong' {
  const plain = text.trim().replaceAll(/[,\s]/g, '');
  if (plain === '') return null;
  const rate = /^\d{1,10}$/.test(plain) ? Number(plain) : 0;
  return rate >= 1 && rate <= 4_294_967_295 ? rate : 'wrong';
}

/** A row of the page, with what it is sorted by. */
export interface ExporterRow {
  exporter: Exporter;
  name: string;
  light: Light;
  /** Octets per second; null: not known yet. */
  traffic: number | null;
}

export type SortKey = 'name' | 'address' | 'protocols' | 'records' | 'traffic' | 'lost' | 'waiting' | 'sampling' | 'counting' | 'first' | 'last';

const kValue: Record<SortKey, (row: ExporterRow) => number | string> = {
  name: (row) => row.name,
  address: (row) => row.exporter.address,
  protocols: (row) => protocolText(row.exporter),
  records: (row) => row.exporter.records_per_s,
  traffic: (row) => row.traffic ?? -1,
  lost: (row) => row.exporter.lost,
  waiting: (row) => row.exporter.waiting_for_template,
  sampling: (row) => row.exporter.sampling.rate ?? 0,
  counting: (row) => row.exporter.metering,
  first: (row) => row.exporter.first_seen_ms,
  last: (row) => row.exporter.last_seen_ms,
};

export function sortRows(rows: readonly ExporterRow[], key: SortKey, order: 'asc' | 'desc'): ExporterRow[] {
  const sign = order === 'asc' ? 1 : -1;
  const value = kValue[key];
  return [...rows].sort((one, other) => {
    const [a, b] = [value(one), value(other)];
    const way = typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true });
    return sign * way || one.exporter.address.localeCompare(other.exporter.address, undefined, { numeric: true });
  });
}

/** Every word is somewhere in what the row shows. */
export function matches(row: ExporterRow, search: string): boolean {
  const text = [row.name, row.exporter.address, row.exporter.device?.name ?? '', protocolText(row.exporter), row.light.words].join(' ').toLowerCase();
  return search.toLowerCase().split(/\s+/).filter(Boolean).every((word) => text.includes(word));
}

export function countText(count: number): string {
  return count === 0 ? '–' : formatCount(count);
}
