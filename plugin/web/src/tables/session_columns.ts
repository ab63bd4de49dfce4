// The columns of the table of single sessions. Pure.

import { addressName, applicationName, protocolName } from '../format/names';
import { formatStamp } from '../format/time';
import { formatBytes, formatCount } from '../format/units';
import type { Range, Session } from '../generated/api';
import { kSessionHeads, kSessionTitles } from '../words/tables';
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
  const [heads, titles] = [kSessionHeads, kSessionTitles];
  const iso = (ms: number) => new Date(ms).toISOString();
  return [
    { id: 'name', label: heads.client, align: 'left', text: (s) => addressName(s.client), value: (s) => s.client, note: (s) => s.client_network ?? '' },
    { id: 'server', label: heads.server, align: 'left', text: (s) => addressName(s.server), value: (s) => s.server, note: (s) => s.server_network ?? '' },
    { id: 'service', label: heads.service, align: 'left', text: (s) => s.service || '–', value: (s) => s.service || '~' },
    { id: 'application', label: heads.application, align: 'left', text: (s) => applicationText(s), value: (s) => applicationText(s) },
    number('octets', heads.bytes, (s) => s.octets, formatBytes, titles.bytes),
    number('client_port', heads.clientPort, (s) => s.client_port, plain),
    number('server_port', heads.serverPort, (s) => s.server_port, plain),
    { id: 'protocol', label: heads.protocol, align: 'left', text: (s) => protocolName(s.protocol), value: (s) => s.protocol, tone: dim },
    number('octets_to_server', heads.bytesUp, (s) => s.octets_to_server, formatBytes, titles.up),
    number('octets_to_client', heads.bytesDown, (s) => s.octets_to_client, formatBytes, titles.down),
    number('packets_to_server', heads.packetsUp, (s) => s.packets_to_server, formatCount, titles.up),
    number('packets_to_client', heads.packetsDown, (s) => s.packets_to_client, formatCount, titles.down),
    { id: 'start', label: heads.start, align: 'right', exact: (s) => iso(s.start_ms), text: (s) => formatStamp(s.start_ms, range.to_ms), value: (s) => s.start_ms, tone: (s) => outside(s.start_ms) },
    { id: 'end', label: heads.end, align: 'right', exact: (s) => iso(s.end_ms), text: (s) => formatStamp(s.end_ms, range.to_ms), value: (s) => s.end_ms, tone: (s) => outside(s.end_ms) },
    { id: 'exporter', label: heads.exporter, align: 'left', text: (s) => exporterName(s.exporter), value: (s) => s.exporter },
    number('in_if', heads.inIf, (s) => s.in_if, plain, titles.inIf),
    number('out_if', heads.outIf, (s) => s.out_if, plain, titles.outIf),
    number('vlan', heads.vlan, (s) => s.vlan, (value) => (value === 0 ? '–' : String(value))),
    { id: 'reason', label: heads.reason, align: 'left', title: titles.reason, text: (s) => s.reason.replaceAll('_', ' '), value: (s) => s.reason, tone: dim },
  ];
}
