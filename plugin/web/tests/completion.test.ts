import { describe, expect, it } from 'vitest';
import { complete, readBare, type Known } from '../src/filter/completion';

const kKnown: Known = {
  fields: ['host', 'client', 'port', 'server_port', 'protocol', 'exporter', 'interface', 'in_if', 'network', 'octets', 'vlan', 'as_name'].map((name) => ({ name, filter: true, description: `the ${name}` })),
  exporters: [{ address: '192.0.2.1', name: 'edge-r1' }, { address: '192.0.2.2', name: '192.0.2.2' }],
  interfaces: [{ index: 3, name: 'ge-0/0/3' }],
  hosts: ['10.4.7.30', '203.0.113.80'],
  ports: [{ port: 443, name: 'https' }, { port: 8443, name: '' }],
  networks: ['Branch office', 'lan'],
  applications: [],
  values: { vlan: [10, 20], as_name: ['Example or Sons', 'Other Net'] },
  recent: ['port 53', 'host 10.0.0.1'],
};
const offered = (text: string, caret = text.length) => complete(text, caret, kKnown).suggestions.map((one) => one.insert);
function taken(text: string, nth = 0) {
  const { from, to, suggestions } = complete(text, text.length, kKnown);
  return text.slice(0, from) + (suggestions[nth]?.insert ?? '') + text.slice(to);
}

describe('completion', () => {
  it('begins with what was used before, and with the words that are used most', () => {
    expect(offered('')).toEqual(['port 53', 'host 10.0.0.1', 'host', 'port', 'protocol', 'exporter', 'interface', 'network', 'not']);
  });

  it('knows the fields, also in the middle of a filter', () => {
    expect(offered('cl')).toEqual(['client']);
    expect(taken('host 10.0.0.1 and (po')).toBe('host 10.0.0.1 and (port');
    expect(taken('not ser')).toBe('not server_port');
    expect(complete('po and vlan 3', 2, kKnown)).toMatchObject({ from: 0, to: 2 });
  });

  it('knows the values on screen of any field, also of one that is new at the collector', () => {
    expect(offered('vlan 2')).toEqual(['20']);
    expect(offered('not as_name sons')).toEqual(['"Example or Sons"']);
    expect(offered('vlan 10 ')).toEqual(['and', 'or']);
  });

  it('knows the values of a field', () => {
    expect(offered('exporter edge')).toEqual(['192.0.2.1']);
    expect(offered('in_if ')).toEqual(['3']);
    expect(offered('src host 10')).toEqual(['10.4.7.30']);
    expect(offered('port htt')).toEqual(['443']);
    expect(offered('proto u')[0]).toBe('udp');
    expect(offered('network bra')).toEqual(['"Branch office"']);
  });

  it('finds by a name that is typed alone what bears it', () => {
    expect(taken('edge')).toBe('exporter 192.0.2.1');
    expect(taken('http')).toBe('port 443');
    expect(taken('203')).toBe('host 203.0.113.80');
  });

  it('offers to go on after a test, and nothing of what is complete', () => {
    expect(offered('port 443 ')).toEqual(['and', 'or']);
    expect(offered('port 443 a')).toEqual(['and']);
    expect(offered('vlan ')).not.toContain('and');
    expect(offered('octets > ')).not.toContain('and');
  });

  it('never loses what was typed, whatever it is and wherever the caret', () => {
    let state = 3;
    const chance = (below: number) => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) % below;
    const parts = ['host', ' ', '10.4', '(', ')', 'and', '!', '"', "'", '=', 'edge', 'ä', '  ', 'not', ','];
    for (let round = 0; round < 500; round++) {
      const text = Array.from({ length: chance(8) }, () => parts[chance(parts.length)]).join('');
      const caret = chance(text.length + 1);
      const { from, to, suggestions } = complete(text, caret, kKnown);
      expect(from).toBeLessThanOrEqual(to);
      expect(to).toBe(caret);
      expect(new Set(suggestions.map((one) => one.insert)).size).toBe(suggestions.length);
    }
  });
});

it('reads a lone value as what it can only be', () => {
  const cases = { '443': 'port 443', 'not 53': 'not port 53', udp: 'proto udp', 'edge-r1': 'exporter 192.0.2.1', HTTPS: 'port 443', lan: 'network lan', 'branch office': 'network "Branch office"', '10.0.0.1': '10.0.0.1', '99999': '99999', 'port 443': 'port 443', nonsense: 'nonsense' };
  for (const [typed, meant] of Object.entries(cases)) expect(readBare(typed, kKnown), typed).toBe(meant);
});
