// NetFlow v5 datagrams of a small office: mail, web and a backup, both directions of each.
// Cisco, "NetFlow Export Datagram Format": header of 24 bytes (table B-3), records of 48 (table B-4).
const HEADER = 24;
const RECORD = 48;
const TCP = 6;
const ACK_PSH = 0x18;

// client, server, server port, octets to the server and to the client, per second
const CONVERSATIONS = [
	['10.4.7.30', '198.51.100.40', 873, 9_800_000, 120_000],
	['10.4.1.25', '203.0.113.25', 25, 400_000, 60_000],
	['10.4.33.127', '203.0.113.80', 443, 90_000, 2_600_000],
	['10.4.33.12', '203.0.113.80', 443, 40_000, 900_000],
	['10.4.33.90', '198.51.100.7', 443, 30_000, 300_000]
];

export const TO_SERVERS = CONVERSATIONS.reduce((sum, [, , , up]) => sum + up, 0);
export const TO_CLIENTS = CONVERSATIONS.reduce((sum, [, , , , down]) => sum + down, 0);

const address = (text) => text.split('.').reduce((value, part) => value * 256 + Number(part), 0);

const writeRecord = (bytes, at, {from, to, fromPort, toPort, octets, inIf, outIf, first, last}) => {
	bytes.writeUInt32BE(address(from), at);
	bytes.writeUInt32BE(address(to), at + 4);
	bytes.writeUInt16BE(inIf, at + 12);
	bytes.writeUInt16BE(outIf, at + 14);
	bytes.writeUInt32BE(Math.ceil(octets / 1000), at + 16);
	bytes.writeUInt32BE(octets, at + 20);
	bytes.writeUInt32BE(first, at + 24);
	bytes.writeUInt32BE(last, at + 28);
	bytes.writeUInt16BE(fromPort, at + 32);
	bytes.writeUInt16BE(toPort, at + 34);
	bytes.writeUInt8(ACK_PSH, at + 37);
	bytes.writeUInt8(TCP, at + 38);
};

// A datagram of these records ({from, to, fromPort, toPort, octets, inIf, outIf, seconds}: that lasted until `end`, in epoch ms), at most 30.
export const datagramOf = (records, sequence, uptime, end) => {
	const now = Date.now();
	const bytes = Buffer.alloc(HEADER + records.length * RECORD);

	bytes.writeUInt16BE(5, 0);
	bytes.writeUInt16BE(records.length, 2);
	bytes.writeUInt32BE(uptime, 4);
	bytes.writeUInt32BE(Math.floor(now / 1000), 8);
	bytes.writeUInt32BE((now % 1000) * 1_000_000, 12);
	bytes.writeUInt32BE(sequence, 16);

	records.forEach((record, index) => {
		const last = uptime - (now - end);

		writeRecord(bytes, HEADER + index * RECORD, {...record, first: last - record.seconds * 1000, last});
	});

	return {bytes, count: records.length};
};

// The second until `end`, with clients behind interface "inside" and servers behind "outside"; uptime in ms.
export const datagram = ([inside, outside], sequence, uptime, end) => datagramOf(CONVERSATIONS.flatMap(([client, server, port, up, down], index) => {
	const clientPort = 40000 + index;

	return [
		{from: client, to: server, fromPort: clientPort, toPort: port, octets: up, inIf: inside, outIf: outside, seconds: 1},
		{from: server, to: client, fromPort: port, toPort: clientPort, octets: down, inIf: outside, outIf: inside, seconds: 1}
	];
}), sequence, uptime, end);
