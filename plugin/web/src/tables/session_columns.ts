// The columns of the table of single sessions. Pure.

import { addressName, applicationName, protocolName } from '../format/names';
import { formatStamp } from '../format/time';
import { formatBytes, formatCount } from '../format/units';
import type { Range, Session } from '../generated/api';
import { dim, type Column } from './columns';

function number(id: string, label: string, read: (session: Session) => number, show = formatCount, title?: string): Column<Session> {
  return { id, label, align: 'right', text: (session) => show(read(session)), value: read, ...(title ? { title } : {}) };
}

function applicationText(session: Session): string {
  return session.application === null ? '–' : applicationName(session.application);
}

/** Columns of the sessions table; a time outside the range gets its own colour, for the session reaches beyond the range. */
export function sessionColumns(range: Range, exporterName: (address: string) => string): Column<Session>[] {
  const outside = (ms: number) => (ms < range.from_ms || ms > range.to_ms ? 'outside' : '');
  const plain = (value: number) => String(value);
  const iso = (ms: number) => new Date(ms).toISOString();
  return [
    { id: 'name', label: 'Client', align: 'left', text: (s) => addressName(s.client), value: (s) => s.client, note: (s) => s.client_network ?? '' },
    { id: 'server', label: 'Server', align: 'left', text: (s) => addressName(s.server), value: (s) => s.server, note: (s) => s.server_network ?? '' },
    { id: 'service', label: 'Service', align: 'left', text: (s) => s.service || '–', value: (s) => s.service || '~' },
    { id: 'application', label: 'Application', align: 'left', text: (s) => applicationText(s), value: (s) => applicationText(s) },
    number('octets', 'Bytes', (s) => s.octets, formatBytes, 'Both directions'),
    number('client_port', 'Client port', (s) => s.client_port, plain),
    number('server_port', 'Server port', (s) => s.server_port, plain),
    { id: 'protocol', label: 'Proto', align: 'left', text: (s) => protocolName(s.protocol), value: (s) => s.protocol, tone: dim },
    number('octets_to_server', 'Bytes →', (s) => s.octets_to_server, formatBytes, 'From client to server'),
    number('octets_to_client', 'Bytes ←', (s) => s.octets_to_client, formatBytes, 'From server to client'),
    number('packets_to_server', 'Packets →', (s) => s.packets_to_server, formatCount, 'From client to server'),
    number('packets_to_client', 'Packets ←', (s) => s.packets_to_client, formatCount, 'From server to client'),
    { id: 'start', label: 'Start', align: 'right', exact: (s) => iso(s.start_ms), text: (s) => formatStamp(s.start_ms, range.to_ms), value: (s) => s.start_ms, tone: (s) => outside(s.start_ms) },
    { id: 'end', label: 'Last update', align: 'right', exact: (s) => iso(s.end_ms), text: (s) => formatStamp(s.end_ms, range.to_ms), value: (s) => s.end_ms, tone: (s) => outside(s.end_ms) },
    { id: 'exporter', label: 'Exporter', align: 'left', text: (s) => exporterName(s.exporter), value: (s) => s.exporter },
    number('in_if', 'In if', (s) => s.in_if, plain, 'Interface on which the packets of the client came in'),
    number('out_if', 'Out if', (s) => s.out_if, plain, 'Interface on which the packets of the client went out'),
    number('vlan', 'VLAN', (s) => s.vlan, (value) => (value === 0 ? '–' : String(value))),
    { id: 'reason', label: 'Why server', align: 'left', title: 'Why this end is the server', text: (s) => s.reason.replaceAll('_', ' '), value: (s) => s.reason, tone: dim },
  ];
}
