// Rows of the last minutes, asked for again now and then as long as the component is there.

import { untrack } from 'svelte';
import type { FlowsTopParams, Row } from '../generated/api';
import type { FlowsWindow } from '../state/flows_window.svelte';

export const kRecent_ms = 300_000;
const kEvery_ms = 15_000;

/** Called while a component is made. `params` is read anew with each question. */
export function askForRecentRows(window: () => FlowsWindow, params: () => FlowsTopParams, onrows: (rows: Row[]) => void, onfailure: (words: string) => void = () => {}) {
  const flows = $derived(window());
  const turn = $derived(Math.floor(flows.clock_ms / kEvery_ms));
  $effect(() => {
    void turn;
    if (flows.connection.state !== 'ready') return;
    const asked = new AbortController();
    const to_ms = Math.floor(untrack(() => flows.now_ms));
    flows.call('flows.top', { ...params(), range: { from_ms: to_ms - kRecent_ms, to_ms } }, asked.signal).then(
      (answer) => onrows(answer.rows),
      (reason) => { if (!asked.signal.aborted) onfailure(reason instanceof Error ? reason.message : String(reason)); },
    );
    return () => asked.abort();
  });
}
