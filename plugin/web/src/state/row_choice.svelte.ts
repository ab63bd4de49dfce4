// Which rows are selected, kept with their keys: a live refresh may take a row away before it is acted on. Part of FlowsWindow.

import { kOther } from '../chart/stack';
import { keyId } from '../format/names';
import type { Key } from '../generated/api';
import { kNothing, select, type Click, type Selection } from '../tables/selection';

export class RowChoice {
  private selection = $state.raw<Selection>(kNothing);
  private readonly kept = new Map<string, Key>();

  /** `shown`: the keys on screen, in the order of the result; `told` hears of each choice. */
  constructor(private readonly shown: () => readonly Key[], private readonly told: (ids: readonly string[]) => void) {}

  get ids(): ReadonlySet<string> {
    return this.selection.ids;
  }

  click(id: string, shownIds: readonly string[], click: Click): void {
    if (id !== kOther) this.choose(select(this.selection, shownIds, id, click));
  }

  only(ids: readonly string[]): void {
    this.choose({ ids: new Set(ids), anchor: ids[0] ?? null });
  }

  clear(): void {
    if (this.ids.size > 0) this.choose(kNothing);
  }

  /** What an address says; nobody needs to hear of it. */
  restore(ids: readonly string[]): void {
    const same = ids.length === this.ids.size && ids.every((id) => this.ids.has(id));
    if (!same) this.take({ ids: new Set(ids), anchor: null });
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
    this.take(selection);
    this.told([...selection.ids]);
  }

  private take(selection: Selection): void {
    this.selection = selection;
    for (const key of this.shown()) if (selection.ids.has(keyId(key))) this.kept.set(keyId(key), key);
    for (const id of this.kept.keys()) if (!selection.ids.has(id)) this.kept.delete(id);
  }
}
