import { beforeEach, describe, expect, it } from 'vitest';
import { includeTerm } from '../src/filter/key_terms';
import { fieldLabel, hasTwoEnds, learnFields, valueTerm } from '../src/format/fields.svelte';
import { rowName, valueName } from '../src/format/names';
import type { Row } from '../src/generated/api';
import { topColumns } from '../src/tables/columns';
import { kToldFields } from './told_fields';

beforeEach(() => learnFields(kToldFields));

/** A column that a collector has and this window was not written for. */
const kNew = { name: 'as_name', label: 'AS name', type: 'as_name', unit: null, filter: true, group_by: true, either_end: true, description: '' };
const row: Row = { key: { as_name: 'Example or Sons' }, octets: 1, packets: 1, flows: 1, sessions: 1, octets_in: 1, octets_out: 1 };

describe('fields that the collector tells', () => {
  it('have its labels, and their names until it has told them', () => {
    expect([fieldLabel('dscp'), fieldLabel('reason'), fieldLabel('as_name')]).toEqual(['DSCP', 'Why this end is the server', 'As name']);
  });

  it('have two ends where it says so', () => {
    expect([hasTwoEnds(['host']), hasTwoEnds(['vlan', 'interface']), hasTwoEnds(['vlan']), hasTwoEnds(['as_name'])]).toEqual([true, true, false, false]);
  });

  it('need nothing here when they are new', () => {
    learnFields([...kToldFields, kNew]);
    expect(hasTwoEnds(['as_name'])).toBe(true);
    expect(topColumns(['as_name'], { measure: 'octets', whole: 1, largest: 1, rows: [row] }).map((column) => column.label)).toEqual(['AS name', 'Bytes', '%', 'In', 'Out', 'Packets', 'Sessions']);
    expect(valueName(row, 'as_name')).toBe('Example or Sons');
    expect(includeTerm([row.key])).toBe('as_name "Example or Sons"');
  });

  it('are written in a filter as it reads them', () => {
    expect([valueTerm('next_hop', ''), valueTerm('vlan', 0), valueTerm('network', 'and'), valueTerm('reason', 'port list'), valueTerm('host', '2001:db8::1'), valueTerm('application', 5)])
      .toEqual(['none', '0', '"and"', '"port list"', '2001:db8::1', '5']);
  });
});

describe('the name of a row', () => {
  const name = (key: Row['key'], label?: Row['label']) => rowName({ key, ...(label ? { label } : {}) });
  it('is made of all its fields', () => {
    expect(name({ client: '10.0.0.1', server_port: 443 }, { server_port: 'https' })).toBe('10.0.0.1 · https');
    expect(name({ client: '10.0.0.1', server: '10.0.0.2' })).toBe('10.0.0.1 → 10.0.0.2');
    expect(name({ client: '10.0.0.1', server: '10.0.0.2', server_port: 443, protocol: 6 })).toBe('10.0.0.1 → 10.0.0.2 tcp/443');
    expect([name({ server_port: 443 }), name({ server_port: 443, protocol: 6 }, { server_port: 'https' })]).toEqual(['443', 'https 443/tcp']);
    expect(name({ host: '10.0.0.1', vlan: 5 })).toBe('10.0.0.1 · 5');
  });
});
