// The traffic that the test sends, and what the window must therefore show. The same on every run but for the time of day.

const kPairs = [
  // client, server, client's first port, server port, protocol, octets to server and to client per 10 s
  ['10.4.7.30', '198.51.100.40', 41000, 873, 6, 2_400_000, 60_000],
  ['10.4.1.25', '203.0.113.80', 42000, 443, 6, 900_000, 8_600_000],
  ['10.4.33.127', '203.0.113.80', 43000, 443, 6, 240_000, 6_100_000],
  ['10.4.33.20', '203.0.113.9', 44000, 443, 6, 180_000, 4_700_000],
  ['10.4.32.81', '192.0.2.44', 45000, 443, 6, 120_000, 3_300_000],
  ['10.4.9.7', '198.51.100.77', 46000, 22, 6, 2_600_000, 190_000],
  ['192.0.2.123', '10.4.1.25', 47000, 25, 6, 1_500_000, 90_000],
  ['10.4.2.5', '198.51.100.5', 48000, 5060, 17, 700_000, 680_000],
  ['10.4.60.12', '203.0.113.9', 49000, 443, 17, 90_000, 1_800_000],
  ['10.4.1.53', '192.0.2.53', 50000, 53, 17, 60_000, 240_000],
  ['10.4.60.13', '198.51.100.99', 51000, 8443, 6, 400_000, 310_000],
  ['10.4.33.127', '192.0.2.53', 52000, 53, 17, 20_000, 70_000],
];
const kStep_ms = 10_000;
const kSteps = 84; // 14 minutes
export const kTraffic_ms = kSteps * kStep_ms;
const kSpike = { from: 36, to: 54, times: 28 }; // the backup of the first pair
const kTcpFlags = 0x1b; // FIN, SYN, PSH, ACK: RFC 9293, section 3.1

function random(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Records of 14 minutes up to end_ms, both directions of each session; every session has its own client port. */
export function makeTraffic(end_ms) {
  const chance = random(20261123);
  const records = [];
  const sessions = [];
  for (let step = 0; step < kSteps; step++) {
    const start = end_ms - (kSteps - step) * kStep_ms;
    kPairs.forEach(([client, server, firstPort, serverPort, protocol, up, down], pair) => {
      const spike = pair === 0 && step >= kSpike.from && step < kSpike.to ? kSpike.times : 1;
      const size = (base) => Math.round(base * spike * (0.7 + 0.6 * chance()));
      const session = {
        client, server, clientPort: firstPort + step, serverPort, protocol, start_ms: start + Math.floor(chance() * 500), end_ms: start + 9000 + Math.floor(chance() * 900),
        toServer: { octets: size(up), packets: 0 }, toClient: { octets: size(down), packets: 0 },
      };
      session.toServer.packets = Math.ceil(session.toServer.octets / 1100);
      session.toClient.packets = Math.ceil(session.toClient.octets / 1100);
      sessions.push(session);
      const common = { protocol, spike: spike > 1, start_ms: session.start_ms, end_ms: session.end_ms, flags: protocol === 6 ? kTcpFlags : 0 };
      records.push({ ...common, ...session.toServer, from: client, to: server, fromPort: session.clientPort, toPort: serverPort, in_if: 1, out_if: 3 });
      records.push({ ...common, ...session.toClient, from: server, to: client, fromPort: serverPort, toPort: session.clientPort, in_if: 3, out_if: 1, start_ms: session.start_ms + 20 });
    });
  }
  return { records, sessions };
}

function add(sums, key, part) {
  const sum = sums.get(key) ?? { octets: 0, packets: 0, sessions: 0, in: 0, out: 0, asClient: 0, asServer: 0 };
  for (const [name, value] of Object.entries(part)) sum[name] += value;
  sums.set(key, sum);
}

/** What each host, and each service, moved. */
export function expectedSums(sessions) {
  const hosts = new Map();
  const ports = new Map();
  const totals = { octets: 0, packets: 0, sessions: sessions.length };
  for (const { client, server, serverPort, protocol, toServer, toClient } of sessions) {
    const octets = toServer.octets + toClient.octets;
    const packets = toServer.packets + toClient.packets;
    totals.octets += octets;
    totals.packets += packets;
    add(hosts, client, { octets, packets, sessions: 1, out: toServer.octets, in: toClient.octets, asClient: toServer.octets });
    add(hosts, server, { octets, packets, sessions: 1, out: toClient.octets, in: toServer.octets, asServer: toClient.octets });
    add(ports, `${serverPort}/${protocol}`, { octets, packets, sessions: 1 });
  }
  return { hosts, ports, totals };
}
