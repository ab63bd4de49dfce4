// A NetFlow v5 exporter, byte by byte. Cisco, "NetFlow Export Datagram Format", version 5.
import { createSocket } from 'node:dgram';

const kHeader = 24;
const kRecord = 48;
const kMostRecords = 30; // of one datagram

function ipv4(text) {
  return text.split('.').map(Number);
}

/** One datagram. Records have from, to, fromPort, toPort, protocol, packets, octets, start_ms, end_ms, in_if, out_if, flags. */
export function encodeV5(records, { now_ms, uptime_ms, sequence }) {
  const bytes = Buffer.alloc(kHeader + kRecord * records.length);
  bytes.writeUInt16BE(5, 0); // version
  bytes.writeUInt16BE(records.length, 2); // count
  bytes.writeUInt32BE(uptime_ms, 4); // SysUptime: ms since the exporter booted
  bytes.writeUInt32BE(Math.floor(now_ms / 1000), 8); // unix_secs
  bytes.writeUInt32BE((now_ms % 1000) * 1_000_000, 12); // unix_nsecs
  bytes.writeUInt32BE(sequence, 16); // flow_sequence: records sent before
  bytes.writeUInt8(0, 20); // engine_type
  bytes.writeUInt8(0, 21); // engine_id
  bytes.writeUInt16BE(0, 22); // sampling_interval: none
  records.forEach((record, index) => {
    const at = kHeader + kRecord * index;
    const switched = (ms) => uptime_ms - (now_ms - ms); // stamps are in the exporter's uptime
    Buffer.from(ipv4(record.from)).copy(bytes, at); // srcaddr
    Buffer.from(ipv4(record.to)).copy(bytes, at + 4); // dstaddr
    bytes.writeUInt32BE(0, at + 8); // nexthop
    bytes.writeUInt16BE(record.in_if, at + 12); // input
    bytes.writeUInt16BE(record.out_if, at + 14); // output
    bytes.writeUInt32BE(record.packets, at + 16); // dPkts
    bytes.writeUInt32BE(record.octets, at + 20); // dOctets
    bytes.writeUInt32BE(switched(record.start_ms), at + 24); // First
    bytes.writeUInt32BE(switched(record.end_ms), at + 28); // Last
    bytes.writeUInt16BE(record.fromPort, at + 32); // srcport
    bytes.writeUInt16BE(record.toPort, at + 34); // dstport
    bytes.writeUInt8(0, at + 36); // pad1
    bytes.writeUInt8(record.flags, at + 37); // tcp_flags
    bytes.writeUInt8(record.protocol, at + 38); // prot
    bytes.writeUInt8(0, at + 39); // tos
    bytes.writeUInt16BE(0, at + 40); // src_as
    bytes.writeUInt16BE(0, at + 42); // dst_as
    bytes.writeUInt8(24, at + 44); // src_mask
    bytes.writeUInt8(24, at + 45); // dst_mask
    bytes.writeUInt16BE(0, at + 46); // pad2
  });
  return bytes;
}

/** Sends all records to 127.0.0.1, a few datagrams at a time, so that no receive buffer overflows; `from`, `fromPort`: the exporter's. */
export async function sendV5(records, port, { now_ms, sequence = 0, from = '127.0.0.1', fromPort = 0 }) {
  const socket = createSocket('udp4');
  await new Promise((resolve) => socket.bind(fromPort, from, resolve));
  const uptime_ms = 5 * 86_400_000;
  for (let first = 0; first < records.length; first += kMostRecords) {
    const part = records.slice(first, first + kMostRecords);
    const datagram = encodeV5(part, { now_ms, uptime_ms, sequence: sequence + first });
    await new Promise((resolve, reject) => socket.send(datagram, port, '127.0.0.1', (error) => (error ? reject(error) : resolve())));
    if ((first / kMostRecords) % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  socket.close();
  return sequence + records.length;
}

/** A pcap of what an exporter would have sent, each datagram a moment after the last of its records ended. */
export function captureOf(records, exporter) {
  const kEthernet = 14, kIp = 20, kUdp = 8;
  const file = Buffer.alloc(24);
  [0xa1b2c3d4, 0x00040002, 0, 0, 65_535, 1].forEach((word, at) => file.writeUInt32LE(word, at * 4)); // magic, version 2.4, zone, accuracy, snap length, Ethernet
  const parts = [file];
  const first_ms = Math.min(...records.map((record) => record.start_ms)) - 3_600_000;
  for (let first = 0; first < records.length; ) {
    // Those that end together leave together.
    const ends = records.slice(first, first + kMostRecords).findIndex((record) => record.end_ms !== records[first].end_ms);
    const some = records.slice(first, first + (ends < 0 ? kMostRecords : ends));
    const now_ms = Math.max(...some.map((record) => record.end_ms)) + 1;
    const data = encodeV5(some, { now_ms, uptime_ms: now_ms - first_ms, sequence: first });
    const packet = Buffer.alloc(16 + kEthernet + kIp + kUdp + data.length);
    const length = packet.length - 16;
    [Math.floor(now_ms / 1000), (now_ms % 1000) * 1000, length, length].forEach((word, at) => packet.writeUInt32LE(word, at * 4));
    packet.writeUInt16BE(0x0800, 16 + 12); // IPv4
    const ip = 16 + kEthernet;
    packet[ip] = 0x45;
    packet.writeUInt16BE(length - kEthernet, ip + 2);
    packet[ip + 8] = 64; // TTL
    packet[ip + 9] = 17; // UDP
    Buffer.from(ipv4(exporter)).copy(packet, ip + 12);
    Buffer.from(ipv4('192.0.2.250')).copy(packet, ip + 16);
    packet.writeUInt16BE(40_000, ip + kIp);
    packet.writeUInt16BE(2055, ip + kIp + 2);
    packet.writeUInt16BE(length - kEthernet - kIp, ip + kIp + 4);
    data.copy(packet, ip + kIp + kUdp);
    parts.push(packet);
    first += some.length;
  }
  return Buffer.concat(parts);
}
