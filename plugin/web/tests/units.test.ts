import { describe, expect, it } from 'vitest';
import { formatAxis, formatBytes, formatCount, formatRate, formatShare } from '../src/format/units';

it('does not call a trickle nothing', () => {
  expect([formatRate(0, 'bits'), formatRate(0.01, 'bits'), formatRate(0.3, 'bytes'), formatRate(0.6, 'bytes')]).toEqual(['0 bit/s', '<1 bit/s', '<1 B/s', '1 B/s']);
  expect([0, 0.0025, 0.30000000000000004, 1250, 999_000].map(formatAxis)).toEqual(['0', '0.0025', '0.3', '1.25 k', '999 k']);
});

describe('units', () => {
  it('keeps three digits and never prints 1000 of a unit', () => {
    expect(formatBytes(0)).toBe('0 B');
    expect(formatBytes(999)).toBe('999 B');
    expect(formatBytes(999.6)).toBe('1.00 kB');
    expect(formatBytes(1234)).toBe('1.23 kB');
    expect(formatBytes(9_996)).toBe('10.0 kB');
    expect(formatBytes(99_960)).toBe('100 kB');
    expect(formatBytes(999_499)).toBe('999 kB');
    expect(formatBytes(999_500)).toBe('1.00 MB');
    expect(formatBytes(11_900_000_000)).toBe('11.9 GB');
    expect(formatBytes(2 ** 53)).toBe('9.01 PB');
  });

  it('turns octets per second into bits or bytes', () => {
    expect(formatRate(42_500_000, 'bits')).toBe('340 Mbit/s');
    expect(formatRate(42_500_000, 'bytes')).toBe('42.5 MB/s');
  });

  it('labels the axis without needless digits', () => {
    expect([0, 250e6, 1e9, 1.1e9, 2500].map(formatAxis)).toEqual(['0', '250 M', '1 G', '1.1 G', '2.5 k']);
  });

  it('shows every digit of a count', () => {
    expect([0, 999, 1000, 184_209, 9_666_905].map(formatCount)).toEqual(['0', '999', '1,000', '184,209', '9,666,905']);
  });

  it('tells nothing from next to nothing', () => {
    expect(formatShare(0, 100)).toBe('0.0');
    expect(formatShare(1, 100_000)).toBe('<0.1');
    expect(formatShare(312, 1000)).toBe('31.2');
    expect(formatShare(1, 0)).toBe('0.0');
    expect(formatShare(5, 2 ** 64)).toBe('–');
  });
});
