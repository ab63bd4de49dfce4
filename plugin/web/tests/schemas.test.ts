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
    const params: Record<string, object> = { 'flows.top': topParams(kDefaultView, range), 'flows.sessions': sessionsParams(kDefaultView, range), 'query.cancel': { id: 1 } };
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

it('shows exporters where to send', () => {
  const [cisco, softflowd, mikrotik] = exporterSamples('192.0.2.9', 2055).map((sample) => sample.text);
  expect(cisco).toContain('destination 192.0.2.9');
  expect(softflowd).toContain('-n 192.0.2.9:2055');
  expect(mikrotik).toContain('dst-address=192.0.2.9 port=2055');
  expect(exporterSamples('[2001:db8::1]', 2055)[1]?.text).toContain('-n [2001:db8::1]:2055');
  expect([undefined, '9996', '2055,4739', '[::]:2055, 127.0.0.1:9995', ''].map(listenPorts)).toEqual([[2055, 4739, 6343], [9996], [2055, 4739], [2055, 9995], [2055, 4739, 6343]]);
  expect(['localhost', '127.0.0.1', '[::1]', '10.0.0.1', 'weir.example'].map(isLoopback)).toEqual([true, true, true, false, false]);
});
