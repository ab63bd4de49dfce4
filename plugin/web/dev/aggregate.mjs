// Sums over sessions for the development server, with the conservation that the collector promises:
// a session that reaches over the edge of a range or bucket counts there with its share of time.
import { kServiceNames } from './traffic.mjs';

const kEnds = { host: ['client', 'server'], port: ['client_port', 'server_port'], interface: ['in_if', 'out_if'] };
const kProtocolNames = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'ipv6-icmp' };

function share(session, from, to) {
  const length = Math.max(1, session.end_ms - session.start_ms);
  return Math.max(0, Math.min(to, session.start_ms + length) - Math.max(from, session.start_ms)) / length;
}

/** Splits a whole number over buckets without losing any of it. */
function spread(total, session, range, count) {
  const width = (range.to_ms - range.from_ms) / count;
  const first = Math.max(0, Math.floor((session.start_ms - range.from_ms) / width));
  const last = Math.min(count - 1, Math.floor((Math.max(session.end_ms, session.start_ms + 1) - range.from_ms) / width));
  const parts = [];
  let before = 0;
  let done = 0;
  for (let bucket = first; bucket <= last; bucket++) {
    done += share(session, range.from_ms + bucket * width, range.from_ms + (bucket + 1) * width);
    const upTo = Math.floor(total * done + 1e-6);
    parts.push([bucket, upTo - before]);
    before = upTo;
  }
  return parts;
}

const halvesOf = (session) => [
  { octets: session.octets_to_server, packets: session.packets_to_server },
  { octets: session.octets_to_client, packets: session.packets_to_client },
];

// Each part: a key and the halves of one session that count towards it. Halves are spread one by one, so that
// whatever they are grouped by, they round alike and add up to the totals.
function parts(session, by, direction) {
  const either = by.find((field) => kEnds[field]);
  const key = (end) => Object.fromEntries(by.map((field) => [field, kEnds[field] ? session[kEnds[field][end]] : session[field]]));
  const [up, down] = halvesOf(session);
  if (!either) return [{ key: key(0), halves: [up, down] }];
  const ends = [
    { key: key(0), out: up, in: down, role: 'octets_client' },
    { key: key(1), out: down, in: up, role: 'octets_server' },
  ];
  return ends.map((end) => ({
    key: end.key, ends: true,
    halves: direction === 'talkers' ? [end.out] : direction === 'listeners' ? [end.in] : [end.out, end.in],
    octets_in: end.in.octets, octets_out: end.out.octets, [end.role]: end.out.octets,
  }));
}

export function totalsOf(sessions, range) {
  const totals = { octets: 0, packets: 0, flows: 0, sessions: 0 };
  for (const session of sessions) {
    for (const half of halvesOf(session)) {
      for (const measure of ['octets', 'packets']) totals[measure] += spread(half[measure], session, range, 1).reduce((sum, [, part]) => sum + part, 0);
    }
    totals.flows += session.flows;
    totals.sessions += 1;
  }
  return totals;
}

function label(key, hostNames) {
  const found = {};
  if (hostNames[key.host]) found.host = hostNames[key.host];
  if (hostNames[key.client]) found.client = hostNames[key.client];
  if (hostNames[key.server]) found.server = hostNames[key.server];
  if (kServiceNames[key.server_port]) found.server_port = kServiceNames[key.server_port];
  if (kProtocolNames[key.protocol]) found.protocol = kProtocolNames[key.protocol];
  return found;
}

// Each session counts for one of its ends: that of the row that ranks higher; for the others where neither has a row.
function countOnce(sessions, by, range, count, shown, others) {
  const zero = () => ({ octets: 0, packets: 0, flows: 0, sessions: 0 });
  const rank = new Map(shown.map((row, at) => [JSON.stringify(row.key), at]));
  Object.assign(others.sums, zero());
  for (const row of shown) row.once = zero();
  for (const lines of [...shown.map((row) => row.lines), others.lines]) for (const name of ['octets', 'packets']) lines[name].fill(0);
  for (const session of sessions) {
    const at = Math.min(...parts(session, by, 'both').map((part) => rank.get(JSON.stringify(part.key)) ?? Infinity));
    const { sums, lines } = at === Infinity ? others : { sums: shown[at].once, lines: shown[at].lines };
    sums.flows += session.flows;
    sums.sessions += 1;
    for (const half of halvesOf(session)) {
      for (const name of ['octets', 'packets']) {
        for (const [bucket, value] of spread(half[name], session, range, count)) {
          lines[name][bucket] += value;
          sums[name] += value;
        }
      }
    }
  }
}

export function topOf(sessions, params, range, hostNames = {}) {
  const { by = ['host'], direction = 'both', measure = 'octets', order = 'desc', limit = 24, buckets = 0, once = false } = params;
  const rows = new Map();
  const count = Math.max(1, buckets);
  for (const session of sessions) {
    for (const part of parts(session, by, direction)) {
      const id = JSON.stringify(part.key);
      let row = rows.get(id);
      if (!row) {
        row = { key: part.key, octets: 0, packets: 0, flows: 0, sessions: 0, label: label(part.key, hostNames), lines: { octets: new Array(count).fill(0), packets: new Array(count).fill(0) } };
        if (part.ends) Object.assign(row, { octets_in: 0, octets_out: 0, octets_client: 0, octets_server: 0 });
        rows.set(id, row);
      }
      row.flows += session.flows;
      row.sessions += 1;
      for (const half of part.halves) {
        for (const name of ['octets', 'packets']) {
          for (const [bucket, value] of spread(half[name], session, range, count)) {
            row.lines[name][bucket] += value;
            row[name] += value;
          }
        }
      }
      const inside = share(session, range.from_ms, range.to_ms);
      for (const name of ['octets_in', 'octets_out', 'octets_client', 'octets_server']) {
        if (part[name] !== undefined) row[name] += Math.floor(part[name] * inside + 1e-6);
      }
    }
  }
  const sign = order === 'asc' ? -1 : 1;
  const byKey = (one, other) => (JSON.stringify(one.key) < JSON.stringify(other.key) ? -1 : 1);
  const ranked = [...rows.values()].sort((one, other) => (measure === 'key' ? -sign * byKey(one, other) : sign * (other[measure] - one[measure]) || byKey(one, other)));
  const shown = ranked.slice(0, limit);
  const rest = ranked.slice(limit);
  const other = { octets: 0, packets: 0, flows: 0, sessions: 0, keys: rest.length };
  const line = { octets: new Array(count).fill(0), packets: new Array(count).fill(0) };
  for (const row of rest) {
    for (const name of ['octets', 'packets', 'flows', 'sessions']) other[name] += row[name];
    for (const name of ['octets', 'packets']) row.lines[name].forEach((value, bucket) => (line[name][bucket] += value));
  }
  if (once && direction === 'both' && by.some((field) => kEnds[field])) countOnce(sessions, by, range, count, shown, { sums: other, lines: line });
  const series = buckets === 0 ? [] : [...shown.map((row) => ({ key: row.key, ...row.lines })), ...(rest.length > 0 ? [{ other: true, key: {}, ...line }] : [])];
  return { totals: totalsOf(sessions, range), rows: shown.map(({ lines: _, ...row }) => row), other, series };
}
