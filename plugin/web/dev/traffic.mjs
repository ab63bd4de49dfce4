// Generated traffic for the development server: a small company behind one edge router and a branch, the same on every start.

function random(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const kHosts = [
  ['10.4.7.30', 'backup-03'], ['10.4.1.25', 'mail-1'], ['10.4.33.127', 'ws-1127'], ['10.4.2.5', 'voip-gw'], ['10.4.9.7', 'build-07'],
  ['10.4.32.81', 'ws-0881'], ['10.4.1.53', 'ns-1'], ['10.4.60.12', null], ['10.4.60.13', null], ['10.4.33.20', null], ['2001:db8:4::25', 'mail-1-v6'],
];
const kPeers = ['203.0.113.80', '198.51.100.40', '192.0.2.123', '203.0.113.9', '198.51.100.77', '192.0.2.44', '2001:db8:beef::80'];
const kServices = [[443, 6, 'https', 0.5], [53, 17, 'domain', 0.16], [873, 6, 'rsync', 0.04], [25, 6, 'smtp', 0.06], [22, 6, 'ssh', 0.05], [443, 17, 'https', 0.1], [5060, 17, 'sip', 0.03], [8443, 6, null, 0.03], [0, 1, null, 0.03]];
export const kServiceNames = { 443: 'https', 53: 'domain', 873: 'rsync', 25: 'smtp', 22: 'ssh', 5060: 'sip', 123: 'ntp', 80: 'http' };
export const kHostNames = Object.fromEntries(kHosts.filter(([, name]) => name));

export const kExporters = [
  { address: '10.0.0.1', name: 'edge-r1', protocols: ['v9'], sampling: { rate: 100, source: 'announced' }, interfaces: [[1, 'ge-0/0/1', 'lan', 10e9], [3, 'ge-0/0/3', 'uplink-isp-a', 1e9]] },
  { address: '10.9.0.1', name: '', protocols: ['ipfix'], sampling: { rate: 1, source: 'announced' }, interfaces: [[1, null, null, null], [2, null, null, null]] },
];

function pick(items, chance, weight) {
  let rest = chance;
  for (const item of items) {
    rest -= weight(item);
    if (rest <= 0) return item;
  }
  return items[items.length - 1];
}

/** Sessions of [from_ms, to_ms); the same interval always has the same ones. */
export function generate(from_ms, to_ms, perSecond) {
  const sessions = [];
  const step = Math.max(1, Math.round(1000 / perSecond));
  for (let at = Math.ceil(from_ms / step) * step; at < to_ms; at += step) {
    const chance = random(Math.floor(at / step) & 0x7fffffff);
    chance();
    sessions.push(session(at, chance, step));
  }
  return sessions;
}

function session(at, chance, step) {
  const local = kHosts[Math.floor(chance() ** 1.8 * kHosts.length)][0];
  const peer = chance() < 0.6 ? kPeers[Math.floor(chance() ** 1.6 * kPeers.length)] : `198.51.${Math.floor(chance() * 4)}.${1 + Math.floor(chance() * 250)}`;
  let [port, protocol, service] = pick(kServices, chance(), (one) => one[3]);
  let client = local;
  let server = peer;
  if (port === 25 && chance() < 0.5) [client, server] = [server, client];
  const length = 200 + chance() ** 3 * 58_000;
  let size = Math.exp(6 + chance() * 8) * step / 40;
  // Every hour from minute 20 to 26 the backup runs: the spike to find.
  const minute = (at / 60_000) % 60;
  if (minute > 20 && minute < 26 && chance() < 0.35) {
    [client, server, port, protocol, service] = ['10.4.7.30', '198.51.100.40', 873, 6, 'rsync'];
    size = 4e6 * (0.8 + 0.4 * chance()) * step / 40;
  }
  const up = service === 'rsync' ? 0.97 : 0.08 + 0.2 * chance();
  const octetsUp = Math.round(size * up) + 60;
  const octetsDown = Math.round(size * (1 - up)) + 52;
  const uplink = chance() < 0.85;
  return {
    client, server, client_port: protocol === 1 ? 0 : 1024 + Math.floor(chance() * 60000), server_port: port, protocol, service: service ?? null,
    octets: octetsUp + octetsDown, packets: Math.ceil(octetsUp / 900) + Math.ceil(octetsDown / 900),
    octets_to_server: octetsUp, octets_to_client: octetsDown, packets_to_server: Math.ceil(octetsUp / 900), packets_to_client: Math.ceil(octetsDown / 900),
    flows: 2, start_ms: Math.round(at - length), end_ms: at, exporter: uplink ? '10.0.0.1' : '10.9.0.1', in_if: 1, out_if: uplink ? 3 : 2,
    vlan: [10, 20, 20, 33, 0][Math.floor(chance() * 5)], tos: 0, tcp_flags: protocol === 6 ? 27 : 0, src_as: 0, dst_as: 64500, next_hop: null,
    sampling: uplink ? 100 : 1, reason: protocol === 6 ? 'syn' : port > 0 ? 'port_list' : 'first_seen', application: null, quality: [],
  };
}
