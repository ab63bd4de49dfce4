// The pie: the same rows and colours as the stack, "other" last; where each slice and its label are. Pure.

import { keyId, rowName } from '../format/names';
import { formatBytes, formatCount, formatShare } from '../format/units';
import type { QueryResult } from '../generated/api';
import { drawnOf } from './drawn';
import { kOther } from './stack';

export type PieMeasure = 'octets' | 'packets' | 'flows' | 'sessions';

export interface Slice {
  id: string;
  name: string;
  value: number;
  colour: number | null;
}

export function slicesOf(result: QueryResult, colours: ReadonlyMap<string, number>, measure: PieMeasure): Slice[] {
  const slices: Slice[] = [];
  let rest = result.other[measure];
  for (const row of result.rows) {
    const id = keyId(row.key);
    const colour = colours.get(id);
    const value = drawnOf(row)[measure];
    if (colour === undefined) rest += value;
    else if (value > 0) slices.push({ id, name: rowName(row), value, colour });
  }
  slices.sort((one, other) => other.value - one.value);
  if (rest > 0) slices.push({ id: kOther, name: 'Other', value: rest, colour: null });
  return slices;
}

/** Each of the whole is in one slice. A session has two talkers: by talkers it is in two. */
export function addsUp(slices: readonly Slice[], whole: number): boolean {
  return slices.reduce((sum, slice) => sum + slice.value, 0) <= whole;
}

/** " · 31.2 %" of the whole; "" for the others where slices share what is in them. */
export function shareText(slice: Slice, slices: readonly Slice[], whole: number): string {
  return slice.id === kOther && !addsUp(slices, whole) ? '' : ` · ${formatShare(slice.value, whole)} %`;
}

export function amountText(value: number, measure: PieMeasure): string {
  return measure === 'octets' ? formatBytes(value) : `${formatCount(value)} ${measure}`;
}

export interface Place {
  /** Outline of the slice, as of an SVG path. */
  path: string;
  /** Null: the slice is too thin for a label. */
  label: { x: number; y: number; right: boolean; leader: string } | null;
}

export interface PieSize {
  width: number;
  height: number;
  outer: number;
  inner: number;
}

/** Thinner slices are read by pointer or keyboard. */
const kThinnest_rad = (4 * Math.PI) / 180;
const kLabelTall_px = 36;

/** From the top on, clockwise. Labels of a side never cover each other. */
export function placesOf(slices: readonly Slice[], { width, height, outer, inner }: PieSize): Place[] {
  const whole = slices.reduce((sum, slice) => sum + slice.value, 0);
  const [cx, cy] = [width / 2, height / 2];
  const at = (angle: number, radius: number) => [cx + Math.sin(angle) * radius, cy - Math.cos(angle) * radius] as const;
  const text = (angle: number, radius: number) => at(angle, radius).map((one) => one.toFixed(2)).join(' ');
  let from = 0;
  const wanted: { place: Place; y: number; right: boolean; middle: number }[] = [];
  const places = slices.map((slice): Place => {
    // A circle of one slice is two arcs: an arc that ends where it begins is none.
    const to = from + Math.min(0.99999, slice.value / Math.max(1e-9, whole)) * 2 * Math.PI;
    const large = to - from > Math.PI ? 1 : 0;
    const place: Place = {
      path: `M${text(from, outer)}A${outer} ${outer} 0 ${large} 1 ${text(to, outer)}L${text(to, inner)}A${inner} ${inner} 0 ${large} 0 ${text(from, inner)}Z`, label: null,
    };
    const middle = (from + to) / 2;
    if (to - from >= kThinnest_rad) wanted.push({ place, y: at(middle, outer + 22)[1], right: middle < Math.PI, middle });
    from = to;
    return place;
  });
  for (const right of [true, false]) {
    const side = wanted.filter((one) => one.right === right).sort((one, other) => one.y - other.y);
    let lowest = kLabelTall_px / 2;
    for (const one of side) {
      one.y = Math.max(one.y, lowest);
      lowest = one.y + kLabelTall_px;
    }
    // Labels that were pushed out at the bottom are moved up again.
    let highest = height - kLabelTall_px / 2;
    for (const one of [...side].reverse()) {
      one.y = Math.min(one.y, highest);
      highest = one.y - kLabelTall_px;
    }
    for (const { place, y, middle } of side) {
      const x = cx + (right ? 1 : -1) * (outer + 34);
      place.label = { x, y, right, leader: `M${text(middle, outer + 2)}L${text(middle, outer + 14)}L${(x - (right ? 6 : -6)).toFixed(2)} ${y.toFixed(2)}` };
    }
  }
  return places;
}
