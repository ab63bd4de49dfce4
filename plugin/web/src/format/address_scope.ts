// Whether an address is one that a registry gave to somebody: only of those a whois knows anything. Pure.

// RFC 6890 and its updates: what is not globally reachable, and multicast.
const kSpecialV4: [number, number][] = [
  [0x00000000, 8], [0x0a000000, 8], [0x64400000, 10], [0x7f000000, 8], [0xa9fe0000, 16], [0xac100000, 12], [0xc0000000, 24], [0xc0000200, 24],
  [0xc0a80000, 16], [0xc6120000, 15], [0xc6336400, 24], [0xcb007100, 24], [0xe0000000, 4], [0xf0000000, 4],
];

function v4Number(text: string): number | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (!parts || parts.some((part) => part > 255)) return null;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

/** The eight groups; null of what is no IPv6 address. */
function v6Groups(text: string): number[] | null {
  const embedded = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const v4 = embedded?.[2] === undefined ? null : v4Number(embedded[2]);
  if (embedded && v4 === null) return null;
  const plain = v4 === null ? text : `${embedded?.[1]}${Math.floor(v4 / 65_536).toString(16)}:${(v4 % 65_536).toString(16)}`;
  const halves = plain.split('::');
  if (halves.length > 2 || !plain.includes(':')) return null;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':').map((group) => (/^[0-9a-f]{1,4}$/i.test(group) ? Number.parseInt(group, 16) : NaN))));
  const [head = [], tail = []] = groups;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const all = [...head, ...new Array<number>(halves.length === 2 ? missing : 0).fill(0), ...tail];
  return all.some(Number.isNaN) ? null : all;
}

/** False of private, local, reserved and multicast addresses, and of what is no address. */
export function isRegistered(text: string): boolean {
  const v4 = v4Number(text);
  if (v4 !== null) return !kSpecialV4.some(([network, bits]) => Math.floor(v4 / 2 ** (32 - bits)) === Math.floor(network / 2 ** (32 - bits)));
  const groups = v6Groups(text);
  if (groups === null) return false;
  // Global unicast is 2000::/3; documentation (2001:db8::/32, 3fff::/20) is a part of it that nobody has.
  const [first = 0, second = 0] = groups;
  if (first >> 13 !== 1 || (first === 0x2001 && second === 0xdb8)) return false;
  return !(first === 0x3fff && second < 0x1000);
}
