// The ECharts option of the pie: the same rows and colours as the stack, "other" last.

import type { EChartsCoreOption } from 'echarts/core';
import { keyId, rowName } from '../format/names';
import { formatBytes, formatCount, formatShare } from '../format/units';
import type { QueryResult } from '../generated/api';
import { drawnOf } from './drawn';
import type { Theme } from './theme';
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

export function pieOption(slices: Slice[], whole: number, measure: PieMeasure, selected: ReadonlySet<string>, theme: Theme): EChartsCoreOption {
  const anySelected = slices.some((slice) => selected.has(slice.id));
  const amount = (value: number) => (measure === 'octets' ? formatBytes(value) : formatCount(value));
  return {
    animation: false,
    textStyle: { fontFamily: theme.font },
    series: [
      {
        type: 'pie',
        radius: ['38%', '78%'],
        center: ['50%', '50%'],
        startAngle: 90,
        minShowLabelAngle: 4,
        itemStyle: { borderColor: theme.panel, borderWidth: 1 },
        emphasis: { scaleSize: 4 },
        labelLine: { lineStyle: { color: theme.line } },
        label: { color: theme.ink, fontSize: 12, lineHeight: 16, formatter: (item: { dataIndex: number }) => { const slice = slices[item.dataIndex]; return slice ? `${slice.name}\n${amount(slice.value)}${shareText(slice, slices, whole)}` : ''; } },
        data: slices.map((slice) => ({
          id: slice.id,
          name: slice.name,
          value: slice.value,
          itemStyle: {
            color: slice.colour === null ? theme.other : theme.colours[slice.colour],
            opacity: !anySelected || selected.has(slice.id) ? 1 : 0.3,
          },
        })),
      },
    ],
  };
}
