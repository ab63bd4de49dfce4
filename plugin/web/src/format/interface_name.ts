// What an interface is called, and how fast it is. Pure.

import type { Interface } from '../generated/api';
import { formatRate } from './units';

/** "1 Gbit/s"; '' of an unknown speed. */
export function speedText(bits: number | null): string {
  return bits ? formatRate(bits / 8, 'bits').replace(/\.?0+ /, ' ') : '';
}

/** ifIndex 0 is what exporters report for "none": dropped packets, or those of the device itself. */
export function interfaceName(index: number, known: Interface | undefined): string {
  return known?.name ?? (index === 0 ? 'none (0)' : `interface ${index}`);
}
