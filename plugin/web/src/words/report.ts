// What the report says.

import { formatCount } from '../format/units';

export const kReport = {
  label: 'Report', title: 'Traffic report',
  print: 'Print or save as PDF', close: 'Close', hint: 'In the dialog of the browser, “Save as PDF” makes the file.',
  hosts: 'Top hosts', ports: 'Top ports', sessions: 'Top sessions',
  allExporters: 'all exporters', interface: (name: string) => `, interface ${name}`,
  nothing: (who: string) => `Nothing stands out; the largest is ${who}.`,
  part: (name: string, percent: number) => `${name} with ${percent} %`,
  times: (times: number) => (Number.isFinite(times) ? `${times.toFixed(1)} times the rest` : 'nothing before or after'),
  spread: 'It is spread over many.', ofTheRise: (who: string) => `Of the rise: ${who}.`,
  traffic: 'Traffic', mean: 'Mean', peak: 'Peak', max: 'Max', packets: 'Packets', sessionCount: 'Sessions', host: 'Host', bytes: 'Bytes',
  others: (keys: number, octets: string) => `and ${formatCount(keys)} others with ${octets}`,
  largestOf: (count: number) => `the largest of ${formatCount(count)}`,
  filter: 'Filter', noFilter: 'none', quality: 'Quality',
  byHost: 'Traffic by host', chart: 'Chart', pie: 'Pie', hatched: (words: string) => `Hatched: ${words}.`,
  drawn: 'As drawn: a byte between two of the hosts counts for the one that ranks higher.',
  made: (version: string, when: string, by: string) => `Weir ${version}, made ${when}${by === '' ? '' : ` by ${by}`}`,
};
