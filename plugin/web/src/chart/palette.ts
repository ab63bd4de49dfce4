// Colours of the ten largest rows. They follow from the keys: everybody sees a host in the same colour, today and tomorrow.
// Of two keys that want the same colour the one that ranks higher gets it. In a picture that moves a key keeps its colour while
// it stays among the ten, so that nothing flickers.

export const kColours = [
  '#4e79a7', '#e1812c', '#59a14f', '#b07aa1', '#76b7b2', '#d4a72c', '#9c755f', '#e15759', '#a0b63a', '#6f6bb5',
] as const;

/** FNV-1a with a last mix: keys that differ in their last digit differ in all. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}

const kInOrder = kColours.map((_, slot) => slot);

/** Steps that visit all ten slots. */
const kSteps = [1, 3, 7, 9];

function wishes(id: string): number[] {
  const hash = hashOf(id);
  const step = kSteps[Math.floor(hash / kColours.length) % kSteps.length] ?? 1;
  return kColours.map((_, at) => (hash + at * step) % kColours.length);
}

/** own: each key has its colour wherever it stands. contrast: by rank, so that what lies beside each other differs the most. */
export const kColourings = ['own', 'contrast'] as const;
export type Colouring = (typeof kColourings)[number];

/** Slot of each id, the highest in rank first, in 0..kColours.length-1; ids beyond the palette get none. */
export function assignColours(previous: ReadonlyMap<string, number>, ids: readonly string[], colouring: Colouring = 'own'): Map<string, number> {
  const shown = ids.slice(0, kColours.length);
  const assigned = new Map<string, number>();
  const taken = new Set<number>();
  const take = (id: string, slot: number) => {
    assigned.set(id, slot);
    taken.add(slot);
  };
  for (const id of shown) {
    const slot = previous.get(id);
    if (slot !== undefined && !taken.has(slot)) take(id, slot);
  }
  for (const id of shown) {
    if (!assigned.has(id)) take(id, (colouring === 'own' ? wishes(id) : kInOrder).find((slot) => !taken.has(slot)) ?? 0);
  }
  return assigned;
}
