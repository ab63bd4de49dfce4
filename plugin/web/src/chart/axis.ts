// The value axis of the chart: round steps, room above the peak, the speed of the interface where it is near. Pure.

import type { RateUnit } from '../format/units';
import type { Line } from '../state/compared';
import { perSecond, type Drawn } from './stack';

/** In the unit that is shown. Min is 0, or less than 0 with something below the axis. */
export interface Axis {
  min: number;
  max: number;
  interval: number;
}

/** Of an interface that is used less than this, the speed would leave a flat line of the traffic. */
const kSpeedMatters = 0.35;

const kMostLines = 6;

export function factorOf(unit: RateUnit): number {
  return unit === 'bits' ? 8 : 1;
}

/** A round top of the axis and its interval, in the shown unit. */
export function axisScale(highest: number): { max: number; interval: number } {
  if (highest <= 0) return { max: 1, interval: 1 };
  const decade = 10 ** Math.floor(Math.log10(highest));
  const scales = [0.1, 0.2, 0.25, 0.5, 1, 2].map((step) => {
    const interval = step * decade;
    const lines = Math.ceil((highest * 1.02) / interval);
    return { max: lines * interval, interval, lines };
  });
  const readable = scales.filter(({ lines }) => lines >= 3 && lines <= 6);
  const { max, interval } = readable.reduce((best, scale) => (scale.max < best.max ? scale : best));
  return { max, interval };
}

/** The steps that a person can fix the scale at: whole decades, in the unit that is shown. */
export const kScales = [1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11];

export interface Limits {
  unit: RateUnit;
  /** Of the interface, in bits per second. */
  speed_bps: number | null;
  /** Top that a person chose, in the unit that is shown. */
  scale: number | null;
}

/** The speed in the unit that is shown. */
export function speedIn(unit: RateUnit, speed_bps: number | null): number | null {
  return speed_bps === null || speed_bps <= 0 ? null : (speed_bps / 8) * factorOf(unit);
}

export function axisOf(drawn: Drawn, lines: readonly (Line | null)[], { unit, speed_bps, scale }: Limits): Axis {
  const { up, down } = drawn;
  if (scale !== null) return { min: down ? -scale : 0, max: scale, interval: scale / 5 };
  const highest = [up, down].map((stack, side) => {
    const line = lines[side];
    const octets = Math.max(0, ...(stack?.heights ?? []));
    const before = line ? Math.max(0, ...line.octets.map((one) => one ?? 0)) * (up.width_ms / line.width_ms) : 0;
    return perSecond(up, Math.max(octets, before)) * factorOf(unit);
  });
  const speed = speedIn(unit, speed_bps);
  const reached = highest.map((most) => (speed !== null && most >= speed * kSpeedMatters ? Math.max(most, speed) : most));
  const { max, interval: fine } = axisScale(Math.max(...reached));
  if (!down) return { min: 0, max, interval: fine };
  // Two sides share the height: half as many lines.
  const interval = fine * ((reached[0] ?? 0) + (reached[1] ?? 0) > kMostLines * fine ? 2 : 1);
  const steps = (most: number) => Math.max(1, Math.ceil((most * 1.02) / interval)) * interval;
  return { min: -steps(reached[1] ?? 0), max: steps(reached[0] ?? 0), interval };
}
