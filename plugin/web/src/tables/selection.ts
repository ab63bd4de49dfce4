// Which rows are selected after a click: plain selects one (again: none), ctrl toggles, shift takes the span.

export interface Click {
  shift: boolean;
  toggle: boolean;
}

export interface Selection {
  ids: ReadonlySet<string>;
  /** Where a span begins. */
  anchor: string | null;
}

export const kNothing: Selection = { ids: new Set(), anchor: null };

export function select(before: Selection, shown: readonly string[], id: string, click: Click): Selection {
  if (click.shift && before.anchor !== null && shown.includes(before.anchor)) {
    const [first, last] = [shown.indexOf(before.anchor), shown.indexOf(id)].sort((a, b) => a - b);
    const span = shown.slice(first, (last ?? 0) + 1);
    return { ids: new Set(click.toggle ? [...before.ids, ...span] : span), anchor: before.anchor };
  }
  if (click.toggle) {
    const ids = new Set(before.ids);
    if (!ids.delete(id)) ids.add(id);
    return { ids, anchor: id };
  }
  if (before.ids.size === 1 && before.ids.has(id)) return kNothing;
  return { ids: new Set([id]), anchor: id };
}
