// The tabs and the pages: one row each. A tab of rows is what it groups by; its columns follow from that (see tables/columns.ts).
// A page stands in the place of chart and table, and is loaded when it is opened.

import type { Component } from 'svelte';
import { fieldLabel } from '../format/fields.svelte';
import type { FlowsWindow } from './flows_window.svelte';

export type PageId = 'alerts' | 'exporters' | 'settings';
export type Tab = 'hosts' | 'ports' | 'vlans' | 'sessions' | 'conversations' | 'applications' | 'networks' | 'by' | PageId;

export interface TabRow {
  id: Tab;
  label: string;
  title: string;
  /** Fields of the API; empty: those that the view names. */
  by: readonly string[];
  /** rows: sums by key; sessions: single ones, with a chart of conversations; page: see PageRow. */
  kind: 'rows' | 'sessions' | 'page';
}

export interface PageRow extends TabRow {
  id: PageId;
  kind: 'page';
  /** It shows traffic of the range and place in view: then they can be chosen in the bar, and the collector is asked. */
  traffic: boolean;
  icon: 'bell' | 'exporters' | 'settings';
  load: () => Promise<{ default: Component<{ flows: FlowsWindow }> }>;
}

const kConversation = ['client', 'server', 'server_port', 'protocol'];

/** In the order of Ctrl-1 to Ctrl-8. */
export const kTabs: readonly TabRow[] = [
  { id: 'hosts', label: 'Top Hosts', title: 'Top hosts', by: ['host'], kind: 'rows' },
  { id: 'ports', label: 'Top Ports', title: 'Top ports', by: ['server_port', 'protocol'], kind: 'rows' },
  { id: 'vlans', label: 'Top VLANs', title: 'Top VLANs', by: ['vlan'], kind: 'rows' },
  { id: 'sessions', label: 'Top Sessions', title: 'Top sessions', by: kConversation, kind: 'sessions' },
  { id: 'conversations', label: 'Conversations', title: 'Top conversations', by: ['client', 'server'], kind: 'rows' },
  { id: 'applications', label: 'Applications', title: 'Top applications', by: ['application'], kind: 'rows' },
  { id: 'networks', label: 'Networks', title: 'Top networks', by: ['network'], kind: 'rows' },
  { id: 'by', label: 'By …', title: 'Top', by: [], kind: 'rows' },
];

/** In the order of the bar; the first is Ctrl-9. */
export const kPages: readonly PageRow[] = [
  { id: 'alerts', label: 'Alerts', title: 'Alerts', by: ['host'], kind: 'page', traffic: true, icon: 'bell', load: () => import('../alerts/AlertsPage.svelte') },
  { id: 'exporters', label: 'Exporters', title: 'Exporters', by: ['host'], kind: 'page', traffic: false, icon: 'exporters', load: () => import('../exporters/ExportersPage.svelte') },
  { id: 'settings', label: 'Settings', title: 'Settings', by: ['host'], kind: 'page', traffic: false, icon: 'settings', load: () => import('../settings/SettingsPage.svelte') },
];

const kAll: readonly TabRow[] = [...kTabs, ...kPages];

/** What "By …" shows before anything was chosen. */
export const kFirstBy: readonly string[] = ['interface'];
export const kMostCrossed = 2;

export function tabRow(tab: Tab): TabRow {
  const row = kAll.find((one) => one.id === tab);
  if (!row) throw new Error(`there is no tab ${tab}`);
  return row;
}

/** Null: a tab of the Flows window. */
export function pageOf(tab: Tab): PageRow | null {
  return kPages.find((one) => one.id === tab) ?? null;
}

export function tabOf(text: string | null): Tab | null {
  return kAll.find((one) => one.id === text)?.id ?? null;
}

/** What Ctrl and a digit open. */
export function tabOfDigit(digit: number): Tab | null {
  return kAll[digit - 1]?.id ?? null;
}

export function groupBy(view: { tab: Tab; by: readonly string[] }): [string, ...string[]] {
  const row = tabRow(view.tab);
  const [first = 'host', ...more] = row.by.length > 0 ? row.by : view.by.length > 0 ? view.by : kFirstBy;
  return [first, ...more];
}

export function titleOf(view: { tab: Tab; by: readonly string[] }): string {
  const row = tabRow(view.tab);
  return row.by.length > 0 ? row.title : `By ${groupBy(view).map((field) => fieldLabel(field).replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase())).join(' and ')}`;
}
