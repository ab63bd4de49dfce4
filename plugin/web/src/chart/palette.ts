// Colours of the ten largest rows. A key keeps its colour while it stays among them, so that a live chart does not flicker.

export const kColours = [
  '#4e79a7', '#e1812c', '#59a14f', '#b07aa1', '#76b7b2', '#d4a72c', '#9c755f', '#e15759', '#8cb369', '#79706e',
] as const;

/** Slot of each id, in 0..kColours.length-1; ids beyond the palette get none. */
export function assignColours(previous: ReadonlyMap<string, number>, ids: readonly string[]): Map<string, number> {
  const shown = ids.slice(0, kColours.length);
  const assigned = new Map<string, number>();
  const taken = new Set<number>();
  for (const id of shown) {
    const slot = previous.get(id);
    if (slot !== undefined && !taken.has(slot)) {
      assigned.set(id, slot);
      taken.add(slot);
    }
  }
  let next = 0;
  for (const id of shown) {
    if (assigned.has(id)) continue;
    while (taken.has(next)) next += 1;
    assigned.set(id, next);
    taken.add(next);
  }
  return assigned;
}
