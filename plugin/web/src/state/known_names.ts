// What the filter box can complete: the fields and exporters of the collector, and the hosts, ports and names that are on screen.

import { kept } from '../api/kept';
import type { Known } from '../filter/completion';
import { allFields } from '../format/fields.svelte';
import type { FlowsWindow } from './flows_window.svelte';

const kRecentKey = 'weir.filters';
const kRecent = 8;
const storage = kept(() => localStorage);

export function recentFilters(): string[] {
  try {
    const list: unknown = JSON.parse(storage.getItem(kRecentKey) ?? '[]');
    return Array.isArray(list) ? list.filter((one) => typeof one === 'string').slice(0, kRecent) : [];
  } catch {
    return [];
  }
}

export function rememberFilter(filter: string): void {
  if (filter === '') return;
  storage.setItem(kRecentKey, JSON.stringify([filter, ...recentFilters().filter((one) => one !== filter)].slice(0, kRecent)));
}

export function knownNames(flows: FlowsWindow): Known {
  const rows = flows.shown?.result.rows ?? [];
  const texts = (field: string) => [...new Set(rows.map((row) => row.key[field]).filter((value) => typeof value === 'string' && value !== ''))] as string[];
  const exporters = flows.exporters ?? [];
  const ports = new Map(rows.flatMap((row) => (typeof row.key.server_port === 'number' ? [[row.key.server_port, row.label?.server_port ?? ''] as const] : [])));
  return {
    fields: allFields(),
    exporters: exporters.map(({ address }) => ({ address, name: flows.exporterName(address) })),
    interfaces: (exporters.find((one) => one.address === flows.view.exporter)?.interfaces ?? []).map(({ index, name }) => ({ index, name: name ?? `interface ${index}` })),
    hosts: [...new Set(['host', 'client', 'server'].flatMap(texts))],
    ports: [...ports].map(([port, name]) => ({ port, name })),
    networks: texts('network'),
    applications: texts('application'),
    values: Object.fromEntries(Object.keys(rows[0]?.key ?? {}).map((field) => [field, [...new Set(rows.map((row) => row.key[field] ?? '').filter((value) => value !== ''))]])),
    recent: recentFilters(),
  };
}
