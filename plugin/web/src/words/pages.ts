// What the pages and dialogs around the traffic say: token, nothing found, data that is not decoded, help, about.

import { formatCount } from '../format/units';

export const kToken = {
  none: 'The Flows window needs a token', expired: 'The token has expired', refused: 'The collector refuses this token',
  says: (message: string) => `The collector says: ${message}`,
  how: ['On the machine where the collector runs, this prints one, good for an hour unless ', ' says otherwise:'],
  paste: ['Open ', ', or paste the token here:'],
  monitor: 'Came from the monitor? Go back to it and open the Flows window again: it hands out a new token.',
  label: 'Token', open: 'Open',
};

export const kNothing = {
  noMatch: 'No session in this range matches', none: 'No session in this range',
  exporter: (address: string) => `exporter ${address}`, interface: (index: number) => `interface ${index}`,
  ages: (newest: string, oldest: string) => `The newest data is ${newest} old, the oldest ${oldest}.`,
  clear: 'Clear the filter', allExporters: 'All exporters', zoomOut: 'Zoom out', wider: 'Three times the range', newest: 'Go to the newest data',
};

export const kNoNames = {
  lead: 'No network has a name yet. A line such as', line: 'network("10.4.0.0/16", "Branch Oslo")', where: 'gives one. Put it into', own: 'or, to keep it through upgrades, into networks.lua in the folder that script.own_dir names; it acts within seconds.',
};

export const kNotDecoded = {
  title: 'Data arrives that is not decoded.',
  sends: (what: string, port: number, hint: string) => `sends ${what} to port ${port}${hint ? `: ${hint}` : ''}`,
  count: (datagrams: number, ago: string) => `(${formatCount(datagrams)} ${datagrams === 1 ? 'datagram' : 'datagrams'}, the last ${ago} ago)`,
  more: (count: number) => `and ${count} more:`, named: 'names them',
};

export const kHelp = {
  title: 'Keyboard, mouse, filter',
  keys: [
    [['Ctrl-1', 'Ctrl-9'], 'The tabs from left to right; Alt-1 to Alt-9 where the browser keeps Ctrl'],
    [['/'], 'To the filter'],
    [['[', ']'], 'One range back, forward'],
    [['-'], 'Zoom out'],
    [['n'], 'To this moment'],
    [['r'], 'Refresh'],
    [['l'], 'Live on and off'],
    [['p'], 'Table, pie, heat map, Sankey'],
    [['w'], 'Why? What changed in this time, and what explains it'],
    [['Alt-←', 'Alt-→'], 'Earlier and later views (history of the browser)'],
    [['↑', '↓'], 'From row to row; Space selects, Alt-Enter opens the menu'],
    [['?'], 'This page'],
  ] as [string[], string][],
  mouse: [
    ['Chart.', 'Drag zooms, Shift and drag asks why. Click selects. Right-click filters, excludes, centres.'],
    ['Table.', 'Click selects, Shift and Ctrl select several, double-click filters, right-click has more.'],
  ],
  filters: [
    ['host 10.0.0.0/8', 'Either end in that network; client and server name one end; host none: the record gave no address'],
    ['port 443', 'Either port; client_port, server_port'],
    ['proto udp', 'By name or number'],
    ['vlan 20', 'Also tos, tcp_flags, as, src_as, dst_as, country'],
    ['exporter 10.0.0.1 and interface 3', 'Either side of it; in_if, out_if'],
    ['octets > 1M', 'Also packets, duration'],
    ['not (port 53 or port 123)', 'and, or, not and brackets'],
  ] as [string, string][],
};

export const kAbout = {
  title: 'About Weir', label: 'Versions and settings', copy: 'Copy to Clipboard', copied: 'Copied', notCopied: 'The browser did not allow copying: select the text instead',
};
