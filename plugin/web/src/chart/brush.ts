// What a drag on the strip, or the wheel over the chart, makes of the range. Pure.

import type { Range } from '../generated/api';

/** What was taken hold of: the window as a whole, one of its edges, or the strip beside it. */
export type Grip = 'window' | 'start' | 'end' | 'beside';

const kEdge_px = 6;
const kShortest_ms = 1000;
/** A drag that is shorter is a click. */
const kClick = 1 / 400;

export function grip(x: number, left: number, width: number): Grip {
  const edge = Math.min(kEdge_px, Math.max(2, width / 3));
  if (Math.abs(x - left) <= edge && width > 8) return 'start';
  if (Math.abs(x - left - width) <= edge && width > 8) return 'end';
  return x >= left - 2 && x <= left + width + 2 ? 'window' : 'beside';
}

/** The same length, moved back into the span where it has left it. */
function inside(from_ms: number, to_ms: number, span: Range): Range {
  const size = to_ms - from_ms;
  const from = Math.max(span.from_ms, Math.min(from_ms, span.to_ms - size));
  return { from_ms: Math.round(from), to_ms: Math.round(from + size) };
}

export function brushed(range: Range, span: Range, taken: Grip, pressed_ms: number, at_ms: number): Range {
  const moved = at_ms - pressed_ms;
  const size = range.to_ms - range.from_ms;
  switch (taken) {
    case 'window': return moved === 0 ? range : inside(range.from_ms + moved, range.to_ms + moved, span);
    case 'start': return { from_ms: Math.round(Math.max(span.from_ms, Math.min(range.from_ms + moved, range.to_ms - kShortest_ms))), to_ms: range.to_ms };
    case 'end': return { from_ms: range.from_ms, to_ms: Math.round(Math.min(span.to_ms, Math.max(range.to_ms + moved, range.from_ms + kShortest_ms))) };
    case 'beside': {
      if (Math.abs(moved) < (span.to_ms - span.from_ms) * kClick) return inside(at_ms - size / 2, at_ms + size / 2, span);
      const [from_ms, to_ms] = [Math.min(pressed_ms, at_ms), Math.max(pressed_ms, at_ms)];
      return { from_ms: Math.round(from_ms), to_ms: Math.round(Math.max(to_ms, from_ms + kShortest_ms)) };
    }
  }
}

/** Nearer (less than 1) or further away around a moment that keeps its place, and not into the future. */
export function zoomedAround(range: Range, at_ms: number, times: number, now_ms: number): Range {
  const size = Math.max(kShortest_ms, (range.to_ms - range.from_ms) * times);
  const share = (at_ms - range.from_ms) / Math.max(1, range.to_ms - range.from_ms);
  const latest = Math.max(now_ms, range.to_ms);
  const to_ms = Math.min(latest, at_ms + size * (1 - share));
  return { from_ms: Math.round(Math.max(0, to_ms - size)), to_ms: Math.round(to_ms) };
}
