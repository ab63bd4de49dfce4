// Keys of a picture whose parts are a list: arrows go through it, Enter or Space selects, Alt+Enter opens the menu.

export interface ListDeeds {
  move: (id: string | null) => void;
  pick: (id: string) => void;
  menu: (id: string) => void;
}

export function listKeys(event: KeyboardEvent, ids: readonly string[], active: string | null, deeds: ListDeeds): void {
  if (event.ctrlKey || event.metaKey) return;
  const at = active === null ? -1 : ids.indexOf(active);
  const before = at < 0 ? ids.length - 1 : at - 1;
  const step = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: before, ArrowLeft: before, Home: 0, End: ids.length - 1 }[event.key];
  if (step !== undefined) deeds.move(ids[(step + ids.length) % Math.max(1, ids.length)] ?? null);
  else if (event.key === 'Escape' && active !== null) deeds.move(null);
  else if (active !== null && event.key === 'Enter' && event.altKey) deeds.menu(active);
  else if (active !== null && (event.key === 'Enter' || event.key === ' ')) deeds.pick(active);
  else return;
  event.preventDefault();
  event.stopPropagation();
}
