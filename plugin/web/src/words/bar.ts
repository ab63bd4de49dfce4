// What opens from the bar, the banner and the foot say. They come after the first look, whose own words stand in its components.

import { formatCount } from '../format/units';
import { plural } from './everywhere';

export const kMore = {
  behind: 'Behind the chart', compareWith: 'Compare with', compare: { week: 'Last week', day: 'The day before', none: 'Nothing' },
  scale: 'Scale', scaleOf: 'Scale of the chart', byDrawn: 'By what is drawn',
  light: 'Light theme', dark: 'Dark theme', help: 'Help', helpTitle: 'Keyboard, mouse and filter  ?', about: 'About',
};

export const kTakeAway = {
  report: 'Save or print a report', reportTitle: 'Hosts, ports and sessions of this range and filter; the browser saves it as PDF',
  picture: 'Copy the chart as a picture', pictureDone: 'The chart is in the clipboard',
  chart: 'CSV of the chart', chartTitle: 'The chart as it is drawn: a line per interval',
  rows: 'CSV of all rows', rowsTitle: 'All rows of this range and filter, up to 10,000',
  copied: (rows: number) => `${formatCount(rows)} rows copied`,
  notAllowed: 'The browser did not allow copying', savedInstead: 'The browser did not allow copying: the picture was saved instead',
  allExporters: 'all exporters', interface: (index: number) => `, interface ${index}`,
};

export const kRange = {
  presets: 'Presets', all: 'All that is stored', toThisEnd: (length: string) => `${length} to this end`, last: (length: string) => `Last ${length}`,
  start: 'Start', end: 'End', day: (which: string) => `${which} day`, time: (which: string) => `${which} time`, utc: 'Times are UTC', local: (offsets: string) => `Local time, ${offsets}`, then: ', then ',
  incomplete: 'Both need a day and a time such as 09:30 or 21:05:30.', backwards: 'The end must be after the start.', apply: 'Apply',
};

export const kPick = {
  find: (what: string) => `Find ${what}`, noMatch: (what: string) => `No ${what} matches.`, sending: 'sending', silent: 'silent',
  exporter: 'exporter', allExporters: 'All exporters', recordRate: (rate: string) => `${rate} records/s`,
  interface: 'interface', allInterfaces: 'All interfaces', looking: 'looking into the flows …', noInterface: (length: string | null) => `No flow of this exporter${length === null ? '' : ` in these ${length}`} names an interface.`,
};

export const kFilterHelp = {
  suggestions: 'Suggestions', column: (column: number) => `Column ${column}: `,
  earlier: 'The figures below are still those of the last filter that worked. ', edit: 'Click a chip to edit it.',
};

export const kLost = {
  expired: 'The token has expired.', refused: 'The collector refuses the token.', paste: (seen: string) => `The figures below are of ${seen} and stay as they are. Paste a new token, or open the window from the monitor again:`,
  since: (when: string) => `No connection to the collector since ${when}.`, seen: (when: string) => `The figures below are of ${when}.`, next: (wait: string) => `Next try in ${wait}.`, now: 'Try now', connecting: 'Connecting …',
};

export const kFoot = {
  connected: 'Connected', waiting: (wait: string) => `Not connected, next try in ${wait}`, now: 'now', connecting: 'Connecting …', tokenEnds: (rest: string) => `the token ends in ${rest}`,
  exporters: (count: number) => plural(count, 'exporter', 'exporters'), exportersTitle: 'The exporters: what they send, and what is wrong with them', recordRate: (rate: number) => `${formatCount(rate)} records/s`,
  sessions: (count: number) => `${formatCount(count)} sessions`, stored: (length: string) => `${length} stored`, full: (length: string) => `full in ${length}`,
  ports: 'server port list: the last good one is used', names: (error: string) => `${error}; the last good names are used`, database: (what: string, none: boolean) => `${what}: ${none ? 'none' : 'the last good one'} is loaded`,
  read: (percent: number) => `${percent} % read`, took: (ms: number) => `query time ${ms < 1 ? '< 1' : Math.round(ms)} ms`, version: (version: string) => `Weir ${version}`,
};
