// The chart by keyboard: a cursor that goes from interval to interval, and a stretch that grows with Shift. Pure.

export interface Cursor {
  bucket: number;
  /** Where a stretch began; null: none. */
  anchor: number | null;
}

export type Step = { cursor: Cursor | null } | { zoom: [number, number] } | { why: [number, number] } | { pick: number } | { menu: number } | null;

/** What a key does; null: it is not for the chart. `count` buckets, of which `known` is the last that is known. */
export function chartKey(key: string, shift: boolean, cursor: Cursor | null, count: number, known: number): Step {
  const at = cursor?.bucket ?? known;
  const go = (bucket: number): Step => ({ cursor: { bucket: Math.min(count - 1, Math.max(0, bucket)), anchor: shift ? (cursor?.anchor ?? at) : null } });
  switch (key) {
    case 'ArrowLeft': return go(cursor === null ? known : at - 1);
    case 'ArrowRight': return go(cursor === null ? known : at + 1);
    case 'PageDown': return go(at - Math.ceil(count / 10));
    case 'PageUp': return go(at + Math.ceil(count / 10));
    case 'Home': return go(0);
    case 'End': return go(count - 1);
    case 'Enter':
      if (cursor === null) return null;
      return cursor.anchor !== null ? { zoom: [Math.min(cursor.anchor, at), Math.max(cursor.anchor, at)] } : { pick: at };
    case 'w': return cursor === null || cursor.anchor === null ? null : { why: [Math.min(cursor.anchor, at), Math.max(cursor.anchor, at)] };
    case 'ContextMenu': return cursor === null ? null : { menu: at };
    case 'Escape': return cursor === null ? null : { cursor: null };
    default: return null;
  }
}
