// What can be taken out of the window: rows to the clipboard, tables and charts as files, a picture, a report. Loaded when it is used.

import { downloadCsv, saveText } from '../api/export_csv';
import type { Deed } from '../bars/MoreMenu.svelte';
import { copyChart } from '../chart/chart_picture';
import { hatchesOf } from '../chart/gaps';
import { drawnStacks, layersOf } from '../chart/stack';
import { formatOffset, formatRange } from '../format/time';
import type { FlowsWindow } from '../state/flows_window.svelte';
import { measureOf, topParams } from '../state/queries';
import { titleOf } from '../state/tabs';
import { kTakeAway } from '../words/bar';
import { copyText } from './clipboard';
import type { Column } from './columns';
import { chartCsv, exactOtherCells, tableCsv, toTsv } from './exact';

/** The table as it stands there. */
export interface Taken<T> {
  columns: Column<T>[];
  items: T[];
  idOf: (item: T) => string;
}

const kMostRows = 10_000;

/** The rows, or those that are selected. */
export async function copyRows<T>(flows: FlowsWindow, { columns, items, idOf }: Taken<T>): Promise<void> {
  const chosen = flows.chosen.ids;
  const text = toTsv(columns, chosen.size > 0 ? items.filter((item) => chosen.has(idOf(item))) : items);
  flows.say((await copyText(text)) ? kTakeAway.copied(text.split('\n').length - 1) : kTakeAway.notAllowed);
}

export function saveTable<T>(flows: FlowsWindow, { columns, items }: Taken<T>): void {
  const { shown, view } = flows;
  if (shown?.tab !== view.tab) return;
  const { other, rows, totals } = shown.result;
  const measure = measureOf(view);
  const others = view.tab !== 'sessions' && other.keys > 0 ? exactOtherCells(other, measure, totals[measure], rows) : null;
  saveText(tableCsv(columns, items, others), `weir-${view.tab}.csv`);
}

function saveChart(flows: FlowsWindow): void {
  const { shown, view } = flows;
  if (shown?.tab !== view.tab) return;
  const { up, down } = drawnStacks(shown.result, shown.sides, flows.colours);
  saveText(chartCsv(up, view.unit), 'weir-chart.csv');
  if (down) saveText(chartCsv(down, view.unit), 'weir-chart-received.csv');
}

/** All rows, of the collector. */
async function saveAllRows(flows: FlowsWindow): Promise<void> {
  const { shown, token, view } = flows;
  if (token === null || shown?.tab !== view.tab) return;
  const params = { ...topParams(view, shown.result.range), limit: kMostRows };
  delete params.buckets;
  try {
    await downloadCsv(params, token, `weir-top-${view.tab}.csv`);
  } catch (reason) {
    flows.say(reason instanceof Error ? reason.message : String(reason));
  }
}

function pictureWords(flows: FlowsWindow): string[] {
  const { range, view } = flows;
  const place = view.exporter === null ? kTakeAway.allExporters : `${flows.exporterName(view.exporter)}${view.interface === null ? '' : kTakeAway.interface(view.interface)}`;
  return [titleOf(view), [range ? `${formatRange(range.from_ms, range.to_ms, 0)} ${formatOffset(range.from_ms)}` : '', place, view.filter].filter(Boolean).join(' · ')];
}

async function copyPicture(flows: FlowsWindow): Promise<void> {
  const { shown } = flows;
  if (shown?.tab !== flows.view.tab) return;
  const drawn = drawnStacks(shown.result, shown.sides, flows.colours);
  const { from_ms, to_ms } = drawn.up;
  // As parts of the width of the plot.
  const part = (ms: number) => (Math.min(to_ms, Math.max(from_ms, ms)) - from_ms) / Math.max(1, to_ms - from_ms);
  const hatches = hatchesOf(shown.result, shown.at_ms, (address) => flows.exporterName(address)).map((hatch) => ({ from: part(hatch.from_ms), to: part(hatch.to_ms), whole: hatch.whole }));
  flows.say((await copyChart(pictureWords(flows), layersOf(drawn), hatches)) ? kTakeAway.pictureDone : kTakeAway.savedInstead);
}

/** What the menu of the bar offers. */
export function deedsOf(flows: FlowsWindow, report: () => void): Deed[] {
  return [
    { label: kTakeAway.report, icon: 'print', title: kTakeAway.reportTitle, run: report },
    { label: kTakeAway.picture, icon: 'picture', run: () => void copyPicture(flows) },
    { label: kTakeAway.chart, icon: 'file', title: kTakeAway.chartTitle, run: () => saveChart(flows) },
    { label: kTakeAway.rows, icon: 'file', title: kTakeAway.rowsTitle, run: () => void saveAllRows(flows) },
  ];
}
