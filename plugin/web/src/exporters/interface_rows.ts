// The interfaces of an exporter with their rates: those that its flows name, largest first, then those that only the monitor knows. Pure.

import { interfaceName } from '../format/interface_name';
import type { Interface, Row } from '../generated/api';

export interface InterfaceRow {
  index: number;
  name: string;
  alias: string;
  speed_bps: number | null;
  /** Octets per second; null: no flow names it. */
  in: number | null;
  out: number | null;
  /** Of the busier direction, 0..1; null where the speed is not known. */
  used: number | null;
  verdict: string;
  /** The verdict says that something is wrong. */
  wrong: boolean;
}

export function interfaceRows(known: readonly Interface[], seen: readonly Row[], length_ms: number): InterfaceRow[] {
  const byIndex = new Map(known.map((one) => [one.index, one]));
  const row = (index: number, rates: [number, number] | null): InterfaceRow => {
    const one = byIndex.get(index);
    const speed_bps = one?.speed_bps ?? null;
    const verdict = one?.verdict ?? '';
    return {
      index, name: interfaceName(index, one), alias: one?.alias ?? '', speed_bps, in: rates?.[0] ?? null, out: rates?.[1] ?? null,
      used: rates && speed_bps ? (8 * Math.max(...rates)) / speed_bps : null, verdict, wrong: verdict !== '' && !/^fine/i.test(verdict),
    };
  };
  const rate = (octets: number | undefined) => ((octets ?? 0) * 1000) / length_ms;
  const named = seen.map((one) => row(Number(one.key.interface), [rate(one.octets_in), rate(one.octets_out)]));
  const found = new Set(named.map((one) => one.index));
  return [...named, ...known.filter((one) => !found.has(one.index)).sort((one, other) => one.index - other.index).map((one) => row(one.index, null))];
}
