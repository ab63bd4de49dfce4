// What the development server answers to each method of the API.
import { parseFilter } from './filter.mjs';
import { topOf, totalsOf } from './aggregate.mjs';
import { generate, kExporters, kHostNames } from './traffic.mjs';
import { readOpenrpc } from './schemas.mjs';

const kVersion = '0.1.0-dev';
const kPerSecond = 8;
const kKept_ms = 3 * 3_600_000;
/** What the traffic of the development server does not say. */
const kUnsaid = { forwarding: 0, ttl: 0, flow_label: 0, priority: 0, customer_vlan: 0, mpls_label: 0, firewall_event: 0, firewall_reason: 0, nat_event: 0, ethertype: 0, out_vlan: 0, client_mac: null, server_mac: null, client_mask: 0, server_mask: 0, client_nat: null, server_nat: null, client_nat_port: 0, server_nat_port: 0, direction: null, end_reason: 0, in_vrf: 0, out_vrf: 0 };

export function createWorld({ generated, clock = Date.now }) {
  const started_ms = clock();
  const received = [];
  const heard = new Map();
  let made = generated ? generate(started_ms - kKept_ms, started_ms, kPerSecond) : [];
  let madeUntil_ms = started_ms;

  function sessions() {
    if (!generated) return received;
    const now = clock();
    made = made.concat(generate(madeUntil_ms, now, kPerSecond)).filter((session) => session.end_ms > now - kKept_ms);
    madeUntil_ms = now;
    return made;
  }

  function bounds(all) {
    if (all.length === 0) return { from_ms: clock() - 900_000, to_ms: clock() };
    let [from_ms, to_ms] = [Infinity, -Infinity];
    for (const session of all) {
      from_ms = Math.min(from_ms, session.start_ms);
      to_ms = Math.max(to_ms, session.end_ms + 1);
    }
    return { from_ms, to_ms };
  }

  function chosen(params) {
    const all = sessions();
    const range = params.range ?? bounds(all);
    const filter = params.filter ? parseFilter(params.filter) : () => true;
    const inside = all.filter((session) => session.start_ms < range.to_ms && Math.max(session.end_ms, session.start_ms + 1) > range.from_ms && filter(session));
    return { range, inside };
  }

  function exporters() {
    const counters = { datagrams: 1200, records: 34_000, lost: 0, malformed: 0, waiting_for_template: 0, kernel_drops: 0, queue_drops: 0, time_repaired: 0, duplicates: 0, unsampled: 0, left_out: 0, metering: 'auto', directions: ['ingress'] };
    if (generated) {
      return kExporters.map((one, index) => ({
        ...one, ...counters, lost: index === 0 ? 12 : 0, first_seen_ms: started_ms - kKept_ms, last_seen_ms: clock(), records_per_s: index === 0 ? 13.6 : 2.4, domains: [{ domain: 0, port: 50123, sequence_lost: 0, templates: 4, devices: 1 }],
        interfaces: one.interfaces.map(([number, name, alias, speed_bps]) => ({ index: number, name, alias, speed_bps, flow_bps: null })), active: true, device: null, linked_hostid: null,
      }));
    }
    return [...heard].map(([address, one]) => ({
      address, name: '', protocols: ['v5'], ...counters, datagrams: one.datagrams, records: one.records, first_seen_ms: one.first_ms, last_seen_ms: one.last_ms, records_per_s: 0,
      sampling: { rate: null, source: 'unknown' }, domains: [{ domain: 0, port: one.port, sequence_lost: 0, templates: 0, devices: 1 }], interfaces: [], active: true, device: null, linked_hostid: null,
    }));
  }

  function quality(range) {
    const now = clock();
    const [edge, branch] = kExporters.map((one) => one.address);
    const inside = (gap) => ({ ...gap, from_ms: Math.max(range.from_ms, gap.from_ms), to_ms: Math.min(range.to_ms, gap.to_ms) });
    // The collector was down for half a minute, and the branch is silent from time to time.
    const gaps = !generated ? [] : [
      { from_ms: started_ms - 260_000, to_ms: started_ms - 230_000, reason: 'collector_down' },
      { from_ms: started_ms - 520_000, to_ms: started_ms - 400_000, reason: 'not_heard', exporter: branch },
    ].map(inside).filter((gap) => gap.from_ms < gap.to_ms).sort((one, other) => one.from_ms - other.from_ms);
    const not_heard_ms = gaps.reduce((sum, gap) => sum + gap.to_ms - gap.from_ms, 0);
    const late_ms = generated && range.to_ms > now - 20_000 ? 20_000 : 0;
    const nothing = { lost: 0, lost_unit: 'datagrams', waiting: 0, refused: 0, malformed: 0, dropped: 0, duplicates: 0, repaired: 0, unsampled: 0, late_ms: 0, not_heard_ms: 0 };
    return {
      sampled: generated, rates: generated ? [100] : [], more_rates: false, unknown_sampling: false, unsampled: 0, time_repaired: generated ? 3 : 0, lost: generated ? 12 : 0, lost_unit: 'datagrams',
      waiting: 0, refused: 0, malformed: 0, dropped: 0, duplicates: 0, late_ms, not_heard_ms, gaps, more_gaps: false, exporters_in_question: generated ? 2 : heard.size,
      exporters: !generated ? [] : [
        { ...nothing, exporter: edge, label: 'edge-r1', lost: 12, repaired: 3, late_ms },
        { ...nothing, exporter: branch, not_heard_ms: gaps.filter((gap) => gap.exporter === branch).reduce((sum, gap) => sum + gap.to_ms - gap.from_ms, 0) },
      ],
    };
  }

  const methods = {
    'status.get': () => {
      const all = sessions();
      const { from_ms, to_ms } = bounds(all);
      return {
        version: kVersion, build: 'development server', started_ms, now_ms: clock(), uptime_ms: clock() - started_ms, exporters: exporters().length, records_per_s: generated ? 16 : 0, datagrams_per_s: 0,
        store: { bytes: all.length * 14, days: 1, oldest_ms: all.length > 0 ? from_ms : null, newest_ms: all.length > 0 ? to_ms : null, sessions: all.length, segments: 1, unsealed: 0, full_in_ms: generated ? 57 * 86_400_000 : null, max_bytes: 0,
          limit_bytes: null, free_bytes: null, deleted_sessions: 0, dropped_sessions: 0, last_error: '' },
        cache: { bytes: 0, max_bytes: 0 }, queues: [], last_errors: [], server_ports: { file: 'lua/server_ports.lua', loaded_ms: started_ms, count: 120, error: null }, name_scripts: [],
        address_databases: [{ word: 'country', what: 'country database', setting: 'enrich.country_database', file: '', loaded_ms: null, type: '', built_ms: null, error: null }], state_files: [], restart_reason: null,
        not_decoded: { datagrams: 0, senders: [] },
      };
    },
    'about.get': () => ({ text: `Weir ${kVersion} (development server)\nNode ${process.version}\n`, version: kVersion, build: 'dev', libraries: { node: process.version }, os: process.platform, settings_changed: {} }),
    'exporters.list': () => ({ exporters: exporters() }),
    'exporters.doctor': () => ({ checks: 20, findings: [{ what: '12 datagrams lost on the way by sequence number', advice: 'look for drops on the path, or export over a quieter link', note: false }] }),
    'settings.get': () => ({ file: null, settings: [
      { key: 'receive.listen', value: ['2055', '4739', '6343'], default: ['2055', '4739', '6343'], changed: false, allowed: 'a list of 1 to 64 texts', description: 'Ports, or ADDRESS:PORT.' },
      { key: 'store.max_bytes', value: 53_687_091_200, default: 21_474_836_480, changed: true, allowed: 'a whole number from 0 to 1125899906842624', description: 'Most that the sessions take on disk.' },
    ] }),
    'flows.top': (params) => {
      const begun = performance.now();
      const { range, inside } = chosen(params);
      const count = params.buckets ?? 0;
      return {
        range, ...topOf(inside, params, range, generated ? kHostNames : {}), buckets: { from_ms: range.from_ms, to_ms: range.to_ms, count, width_ms: count > 0 ? (range.to_ms - range.from_ms) / count : 0 },
        quality: quality(range), took_ms: performance.now() - begun, sessions_scanned: inside.length, unscaled: params.unscaled ?? false,
      };
    },
    'flows.sessions': (params) => {
      const begun = performance.now();
      const { range, inside } = chosen(params);
      const { sort = 'octets', order = 'desc', limit = 100, offset = 0 } = params;
      const field = { start: 'start_ms', end: 'end_ms' }[sort] ?? sort;
      const sign = order === 'asc' ? 1 : -1;
      const sorted = [...inside].sort((one, other) => sign * (one[field] - other[field]));
      return { range, totals: totalsOf(inside, range), total_sessions: inside.length, sessions: sorted.slice(offset, offset + limit).map((session) => ({ ...kUnsaid, ...session })), quality: quality(range), took_ms: performance.now() - begun };
    },
    'flows.totals': (params) => {
      const { range, inside } = chosen(params);
      return { range, totals: totalsOf(inside, range), quality: quality(range) };
    },
    'query.cancel': () => ({}),
    'fields.list': () => ({ fields: [] }),
    'rpc.discover': () => readOpenrpc(),
  };

  return {
    methods,
    login: () => ({ user: null, role: 'admin', expires_ms: clock() + 3_600_000, exporters: null, version: kVersion }),
    hear(exporter, port, records) {
      const one = heard.get(exporter) ?? { datagrams: 0, records: 0, first_ms: clock(), last_ms: 0, port };
      heard.set(exporter, { ...one, datagrams: one.datagrams + 1, records: one.records + records.length, last_ms: clock(), port });
    },
    received,
  };
}
