// Which rows are selected, kept with their keys: a live refresh may take a row away before it is acted on. Part of FlowsWindow.

import { kOther } from '../chart/stack';
import { keyId } from '../format/names';
import type { Key } from '../generated/api';
import { kNothing, select, type Click, type Selection } from '../tables/selection';

export class RowChoice {
  private selection = $state.raw<Selection>(kNothing);
  private readonly kept = new Map<string, Key>();

  /** `shown`: the keys on screen, in the order of the result. */
  constructor(private readonly shown: () => readonly Key[]) {}

  get ids(): ReadonlySet<string> {
    return this.selection.ids;
  }

  click(id: string, shownIds: readonly string[], click: Click): void {
    if (id !== kOther) this.choose(select(this.selection, shownIds, id, click));
  }

  clear(): void {
    this.selection = kNothing;
  }

  all(): void {
    this.choose({ ids: new Set(this.shown().map(keyId)), anchor: null });
  }

  /** Keys of the selected rows, in the order of the result; last those that a refresh has taken out of it. */
  keys(): Key[] {
    const unique = new Map([...this.shown().map((key) => [keyId(key), key] as const), ...this.kept]);
    return [...unique].filter(([id]) => this.ids.has(id)).map(([, key]) => key);
  }

  private choose(selection: Selection): void {
    this.selection = selection;
    for (const key of this.shown()) if (selection.ids.has(keyId(key))) this.kept.set(keyId(key), key);
    for (const id of this.kept.keys()) if (!selection.ids.has(id)) this.kept.delete(id);
  }
}
