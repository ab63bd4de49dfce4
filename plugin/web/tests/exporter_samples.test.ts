// Recipes of exporters: the words of each device, with the collector's own address and port.
import { describe, expect, it } from 'vitest';
import { exporterSamples, isLoopback, listenPorts } from '../src/pages/exporter_samples';

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
