// What the settings say.

import { plural } from './everywhere';

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
