// Numbers as an operator reads them: SI prefixes, three significant digits, thin and aligned.

export type RateUnit = 'bits' | 'bytes';

const kPrefixes = ['', 'k', 'M', 'G', 'T', 'P', 'E'];

interface Scaled {
  digits: string;
  prefix: string;
}

function scaled(value: number): Scaled {
  let magnitude = Math.abs(value);
  let step = 0;
  // 999.5 would print as "1000": go to the next prefix before rounding gets there.
  while (magnitude >= 999.5 && step < kPrefixes.length - 1) {
    magnitude /= 1000;
    step += 1;
  }
  const digits = step === 0 ? String(Math.round(magnitude)) : magnitude.toFixed(magnitude < 9.995 ? 2 : magnitude < 99.95 ? 1 : 0);
  return { digits: value < 0 ? `−${digits}` : digits, prefix: kPrefixes[step] ?? '' };
}

/** "11.9 GB"; decimal prefixes, as links and disks are sold. */
export function formatBytes(octets: number): string {
  const { digits, prefix } = scaled(octets);
  return `${digits} ${prefix}B`;
}

/** "340 Mbit/s" or "42.5 MB/s" from octets per second; "<1 bit/s" for what is there but would round away. */
export function formatRate(octetsPerSecond: number, unit: RateUnit): string {
  const rate = unit === 'bits' ? octetsPerSecond * 8 : octetsPerSecond;
  const { digits, prefix } = scaled(rate);
  return `${rate > 0 && rate < 0.5 ? '<1' : digits} ${prefix}${unit === 'bits' ? 'bit/s' : 'B/s'}`;
}

/** "340 M" where the unit stands elsewhere. */
export function formatShortRate(octetsPerSecond: number, unit: RateUnit): string {
  return formatRate(octetsPerSecond, unit).replace(/(?:bit|B)\/s$/, '').trimEnd();
}

/** A short axis label, "250 M", from a value already in the axis's unit. */
export function formatAxis(value: number): string {
  if (value === 0) return '0';
  let magnitude = Math.abs(value);
  let step = 0;
  while (magnitude >= 1000 && step < kPrefixes.length - 1) {
    magnitude /= 1000;
    step += 1;
  }
  return `${value < 0 ? '−' : ''}${Number(magnitude.toPrecision(3))} ${kPrefixes[step] ?? ''}`.trimEnd();
}

/** "184,209": every digit, for counts that are compared exactly. */
export function formatCount(count: number): string {
  return Math.round(count).toString().replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** Sums that reach this are marked by the API: the true ones are larger. */
const kSaturated = 2 ** 64;

/** "31.2" of "31.2 %"; "<0.1" for what is there but would round away; "–" of a sum that is too small. */
export function formatShare(part: number, whole: number): string {
  if (whole >= kSaturated) return '–';
  if (whole <= 0 || part <= 0) return '0.0';
  const percent = (100 * part) / whole;
  return percent < 0.05 ? '<0.1' : percent.toFixed(1);
}
