// The development server and the schemas agree, and a result that breaks the contract is noticed.
import { describe, expect, it } from 'vitest';
import { exportQuery } from '../src/api/export_csv';
import { drawnOf } from '../src/chart/drawn';
import type { Row } from '../src/generated/api';
import { kDefaultView } from '../src/state/view';
import { sessionsParams, topParams } from '../src/state/queries';
import { exporterSamples, isLoopback, listenPorts } from '../src/pages/exporter_samples';
// @ts-expect-error plain JavaScript of the development server
import { createWorld } from '../dev/answers.mjs';
// @ts-expect-error plain JavaScript of the development server
import { loadSchemas, readOpenrpc } from '../dev/schemas.mjs';

const kNow = 1_700_000_000_000;
const mistakes: (name: string, value: unknown) => string | null = loadSchemas();
const world = createWorld({ generated: true, clock: () => kNow });
const range = { from_ms: kNow - 900_000, to_ms: kNow };

describe('schemas', () => {
  it('hold for every answer of the development server', () => {
    const params: Record<string, object> = { 'flows.top': topParams(kDefaultView, range), 'flows.sessions': sessionsParams(kDefaultView, range), 'query.cancel': { id: 1 }, 'exporters.doctor': { address: '192.0.2.1' } };
    for (const name of Object.keys(world.methods)) {
      expect(mistakes(`${name}.params`, params[name] ?? {})).toBeNull();
      expect(mistakes(`${name}.result`, world.methods[name](params[name] ?? {}))).toBeNull();
    }
  });

  it('have params and result for each method of the OpenRPC document', () => {
    const document = readOpenrpc();
    for (const { name } of document.methods) {
      expect(mistakes(`${name}.result`, 5)).not.toMatch(/no schema/);
      expect(mistakes(`${name}.params`, 5)).not.toMatch(/no schema/);
    }
  });

  it('find what breaks the contract', () => {
    const result = world.methods['flows.top'](topParams(kDefaultView, range));
    expect(mistakes('flows.top.result', { ...result, totals: undefined })).toMatch(/totals/);
    expect(mistakes('flows.top.params', { bye: ['host'] })).toMatch(/additional/);
    expect(mistakes('flows.top.params', { buckets: 2001 })).toMatch(/2000/);
  });
});

describe('development server', () => {
  it('conserves: rows and others are the totals, series are their rows', () => {
    for (const direction of ['talkers', 'listeners', 'both']) {
      const result = world.methods['flows.top']({ by: ['host'], direction, range, limit: 5, buckets: 200, once: true });
      const drawn = result.rows.map((row: Row) => drawnOf(row).octets);
      expect(drawn.reduce((sum: number, octets: number) => sum + octets, result.other.octets)).toBe(result.totals.octets);
      drawn.forEach((octets: number, at: number) => {
        expect(result.series[at].octets.reduce((sum: number, value: number) => sum + value, 0)).toBe(octets);
      });
    }
  });
});

it('writes the export query without the token', () => {
  expect(exportQuery({ range, by: ['server_port', 'protocol'], filter: 'port 1', limit: 5, once: true })).toBe(`from_ms=${range.from_ms}&to_ms=${range.to_ms}&filter=port+1&by=server_port%2Cprotocol&once=true&limit=5`);
});

describe('recipes of exporters', () => {
  const texts = (collector: string, ports: number[]) => new Map(exporterSamples(collector, ports).map((sample) => [sample.name, sample.text]));

  it('name the collector and its port in the words of each device', () => {
    const found = texts('192.0.2.9', [2055, 4739, 6343]);
    expect([...found.keys()]).toEqual(['Cisco IOS, IOS XE', 'Cisco NX-OS', 'Cisco ASA', 'Juniper (Junos)', 'Arista EOS', 'MikroTik', 'FortiGate', 'Palo Alto', 'pfSense, OPNsense', 'VyOS', 'Linux, BSD (softflowd)', 'sFlow switches']);
    for (const [name, text] of found) {
      expect(text, name).toContain('192.0.2.9');
      expect(text, name).toMatch(/\b(2055|6343)\b/);
      expect(text, name).not.toMatch(/undefined|NaN/);
    }
    expect(found.get('Cisco IOS, IOS XE')).toContain('destination 192.0.2.9');
    expect(found.get('Arista EOS')).toContain('sflow destination 192.0.2.9 6343');
  });

  it('send sFlow to the usual port only where the collector listens on it', () => {
    expect(texts('192.0.2.9', [9995]).get('Arista EOS')).toContain('sflow destination 192.0.2.9 9995');
    expect(texts('192.0.2.9', [9995]).get('MikroTik')).toContain('port=9995');
    expect(texts('[2001:db8::1]', [2055]).get('Linux, BSD (softflowd)')).toContain('-n [2001:db8::1]:2055');
    expect(texts('[2001:db8::1]', [2055]).get('FortiGate')).toContain('set collector-ip 2001:db8::1');
  });

  it('take the ports that were set, and never an address that only this machine reaches', () => {
    expect([undefined, '9996', '2055,4739', '[::]:2055, 127.0.0.1:9995', ''].map(listenPorts)).toEqual([[2055, 4739, 6343], [9996], [2055, 4739], [2055, 9995], [2055, 4739, 6343]]);
    expect(['localhost', '127.0.0.1', '[::1]', '10.0.0.1', 'weir.example'].map(isLoopback)).toEqual([true, true, true, false, false]);
  });
});
