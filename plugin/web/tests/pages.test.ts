// The logic of the pages: exporters, settings, alerts, and what this browser prefers.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { listedAlerts } from '../src/alerts/alert_rows';
import { CounterMemory, lightOf, lostShare, lostUnit, matches, parseRate, protocolText, samplingText, sortRows, type ExporterRow } from '../src/exporters/exporter_rows';
import { interfaceRows } from '../src/exporters/interface_rows';
import { isRegistered } from '../src/format/address_scope';
import type { Alert, Exporter, Interface, Row } from '../src/generated/api';
import { allowedText, meaningOf, sectionsOf, valueText, type Setting } from '../src/settings/setting_text';
import { isWhois, kDefaultPreferences, keepPreferences, parsePreferences, preferredView } from '../src/state/preferences';
import { mayAct, mayChange, reachesAll } from '../src/state/rights';
import { kPages, kTabs, pageOf, tabOf, tabOfDigit, tabRow } from '../src/state/tabs';
import { formatView, kDefaultView, parseView } from '../src/state/view';
import { whoisLink } from '../src/tables/whois';

const kNow = 1_700_000_000_000;
const kQuiet = { lost: 0, dropped: 0 };

function exporter(patch: Partial<Exporter> = {}): Exporter {
  return {
    address: '192.0.2.1', name: '192.0.2.1', protocols: ['v9'], first_seen_ms: kNow - 86_400_000, last_seen_ms: kNow - 1000, datagrams: 900, records: 27_000, records_per_s: 12.5, lost: 0, malformed: 0, waiting_for_template: 0,
    kernel_drops: 0, queue_drops: 0, time_repaired: 0, duplicates: 0, unsampled: 0, sampling: { rate: null, source: 'unknown' }, metering: 'auto', directions: [], left_out: 0,
    domains: [{ domain: 0, port: 1, sequence_lost: 0, templates: 3, devices: 1 }], interfaces: [], active: true, device: null, linked_hostid: null, ...patch,
  };
}

describe('the light of an exporter', () => {
  const light = (patch: Partial<Exporter>, lately = kQuiet) => lightOf(exporter(patch), kNow, lately);

  it('is green while it sends, whatever was lost yesterday', () => {
    expect(light({ lost: 80 })).toEqual({ tone: 'ok', words: 'active' });
  });

  it('says since when it is silent, before anything else', () => {
    expect(light({ active: false, last_seen_ms: kNow - 7_200_000 }, { lost: 5, dropped: 5 })).toEqual({ tone: 'off', words: 'silent for 2 h' });
  });

  it('warns of what is being lost, dropped, waiting or not scaled', () => {
    expect(light({}, { lost: 3, dropped: 0 }).words).toBe('losing datagrams');
    expect(light({ protocols: ['v5'] }, { lost: 3, dropped: 0 }).words).toBe('losing records');
    expect(light({}, { lost: 3, dropped: 1 }).words).toBe('this machine drops its datagrams');
    expect(light({ waiting_for_template: 2, domains: [] }).words).toBe('waits for its templates');
    expect(light({ waiting_for_template: 2 }).tone).toBe('ok');
    expect(light({ unsampled: 2 }).words).toBe('samples at an unknown rate');
  });

  it('knows what rose within a minute, not what the counters were when the page was opened', () => {
    const memory = new CounterMemory();
    const lost = (at_s: number, count: number, drops = 0) => {
      memory.note([exporter({ lost: count, kernel_drops: drops })], kNow + at_s * 1000);
      return memory.lately('192.0.2.1');
    };
    expect(lost(0, 80)).toEqual(kQuiet);
    expect(lost(5, 83, 2)).toEqual({ lost: 3, dropped: 2 });
    expect(lost(50, 83, 2).lost).toBe(3);
    expect(lost(70, 83, 2)).toEqual(kQuiet);
    // Datagrams that arrive late are taken back from the counter, so it falls.
    expect(lost(75, 70, 2)).toEqual(kQuiet);
    expect(memory.lately('192.0.2.99')).toEqual(kQuiet);
  });
});

describe('the words of an exporter', () => {
  it('count what its protocol counts', () => {
    expect([['v9'], ['sflow'], ['v5'], ['ipfix'], ['v5', 'v9']].map((protocols) => lostUnit({ protocols }))).toEqual(['datagrams', 'datagrams', 'records', 'records', 'datagrams and records']);
    expect(lostShare(exporter({ lost: 100 }))).toBe('10.0 %');
    expect(lostShare(exporter({ lost: 100, protocols: ['v5', 'v9'] }))).toBe('');
    expect(protocolText({ protocols: ['v5', 'ipfix', 'sflow'] })).toBe('NetFlow v5, IPFIX, sFlow');
    expect([null, 1, 1000].map((rate) => samplingText({ sampling: { rate, source: 'configured' } }))).toEqual(['not known', 'every packet', '1 in 1,000']);
  });

  it('take a sampling rate as people write it, and nothing as none', () => {
    expect(['', ' ', '1', '1,000', '1 000', '4294967295', '0', '-1', '1.5', 'x', '4294967296'].map(parseRate)).toEqual([null, null, 1, 1000, 1000, 4_294_967_295, 'wrong', 'wrong', 'wrong', 'wrong', 'wrong']);
  });
});

describe('the table of exporters', () => {
  const row = (patch: Partial<Exporter>, name = 'edge', traffic: number | null = null): ExporterRow => ({ exporter: exporter(patch), name, light: { tone: 'ok', words: 'active' }, traffic });
  const rows = [row({ address: '10.0.0.10', records_per_s: 5, lost: 2 }, 'b', 10), row({ address: '10.0.0.9', records_per_s: 50, lost: 2 }, 'a', 30), row({ address: '10.0.0.2', records_per_s: 0.5 }, 'c', 20)];
  const order = (...how: Parameters<typeof sortRows> extends [unknown, ...infer Rest] ? Rest : never) => sortRows(rows, ...how).map((one) => one.exporter.address);

  it('sorts numbers as numbers, addresses by their parts, equal ones by address', () => {
    expect(order('records', 'desc')).toEqual(['10.0.0.9', '10.0.0.10', '10.0.0.2']);
    expect(order('address', 'asc')).toEqual(['10.0.0.2', '10.0.0.9', '10.0.0.10']);
    expect(order('lost', 'desc')).toEqual(['10.0.0.9', '10.0.0.10', '10.0.0.2']);
    expect(order('traffic', 'asc')).toEqual(['10.0.0.10', '10.0.0.2', '10.0.0.9']);
    expect(order('name', 'asc')).toEqual(['10.0.0.9', '10.0.0.10', '10.0.0.2']);
  });

  it('finds by name, address, device, protocol and state', () => {
    const one = row({ device: { hostid: '1', name: 'Halle 7' } }, 'edge-r1');
    expect(['EDGE 192.0.2', 'halle', 'netflow v9', 'active', ''].map((search) => matches(one, search))).toEqual([true, true, true, true, true]);
    expect(matches(one, 'edge sflow')).toBe(false);
  });
});

describe('the interfaces of an exporter', () => {
  it('are those of its flows with their rates, then those that only the monitor knows', () => {
    const known: Interface[] = [
      { index: 1, name: 'ge-0/0/1', alias: 'uplink', speed_bps: 1e9, flow_bps: null, verdict: 'fine: within 2 %' }, { index: 9, name: 'lo0', alias: null, speed_bps: null, flow_bps: null },
      { index: 3, name: 'ge-0/0/3', alias: null, speed_bps: 1e8, flow_bps: null, verdict: 'sampling 1 in 10 is not announced' },
    ];
    const seen = [{ key: { interface: 3 }, octets_in: 3e9, octets_out: 3e8 }, { key: { interface: 77 }, octets_in: 0, octets_out: 600 }] as unknown as Row[];
    const rows = interfaceRows(known, seen, 300_000);
    expect(rows.map(({ index, name, in: into, out }) => [index, name, into, out])).toEqual([[3, 'ge-0/0/3', 1e7, 1e6], [77, 'interface 77', 0, 2], [1, 'ge-0/0/1', null, null], [9, 'lo0', null, null]]);
    expect(rows.map((row) => row.used)).toEqual([0.8, null, null, null]);
    expect(rows.map((row) => row.wrong)).toEqual([true, false, false, false]);
  });
});

describe('settings in words', () => {
  const setting = (key: string, value: Setting['value'], changed = false): Setting => ({ key, value, default: value, changed, allowed: '', description: `of ${key}` });

  it('say what a number means by the unit in its name', () => {
    expect(valueText('store.max_bytes', 21_474_836_480)).toBe('21,474,836,480 (20 GiB)');
    expect(valueText('exporters.max_waiting_bytes_per_sender', 262_144)).toBe('262,144 (256 KiB)');
    expect(valueText('exporters.forget_ms', 604_800_000)).toBe('604,800,000 (7 d)');
    expect(valueText('store.max_age_days', 0)).toBe('0');
    expect(valueText('exporters.max', 4096)).toBe('4,096');
    expect([valueText('api.insecure', false), valueText('receive.listen', ['2055', '4739']), valueText('api.tls_key', ''), valueText('receive.allow', [])]).toEqual(['false', '2055, 4739', 'empty', 'empty']);
    expect(meaningOf('receive.stop_ms', 500)).toBe('');
    expect(allowedText('a whole number from 0 to 1125899906842624')).toBe('a whole number from 0 to 1,125,899,906,842,624');
  });

  it('stand in the sections of the file, as far as the search leaves them', () => {
    const all = [setting('store.max_bytes', 5, true), setting('store.dir', 'data'), setting('api.listen', 'x', true)];
    const keys = (search: string, changed: boolean) => sectionsOf(all, search, changed).map((section) => [section.name, ...section.settings.map((one) => one.key)]);
    expect(keys('', false)).toEqual([['store', 'store.max_bytes', 'store.dir'], ['api', 'api.listen']]);
    expect(keys('', true)).toEqual([['store', 'store.max_bytes'], ['api', 'api.listen']]);
    expect(keys('STORE max', false)).toEqual([['store', 'store.max_bytes']]);
    expect(keys('nothing', false)).toEqual([]);
  });
});

describe('whois', () => {
  it('is for addresses that somebody was given', () => {
    const given = ['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450:4001:81b::200e'];
    const not = ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '127.0.0.1', '169.254.1.1', '100.64.0.1', '0.0.0.0', '224.0.0.1', '255.255.255.255', '192.0.2.1', '198.18.0.1', '::', '::1', 'fe80::1', 'fd00::1', 'ff02::1', '2001:db8::1', '3fff::1', '::ffff:8.8.8.8', '', 'example.com', '1.2.3', '1.2.3.400', '2606::1::2', '2606:4700'];
    expect(given.filter((address) => !isRegistered(address))).toEqual([]);
    expect(not.filter(isRegistered)).toEqual([]);
  });

  it('goes to the address that was set, which holds a place for the address', () => {
    expect(whoisLink('8.8.8.8', 'https://whois.example/?q={address}')).toBe('https://whois.example/?q=8.8.8.8');
    expect(whoisLink('2606:4700::1111', 'https://whois.example/{address}')).toBe('https://whois.example/2606%3A4700%3A%3A1111');
    expect(whoisLink('10.0.0.1', 'https://whois.example/{address}')).toBeNull();
    expect([whoisLink('8.8.8.8', ''), whoisLink('8.8.8.8', 'javascript:alert({address})'), whoisLink('8.8.8.8', 'https://whois.example/')]).toEqual([null, null, null]);
    expect(isWhois(kDefaultPreferences.whois)).toBe(true);
  });
});

describe('preferences', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('take what makes sense, and the default for the rest', () => {
    expect(parsePreferences(null)).toEqual(kDefaultPreferences);
    expect(parsePreferences('not json')).toEqual(kDefaultPreferences);
    expect(parsePreferences('[]')).toEqual(kDefaultPreferences);
    expect(parsePreferences(JSON.stringify({ unit: 'ells', utc: 1, range: 'all', rows: 7, colours: 'pink', compare: 'year', live: 3, whois: 'x' }))).toEqual(kDefaultPreferences);
    const mine = { unit: 'bytes', utc: true, colours: 'contrast', range: '6h', rows: 100, compare: 'none', live: 0, whois: '' };
    expect(parsePreferences(JSON.stringify(mine))).toEqual(mine);
  });

  it('are how a window opens that no link describes', () => {
    const kept = new Map<string, string>();
    vi.stubGlobal('localStorage', { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => kept.set(key, value), removeItem: () => {} });
    expect(preferredView(kDefaultView)).toEqual(kDefaultView);
    keepPreferences({ unit: 'bytes' });
    keepPreferences({ range: '1h', live: 0 });
    expect(preferredView(kDefaultView)).toEqual({ ...kDefaultView, unit: 'bytes', range: { kind: 'last', ms: 3_600_000 }, live: 0 });
    expect(formatView(preferredView(kDefaultView))).toBe('#tab=hosts&range=1h&unit=bytes&live=0');
  });
});

describe('tabs and pages', () => {
  it('are one list for links and keys', () => {
    expect([...kTabs, ...kPages].map((one) => tabOf(one.id))).toEqual([...kTabs, ...kPages].map((one) => one.id));
    expect([1, 8, 9, 10, 0].map(tabOfDigit)).toEqual(['hosts', 'by', 'alerts', 'exporters', null]);
    expect([tabOf('rivers'), tabOf(null)]).toEqual([null, null]);
    expect(tabRow('settings')).toMatchObject({ kind: 'page', traffic: false });
    expect([pageOf('hosts'), pageOf('alerts')?.traffic]).toEqual([null, true]);
  });

  it('come back from the URL', () => {
    expect(parseView('#tab=exporters&exporter=10.0.0.1')).toMatchObject({ tab: 'exporters', exporter: '10.0.0.1' });
    expect(formatView({ ...kDefaultView, tab: 'settings' })).toBe('#tab=settings');
  });
});

describe('rights', () => {
  const login = (role: 'admin' | 'user' | 'viewer', exporters: string[] | null = null) => ({ state: 'ready' as const, login: { user: null, role, expires_ms: 0, exporters, version: '' } });
  it('decide what is offered: a viewer looks, a user deals with alerts, an admin changes', () => {
    expect((['admin', 'user', 'viewer'] as const).map((role) => [mayChange(login(role)), mayAct(login(role))])).toEqual([[true, true], [false, true], [false, false]]);
    expect([reachesAll(login('admin')), reachesAll(login('admin', ['10.0.0.1'])), mayChange({ state: 'connecting' }), mayAct({ state: 'connecting' })]).toEqual([true, false, false, false]);
  });
});

describe('the list of alerts', () => {
  const alert = (id: string, patch: Partial<Alert> = {}): Alert => ({
    id, rule: 'busy client', severity: 'warning', state: 'firing', key: id, title: id, message: 'm', value: null, exporter: null, since_ms: kNow, fired_ms: kNow, resolved_ms: null, range: { from_ms: 0, to_ms: 1 }, filter: '',
    acknowledged_ms: null, acknowledged_by: null, silenced: false, labels: {}, group: null, ...patch,
  });
  const all = [alert('old', { state: 'resolved', severity: 'disaster', resolved_ms: kNow }), alert('minor', { severity: 'information' }), alert('hushed', { silenced: true }), alert('grave', { severity: 'high', exporter: '10.0.0.1' })];
  const ids = (choice: Partial<Parameters<typeof listedAlerts>[1]>) => listedAlerts(all, { view: 'all', severity: null, search: '', ...choice }, (address) => (address === '10.0.0.1' ? 'edge-r1' : address)).map((one) => one.id);

  it('is what was chosen, gravest first, what is over last', () => {
    expect(ids({})).toEqual(['grave', 'hushed', 'minor', 'old']);
    expect(ids({ view: 'open' })).toEqual(['grave', 'hushed', 'minor']);
    expect(ids({ view: 'silenced' })).toEqual(['hushed']);
    expect(ids({ severity: 'high' })).toEqual(['grave', 'old']);
    expect(ids({ search: 'BUSY edge-r1' })).toEqual(['grave']);
    expect(ids({ search: 'nothing' })).toEqual([]);
  });
});
