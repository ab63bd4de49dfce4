// The interfaces of an exporter as choices: those that flows name, largest first, then those that only the monitor knows. Pure.

import { interfaceName, speedText } from '../format/interface_name';
import { formatBytes } from '../format/units';
import type { Interface, Row } from '../generated/api';
import type { Choice } from './PickList.svelte';

export function interfaceChoices(known: readonly Interface[], seen: readonly Row[] | null): Choice[] {
  const byIndex = new Map(known.map((one) => [one.index, one]));
  const choice = (index: number, moved: string): Choice => {
    const one = byIndex.get(index);
    return { id: String(index), name: interfaceName(index, one), note: [one?.alias, speedText(one?.speed_bps ?? null), one?.name ? `#${index}` : '', moved].filter(Boolean).join(' · ') };
  };
  const found = (seen ?? []).map((row) => Number(row.key.interface));
  const silent = known.filter((one) => !found.includes(one.index)).sort((one, other) => one.index - other.index);
  return [
    ...(seen ?? []).map((row) => choice(Number(row.key.interface), `in ${formatBytes(row.octets_in ?? 0)}, out ${formatBytes(row.octets_out ?? 0)}`)),
    ...silent.map((one) => choice(one.index, seen === null ? '' : 'no flows')),
  ];
}
