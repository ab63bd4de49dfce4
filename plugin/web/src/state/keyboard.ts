// Keys of the whole window. Keys typed into a field stay there, except those with Ctrl or Alt.

import type { FlowsWindow } from './flows_window.svelte';
import { shapeOf, shapesOf } from './shapes';
import { pageOf, tabOfDigit } from './tabs';
import { defaultSort } from './view';

export interface KeyActions {
  focusFilter: () => void;
  help: () => void;
}

function inField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.closest('input, select, textarea, dialog[open], [role=menu]') !== null || target.isContentEditable);
}

/** Returns true if the key meant something. */
export function handleKey(event: KeyboardEvent, flows: FlowsWindow, actions: KeyActions): boolean {
  // Behind a dialog nothing moves.
  if (event.target instanceof HTMLElement && event.target.closest('dialog[open]') !== null) return false;
  const digit = /^Digit([1-9])$/.exec(event.code);
  if (digit && (event.ctrlKey !== event.altKey) && !event.metaKey && !event.shiftKey) {
    const tab = tabOfDigit(Number(digit[1]));
    if (tab) flows.change({ tab, sort: defaultSort(flows.view.at_ms), order: 'desc' });
    return true;
  }
  if (event.ctrlKey || event.altKey || event.metaKey || inField(event.target)) return false;
  const page = pageOf(flows.view.tab);
  if (page && !page.traffic) {
    if (event.key !== '?') return false;
    actions.help();
    return true;
  }
  switch (event.key) {
    case '/': actions.focusFilter(); return true;
    case '?': actions.help(); return true;
    case 'r': flows.refresh(); return true;
    case 'l': flows.time.toggleLive(); return true;
    case 'n': flows.time.now(); return true;
    case 'p': {
      // Table, pie, heat map, Sankey where there are two fields, and the table again.
      const shapes = shapesOf(flows.view).map((choice) => choice.id);
      flows.change({ shape: shapes[(shapes.indexOf(shapeOf(flows.view)) + 1) % shapes.length] ?? 'table' });
      return true;
    }
    case 'w':
      if (page) return false;
      flows.why.toggle();
      return true;
    case '-': flows.time.zoomOut(); return true;
    case '[': flows.time.shift(-1); return true;
    case ']': flows.time.shift(1); return true;
    case 'Escape':
      if (flows.why.open && flows.chosen.ids.size === 0) flows.why.close();
      else flows.chosen.clear();
      return true;
    default: return false;
  }
}
