// What a key of a result is called on screen: labels of the collector first, then numbers that everybody knows.

import type { Key, Row, Session } from '../generated/api';
import { isAddress } from './fields.svelte';

// IANA "Assigned Internet Protocol Numbers": those that are met in flows every day.
const kProtocols: Record<number, string> = {
  1: 'icmp', 2: 'igmp', 4: 'ipip', 6: 'tcp', 17: 'udp', 41: 'ipv6', 46: 'rsvp', 47: 'gre', 50: 'esp', 51: 'ah',
  58: 'ipv6-icmp', 88: 'eigrp', 89: 'ospf', 103: 'pim', 112: 'vrrp', 115: 'l2tp', 132: 'sctp', 136: 'udplite',
};

export function protocolName(protocol: number): string {
  return kProtocols[protocol] ?? String(protocol);
}

/** One text per key, equal only for equal keys: identity for selection and colour. */
export function keyId(key: Key): string {
  return Object.keys(key).sort().map((field) => `${field}=${String(key[field])}`).join(' ');
}

/** Key under which the chart of the sessions tab groups a session. */
export function conversationKey(session: Session): Key {
  return { client: session.client, server: session.server, server_port: session.server_port, protocol: session.protocol };
}

/** An end of which the record gave no address: layer 2, or a device that keeps it to itself. "::" is an address. */
export function addressName(address: unknown): string {
  return typeof address === 'string' && address !== '' ? address : 'no address';
}

type Labelled = Pick<Row, 'key' | 'label'>;

export function rowProtocol(row: Labelled): string {
  return row.label?.protocol?.toLowerCase() || protocolName(Number(row.key.protocol));
}

/** Name of a row for legend, tooltip and pie. */
export function rowName(row: Labelled): string {
  const { key } = row;
  const fields = Object.keys(key);
  const only = (...some: string[]) => fields.every((field) => some.includes(field));
  // The label of an address is its network: it stands beside, not instead.
  if (only('host')) return addressName(key.host);
  if ('client' in key && 'server' in key && only('client', 'server', 'server_port', 'protocol')) {
    const port = !('server_port' in key) ? '' : ` ${row.label?.server_port || ('protocol' in key ? `${rowProtocol(row)}/${String(key.server_port)}` : String(key.server_port))}`;
    return `${addressName(key.client)} → ${addressName(key.server)}${port}`;
  }
  if ('server_port' in key && only('server_port', 'protocol')) {
    const number = 'protocol' in key ? `${String(key.server_port)}/${rowProtocol(row)}` : String(key.server_port);
    const service = row.label?.server_port;
    return service ? `${service} ${number}` : number;
  }
  if (only('vlan')) return vlanName(Number(key.vlan));
  if (only('network')) return String(key.network ?? '') || 'no name';
  return fields.map((field) => valueName(row, field)).join(' · ');
}

/** One field of a key in words. */
export function valueName(row: Labelled, field: string): string {
  const value = row.key[field];
  if (field === 'protocol') return rowProtocol(row);
  if (field === 'application') return applicationName(value ?? 0);
  if (field === 'vlan' || field === 'in_vlan' || field === 'out_vlan') return Number(value) === 0 ? vlanName(0) : String(value);
  if (isAddress(field)) return addressName(value);
  if (value === '' || value == null) return 'none';
  // The label of an address is its network: it stands beside, not instead.
  return row.label?.[field] || String(value);
}

/** What stands small beside it: its number where it has a name, the network of an address. */
export function valueNote(row: Labelled, field: string): string {
  const label = row.label?.[field];
  if (!label || field === 'protocol') return '';
  return isAddress(field) ? label : label === String(row.key[field]) ? '' : String(row.key[field] ?? '');
}

/** A rule's name, or what the exporter classified: engine:selector of RFC 6759. */
export function applicationName(application: string | number): string {
  if (typeof application === 'string') return application;
  return application === 0 ? 'unknown' : `${Math.floor(application / 2 ** 24)}:${application % 2 ** 24}`;
}

/** VLAN 0 is what an exporter reports for untagged frames or when it does not know. */
export function vlanName(vlan: number): string {
  return vlan === 0 ? 'untagged or unknown' : `VLAN ${vlan}`;
}
