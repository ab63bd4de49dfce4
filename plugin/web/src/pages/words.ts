// What the pages say: exporters, settings, alerts, the first start. Lazy pages read it, the first bundle does not.

import { formatCount } from '../format/units';

function plural(count: number, one: string, many: string): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

export const kAsking = 'Asking the collector …';
export const kMayNotChange = 'Your token may look, and not change. A token of the role admin may.';

export const kExporters = {
  title: 'Exporters',
  lead: 'The devices that send flow records to this collector.',
  none: 'No exporter has sent anything yet.',
  noMatch: 'No exporter matches.',
  find: 'Find an exporter',
  count: (all: number, sending: number) => `${plural(all, 'exporter', 'exporters')}, ${sending === all ? 'all active' : `${formatCount(sending)} active`}`,
  showAll: (rest: number) => `Show ${formatCount(rest)} more`,
  columns: {
    name: 'Name', address: 'Address', device: 'Device', protocols: 'Protocol', records: 'Records/s', traffic: 'Traffic', lost: 'Lost', waiting: 'Waiting', sampling: 'Sampling', counting: 'Counting', first: 'First heard', last: 'Last heard',
  },
  titles: {
    records: 'Flow records per second, lately',
    traffic: 'Mean of the last five minutes, scaled by the sampling rate',
    lost: 'Missing by sequence number since the collector was started',
    waiting: 'Data sets that came before their template: held, or given up',
    sampling: 'The device counts one packet in so many; its figures are multiplied by it',
    counting: 'Which flows count, of a device that meters on ingress and on egress',
  },
  sending: 'active',
  silent: (ago: string) => `silent for ${ago}`,
  losing: (what: string) => `losing ${what}`,
  dropping: 'this machine drops its datagrams',
  noTemplate: 'waits for its templates',
  unsampled: 'samples at an unknown rate',
  perCent: (share: string) => `${share} %`,
  oneIn: (rate: number) => `1 in ${formatCount(rate)}`,
  everyPacket: 'every packet',
  unknownRate: 'not known',
  counts: { auto: 'Once', ingress: 'Ingress', egress: 'Egress', both: 'Twice' } as Record<string, string>,
  countsLong: {
    auto: 'Once: a flow that was metered twice counts once', ingress: 'Only what was metered on ingress', egress: 'Only what was metered on egress', both: 'As often as it was metered',
  } as Record<string, string>,
  back: 'All exporters',
  showFlows: 'Show its flows',
  forget: 'Forget …',
  forgetTitle: (name: string) => `Forget ${name}?`,
  forgetWhat: [
    'It leaves this list. Its templates and the sampling rates that it announced are deleted: what it sends next waits until it has sent them again.',
    'Its stored sessions stay, and its name and the rate that you gave. They go when the store deletes their days.',
    'If it sends again, it comes back by itself.',
  ],
  forgetDo: 'Forget it',
  forgotten: (name: string) => `${name} is forgotten`,
  cancel: 'Cancel',
  close: 'Close',
  settings: 'Name and counting',
  name: 'Name',
  nameHint: 'Shown in place of the address. Empty: the address, or the name of the device in the monitor.',
  rate: 'Sampling rate',
  rateAnnounced: (rate: string) => `The device announces ${rate}. A rate given here holds for what it does not announce.`,
  rateHint: 'One packet in how many is counted. Empty: what the device announces. 1: every packet.',
  rateWrong: 'A whole number from 1 to 4,294,967,295, or nothing.',
  counting: 'Counting',
  save: 'Save',
  saved: 'Saved',
  facts: 'Facts',
  fact: {
    address: 'Address', device: 'Device in the monitor', protocols: 'Protocols', first: 'First heard', last: 'Last heard', datagrams: 'Datagrams', records: 'Records', sampling: 'Sampling', counting: 'Counting', lost: 'Lost on the way', malformed: 'Unreadable', waiting: 'Without a template',
    drops: 'Dropped by this machine', duplicates: 'Came twice', repaired: 'Times corrected', unsampled: 'At an unknown rate', leftOut: 'Left out',
  },
  since: 'Counters are since the start of the collector.',
  streams: 'Streams and templates',
  streamColumns: { domain: 'Domain', port: 'Source port', templates: 'Templates', devices: 'Devices', lost: 'Lost' },
  streamTitles: { domain: 'Observation domain (IPFIX), source id (NetFlow v9), engine (v5), sub-agent (sFlow)', devices: 'Devices behind this address, as far as boot times and sequences tell' },
  interfaces: 'Interfaces',
  interfaceColumns: { name: 'Interface', speed: 'Speed', in: 'In', out: 'Out', used: 'Of its speed', verdict: 'Flows against SNMP' },
  interfacesOf: 'Mean of the last five minutes.',
  noInterface: 'No flow of the last five minutes names an interface.',
  interfaceFlows: (name: string) => `Show the flows of ${name}`,
  doctor: 'What is wrong',
  healthy: (checks: number) => `Nothing: ${plural(checks, 'check', 'checks')} passed.`,
  recipe: 'Configuration to paste into a device',
  recipeLead: 'With the address and the port of this collector.',
  fieldsLost: (count: number, unit: string) => (count === 0 ? 'nothing' : `${formatCount(count)} ${unit}`),
};

export const kSettings = {
  title: 'Settings',
  parts: { store: 'Store', names: 'Names', preferences: 'Preferences', advanced: 'Advanced' },
  store: {
    size: 'Size', limit: 'Limit', free: 'Free on the disk', sessions: 'Sessions', span: 'Stored', full: 'Full in', deleted: 'Deleted by age and size', memory: 'In memory', kept: 'Kept for', refuses: 'The disk refuses',
    noLimit: 'none (store.max_bytes is 0)', notGrowing: 'not growing', of: (used: string, limit: string) => `${used} of ${limit}`,
    fullIn: (text: string) => `${text} at the present rate; then the oldest days go`,
    lowered: (set: string) => `set to ${set}: the disk has less room`,
    byAge: (days: number) => (days === 0 ? 'as long as there is room' : plural(days, 'day', 'days')),
    notTold: 'Your token sees certain exporters only. Figures of all exporters together are told to tokens without a list.',
  },
  names: {
    lead: 'Where the names in the tables come from. The collector reads a changed file by itself.',
    ports: 'Services', scripts: 'Applications and networks', exporters: 'Exporters',
    databases: { country: 'Countries', as_name: 'Autonomous systems' } as Record<string, string>,
    portsIn: (count: number) => `${plural(count, 'name', 'names')} of ports`,
    rulesIn: (count: number) => plural(count, 'rule', 'rules'),
    noDatabase: (setting: string) => `No file: name one with ${setting}.`,
    exportersHint: 'Given on the page of each exporter, or by the monitor.',
    toExporters: 'To the exporters',
    wrong: 'The newest version is not loaded; the last good one is used.',
  },
  preferences: {
    lead: 'Kept in this browser, for you alone. They say how the window opens without a link; a link always shows what it says.',
    appearance: 'Appearance', auto: 'As the system', light: 'Light', dark: 'Dark',
    colours: 'Colours', own: 'Each its own', ownTitle: 'A host has the same colour in every picture, for everybody', contrast: 'By contrast', contrastTitle: 'By rank, so that neighbours differ the most; a host may have another colour in the next picture',
    unit: 'Rates in', zone: 'Times in', local: 'Local time', utc: 'UTC', range: 'Opens with', rows: 'Rows', compare: 'Behind the chart',
    live: 'Refreshes every', never: 'by hand only', week: 'Last week', day: 'The day before', none: 'Nothing', whois: 'Whois',
    whoisHint: 'Opened from the menu of a row, with the address in the place of {address}. Empty: no whois. Private addresses are never sent.',
    whoisWrong: 'An address that begins with http:// or https:// and has {address} in it, or nothing.',
    reset: 'Back to the defaults', done: 'The preferences are the defaults again',
  },
  advanced: {
    lead: (file: string | null) => `Read-only. ${file === null ? 'No weir.toml was read: all of these are defaults or flags.' : `Read from ${file}.`} The collector reads them at its start: a change holds after a restart.`,
    restart: 'The collector has to be restarted:',
    find: 'Find a setting',
    all: 'All', changed: 'Changed',
    columns: { key: 'Setting', value: 'Value', fallback: 'Default', allowed: 'Allowed' },
    noMatch: 'No setting matches.',
    empty: 'empty',
    mayNot: 'The settings are shown to tokens of the role admin that reach all exporters.',
  },
};

export const kAlerts = {
  title: 'Alerts',
  views: { open: 'Open', all: 'All', silenced: 'Silenced', rules: 'Rules' },
  viewTitles: { open: 'What fires now', all: 'Also what is over, newest first', silenced: 'What fires and is not delivered', rules: 'Rules, silences, and where alerts are delivered' },
  severity: 'Severity', everySeverity: 'Every severity',
  find: 'Find an alert',
  noMatch: 'No alert matches.',
  noneOpen: 'No alert fires.', noneAtAll: 'No alert has fired.', noneSilenced: 'No alert is silenced.',
  seeRules: 'See the rules',
  testHint: '“Test” there shows when one would have fired.',
  attention: (count: number) => (count === 1 ? 'A rule needs attention' : `${formatCount(count)} rules need attention`),
  older: 'Show older ones',
  timeline: 'When alerts fired',
  traffic: 'Traffic of this range, in grey',
};

export const kFirst = {
  title: 'Waiting for the first flow record',
  lead: 'Weir collects the flow records of your routers, switches and firewalls, and shows who uses a link, since when, and whether that is normal. Point a device at this collector, and this page turns into the Flows window with its first record.',
  listens: (ports: string) => `It listens on UDP ${ports} for NetFlow v1, v5, v7, v8, v9, IPFIX and sFlow v2, v4, v5, any of them on any port.`,
  undecoded: 'No flow record has come yet.',
  silent: 'No exporter has sent anything yet.',
  collector: (host: string) => `is the address of this machine as the device sees it. You opened this page through ${host}, which other machines cannot reach.`,
  nothing: 'Nothing after a minute? See whether datagrams arrive at all:',
  between: 'If they do not, look at the device and at firewalls between.',
  templates: 'NetFlow v9 and IPFIX send their templates from time to time, often once in 10 to 30 minutes. Records before the first template wait for it.',
  listening: 'Listening.',
};

export const kRecipes = { choose: 'Device', copy: 'Copy', copied: 'Copied', notCopied: 'The browser did not allow copying', configuration: (name: string) => `Configuration for ${name}` };
