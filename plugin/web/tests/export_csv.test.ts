import { expect, it } from 'vitest';
import { exportQuery } from '../src/api/export_csv';

it('writes the export query without the token', () => {
  expect(exportQuery({ range: { from_ms: 1000, to_ms: 2000 }, by: ['server_port', 'protocol'], filter: 'port 1', limit: 5, once: true })).toBe('from_ms=1000&to_ms=2000&filter=port+1&by=server_port%2Cprotocol&once=true&limit=5');
});
