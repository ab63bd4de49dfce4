// What the menu of a row, an area or a slice offers. Loaded with the menu.

import type { Layer } from '../chart/stack';
import { fieldOf } from '../format/fields.svelte';
import type { Key } from '../generated/api';
import type { FlowsWindow } from '../state/flows_window.svelte';
import { copyText } from './clipboard';
import { whoisLink } from './whois';

export interface MenuAction {
  label: string;
  run: () => void;
}

/** What it was opened on: the selected rows, or the chart at a moment. */
export type MenuOn = { rows: true } | { layer: Layer | null; time_ms: number };

/** As many links as there are ends. */
const kMostWhois = 2;

function addressesOf(keys: readonly Key[]): string[] {
  const values = keys.flatMap((key) => Object.keys(key).filter((field) => fieldOf(field)?.type === 'address').map((field) => key[field]));
  return [...new Set(values.filter((value) => typeof value === 'string' && value !== ''))] as string[];
}

async function copyAddresses(flows: FlowsWindow, addresses: string[]): Promise<void> {
  const done = await copyText(addresses.join('\n'));
  flows.say(done ? `Copied ${addresses.length === 1 ? addresses[0] : `${addresses.length} addresses`}` : 'The browser did not allow copying');
}

function keyActions(flows: FlowsWindow, keys: Key[], what: string, copyRows: () => void): MenuAction[] {
  const actions: MenuAction[] = [
    { label: `Filter on ${what}`, run: () => flows.filterOn(keys) },
    { label: `Exclude ${what}`, run: () => flows.exclude(keys) },
    { label: 'Copy rows', run: copyRows },
  ];
  const addresses = addressesOf(keys);
  if (addresses.length > 0) actions.push({ label: 'Copy address', run: () => void copyAddresses(flows, addresses) });
  for (const address of addresses.slice(0, kMostWhois)) {
    const link = whoisLink(address);
    if (link) actions.push({ label: `Whois ${address}`, run: () => window.open(link, '_blank', 'noopener,noreferrer') });
  }
  return actions;
}

export function menuOf(flows: FlowsWindow, on: MenuOn, copyRows: () => void): { heading: string; actions: MenuAction[] } {
  if ('rows' in on) {
    const keys = flows.chosen.keys();
    return { heading: keys.length === 1 ? '1 row selected' : `${keys.length} rows selected`, actions: [...keyActions(flows, keys, 'selected', copyRows), { label: 'Select all', run: () => flows.chosen.all() }] };
  }
  const { layer, time_ms } = on;
  const moves: MenuAction[] = [{ label: 'Centre on this moment', run: () => flows.time.centre(time_ms) }, { label: 'Zoom out', run: () => flows.time.zoomOut() }];
  return { heading: layer?.name ?? 'Chart', actions: layer?.key ? [...keyActions(flows, [layer.key], 'this', copyRows), ...moves] : moves };
}
