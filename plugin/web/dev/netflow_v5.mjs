// NetFlow v5 for the development server, enough for the end-to-end test to run against it.
// Cisco, "NetFlow Export Datagram Format", version 5: 24 bytes of header, 48 per record.

const kHeader = 24;
const kRecord = 48;

export function decodeV5(datagram, exporter, kServiceNames) {
  if (datagram.length < kHeader || datagram.readUInt16BE(0) !== 5) return null;
  const count = datagram.readUInt16BE(2);
  if (datagram.length < kHeader + count * kRecord) return null;
  const bootedAt = datagram.readUInt32BE(8) * 1000 + Math.floor(datagram.readUInt32BE(12) / 1e6) - datagram.readUInt32BE(4);
  const address = (at) => [...datagram.subarray(at, at + 4)].join('.');
  const records = [];
  for (let index = 0; index < count; index++) {
    const at = kHeader + index * kRecord;
    records.push({
      from: address(at), to: address(at + 4), in_if: datagram.readUInt16BE(at + 12), out_if: datagram.readUInt16BE(at + 14),
      packets: datagram.readUInt32BE(at + 16), octets: datagram.readUInt32BE(at + 20),
      start_ms: bootedAt + datagram.readUInt32BE(at + 24), end_ms: bootedAt + datagram.readUInt32BE(at + 28),
      fromPort: datagram.readUInt16BE(at + 32), toPort: datagram.readUInt16BE(at + 34), flags: datagram[at + 37], protocol: datagram[at + 38], exporter,
    });
  }
  return { sequence: datagram.readUInt32BE(16), records: records.map((record) => ({ ...record, service: (port) => kServiceNames[port] ?? null })) };
}

/** Adds a record to the sessions, to its other half if that is there; the lower port is the server's. */
export function pair(sessions, record) {
  const forward = record.toPort <= record.fromPort;
  const [client, server, client_port, server_port] = forward ? [record.from, record.to, record.fromPort, record.toPort] : [record.to, record.from, record.toPort, record.fromPort];
  let session = sessions.find((one) => one.client === client && one.server === server && one.client_port === client_port && one.server_port === server_port && one.protocol === record.protocol && one.exporter === record.exporter);
  if (!session) {
    session = {
      client, server, client_port, server_port, protocol: record.protocol, service: record.service(server_port), octets: 0, packets: 0, octets_to_server: 0, octets_to_client: 0,
      packets_to_server: 0, packets_to_client: 0, flows: 0, start_ms: record.start_ms, end_ms: record.end_ms, exporter: record.exporter,
      in_if: forward ? record.in_if : record.out_if, out_if: forward ? record.out_if : record.in_if, vlan: 0, tos: 0, tcp_flags: 0, src_as: 0, dst_as: 0, next_hop: null,
      sampling: 1, reason: 'lower_port', application: null, quality: [],
    };
    sessions.push(session);
  }
  const side = forward ? 'to_server' : 'to_client';
  session[`octets_${side}`] += record.octets;
  session[`packets_${side}`] += record.packets;
  session.octets += record.octets;
  session.packets += record.packets;
  session.flows += 1;
  session.tcp_flags |= record.flags;
  session.start_ms = Math.min(session.start_ms, record.start_ms);
  session.end_ms = Math.max(session.end_ms, record.end_ms);
}
