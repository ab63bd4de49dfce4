import { describe, expect, it } from 'vitest';
import { addTerm, closesOnlyItsOwn, isNegated, negateTerm, removeTerm, splitTerms } from '../src/filter/chips';
import { excludeTerm, includeTerm } from '../src/filter/key_terms';

describe('chips', () => {
  it('are the terms of the outermost and', () => {
    expect(splitTerms('')).toEqual([]);
    expect(splitTerms('host 10.0.0.0/8 and not (port 443 or proto udp) && vlan 3')).toEqual(['host 10.0.0.0/8', 'not (port 443 or proto udp)', 'vlan 3']);
    expect(splitTerms('(host 1.1.1.1 and port 5) AND vlan 3')).toEqual(['(host 1.1.1.1 and port 5)', 'vlan 3']);
  });

  it('stay whole around an or, a quoted name and a number alone', () => {
    expect(splitTerms('port 80 or port 443 and vlan 3')).toEqual(['port 80 or port 443 and vlan 3']);
    expect(splitTerms('exporter "edge and core" and vlan 3')).toEqual(['exporter "edge and core"', 'vlan 3']);
    expect(splitTerms('port 80 and 443 and host 10.0.0.1')).toEqual(['port 80 and 443', 'host 10.0.0.1']);
    expect(splitTerms("exporter 'edge or core' and vlan 3")).toEqual(["exporter 'edge or core'", 'vlan 3']);
    expect(splitTerms('host 10.0.0.0/8 and not 10.1.0.0/16 and 2001:db8::/32')).toEqual(['host 10.0.0.0/8 and not 10.1.0.0/16 and 2001:db8::/32']);
    expect(splitTerms('src and dst net 10.0.0.0/8 and vlan 3')).toEqual(['src and dst net 10.0.0.0/8', 'vlan 3']);
  });

  it('see signs that stand without spaces, as the collector does', () => {
    expect(splitTerms('port 80&&vlan 3')).toEqual(['port 80', 'vlan 3']);
    expect(addTerm('port 80||port 443', 'vlan 3')).toBe('(port 80||port 443) and vlan 3');
    expect(splitTerms('octets!=5 and vlan 3')).toEqual(['octets!=5', 'vlan 3']);
  });

  it('survive mistakes of the writer', () => {
    for (const text of ['and', '((', ') and (', 'not', '"open', 'a and and b']) expect(() => splitTerms(text)).not.toThrow();
  });

  it('never change the meaning when one is added', () => {
    expect(addTerm('', 'vlan 3')).toBe('vlan 3');
    expect(addTerm('port 80 or port 443', 'vlan 3')).toBe('(port 80 or port 443) and vlan 3');
    expect(addTerm('vlan 3', 'port 80 or port 443')).toBe('vlan 3 and (port 80 or port 443)');
    expect(addTerm('vlan 3', 'vlan 3')).toBe('vlan 3');
  });

  it('can be taken away and negated', () => {
    expect(removeTerm('host 1.1.1.1 and vlan 3 and port 5', 1)).toBe('host 1.1.1.1 and port 5');
    expect(negateTerm('vlan 3')).toBe('not vlan 3');
    expect(negateTerm('not vlan 3')).toBe('vlan 3');
    expect(negateTerm('!vlan 3')).toBe('vlan 3');
    expect(negateTerm('port 80 or port 443')).toBe('not (port 80 or port 443)');
    expect(negateTerm('octets > 1M')).toBe('not octets > 1M');
  });

  it('are negated as a whole', () => {
    expect(negateTerm('host 1.1.1.1 port 443')).toBe('not (host 1.1.1.1 port 443)');
    expect(negateTerm('not host 1.1.1.1 port 443')).toBe('not (not host 1.1.1.1 port 443)');
    expect(negateTerm('not vlan 3 or vlan 4')).toBe('not (not vlan 3 or vlan 4)');
    expect(negateTerm('(vlan 3) or (vlan 4)')).toBe('not ((vlan 3) or (vlan 4))');
    expect(negateTerm('not (vlan 3 or vlan 4)')).toBe('(vlan 3 or vlan 4)');
    expect(['not vlan 3', '!vlan 3', 'not (vlan 3 or vlan 4)', 'not vlan 3 or vlan 4', 'vlan 3', 'not (vlan 3) or (vlan 4)'].map(isNegated)).toEqual([true, true, true, false, false, false]);
  });

  it('tell a bracket that closes too early', () => {
    expect(['', 'vlan 3', '(vlan 3) or (vlan 4)', '((', 'exporter "a)" and vlan 3'].every(closesOnlyItsOwn)).toBe(true);
    expect(['vlan 3) or (vlan 4', ')', '(a))('].some(closesOnlyItsOwn)).toBe(false);
  });
});

describe('terms of rows', () => {
  const port = { server_port: 443, protocol: 6 };

  it('select any of the rows', () => {
    expect(includeTerm([])).toBe('');
    expect(includeTerm([{ host: '10.0.0.1' }])).toBe('host 10.0.0.1');
    expect(includeTerm([{ host: '10.0.0.1' }, { host: '::1' }])).toBe('(host 10.0.0.1 or host ::1)');
    expect(includeTerm([{ protocol: 6, server_port: 443 }])).toBe('server_port 443 and protocol 6');
    expect(includeTerm([port, { server_port: 53, protocol: 17 }])).toBe('((server_port 443 and protocol 6) or (server_port 53 and protocol 17))');
  });

  it('exclude all of the rows', () => {
    expect(excludeTerm([{ host: '10.0.0.1' }])).toBe('not host 10.0.0.1');
    expect(excludeTerm([port])).toBe('not (server_port 443 and protocol 6)');
    expect(excludeTerm([{ vlan: 1 }, { vlan: 2 }])).toBe('not (vlan 1 or vlan 2)');
  });
});
