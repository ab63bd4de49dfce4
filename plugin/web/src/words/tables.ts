// What the menu of a row and the table of single sessions say.

export const kRowMenu = {
  rows: (count: number) => (count === 1 ? '1 row selected' : `${count} rows selected`), chart: 'Chart', selected: 'selected', this: 'this',
  filterOn: (what: string) => `Filter on ${what}`, exclude: (what: string) => `Exclude ${what}`, copyRows: 'Copy rows', copyAddress: 'Copy address', whois: (address: string) => `Whois ${address}`, selectAll: 'Select all',
  centre: 'Centre on this moment', zoomOut: 'Zoom out', copied: (addresses: string[]) => `Copied ${addresses.length === 1 ? addresses[0] : `${addresses.length} addresses`}`, notAllowed: 'The browser did not allow copying',
};

/** Heads of the columns of single sessions, and what they mean. */
export const kSessionHeads = {
  client: 'Client', server: 'Server', service: 'Service', application: 'Application', bytes: 'Bytes', clientPort: 'Client port', serverPort: 'Server port', protocol: 'Proto',
  bytesUp: 'Bytes →', bytesDown: 'Bytes ←', packetsUp: 'Packets →', packetsDown: 'Packets ←', start: 'Start', end: 'Last update', exporter: 'Exporter', inIf: 'In if', outIf: 'Out if', vlan: 'VLAN', reason: 'Why server',
};
export const kSessionTitles = {
  bytes: 'Both directions', up: 'From client to server', down: 'From server to client', inIf: 'Interface on which the packets of the client came in', outIf: 'Interface on which the packets of the client went out', reason: 'Why this end is the server',
};
