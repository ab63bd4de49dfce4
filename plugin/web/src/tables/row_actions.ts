// What the menu of a row, an area or a slice offers. Loaded with the menu.

import type { Layer } from '../chart/stack';
import { fieldOf } from '../format/fields.svelte';
import type { Key } from '../generated/api';
import type { FlowsWindow } from '../state/flows_window.svelte';
import { kRowMenu } from '../words/tables';
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
  flows.say(done ? kRowMenu.copied(addresses) : kRowMenu.notAllowed);
}

function keyActions(flows: FlowsWindow, keys: Key[], what: string, copyRows: () => void): MenuAction[] {
  const actions: MenuAction[] = [
    { label: kRowMenu.filterOn(what), run: () => flows.filterOn(keys) },
    { label: kRowMenu.exclude(what), run: () => flows.exclude(keys) },
    { label: kRowMenu.copyRows, run: copyRows },
  ];
  const addresses = addressesOf(keys);
  if (addresses.length > 0) actions.push({ label: kRowMenu.copyAddress, run: () => void copyAddresses(flows, addresses) });
  for (const address of addresses.slice(0, kMostWhois)) {
    const link = whoisLink(address);
    if (link) actions.push({ label: kRowMenu.whois(address), run: () => window.open(link, '_blank', 'noopener,noreferrer') });
  }
  return actions;
}

export function menuOf(flows: FlowsWindow, on: MenuOn, copyRows: () => void): { heading: string; actions: MenuAction[] } {
  if ('rows' in on) {
    const keys = flows.chosen.keys();
    return { heading: kRowMenu.rows(keys.length), actions: [...keyActions(flows, keys, kRowMenu.selected, copyRows), { label: kRowMenu.selectAll, run: () => flows.chosen.all() }] };
  }
  const { layer, time_ms } = on;
  const moves: MenuAction[] = [{ label: kRowMenu.centre, run: () => flows.time.centre(time_ms) }, { label: kRowMenu.zoomOut, run: () => flows.time.zoomOut() }];
  return { heading: layer?.name ?? kRowMenu.chart, actions: layer?.key ? [...keyActions(flows, [layer.key], kRowMenu.this, copyRows), ...moves] : moves };
}
