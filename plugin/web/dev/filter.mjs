// The part of the filter language that the development server needs. The real one is the collector's.

const kProtocols = { icmp: 1, tcp: 6, udp: 17, gre: 47, esp: 50, 'ipv6-icmp': 58, sctp: 132 };
const kSuffix = { k: 1e3, m: 1e6, g: 1e9 };

export class FilterError extends Error {
  constructor(column, message) {
    super(message);
    this.column = column;
  }
}

function tokens(text) {
  const found = [];
  const pattern = /\s*(\(|\)|&&|\|\||!|[<>=]=?|[^\s()!<>=]+)/gy;
  while (pattern.lastIndex < text.trimEnd().length) {
    const match = pattern.exec(text);
    found.push({ text: match[1], column: pattern.lastIndex - match[1].length + 1 });
  }
  return found;
}

function bits(address) {
  if (!address.includes(':')) return address.split('.').map((part) => Number(part).toString(2).padStart(8, '0')).join('');
  const [head, tail = ''] = address.split('::');
  const left = head ? head.split(':') : [];
  const right = tail ? tail.split(':') : [];
  const middle = address.includes('::') ? new Array(8 - left.length - right.length).fill('0') : [];
  return [...left, ...middle, ...right].map((part) => parseInt(part, 16).toString(2).padStart(16, '0')).join('');
}

/** Returns a predicate over sessions; throws FilterError. */
export function parseFilter(text) {
  const list = tokens(text);
  let at = 0;
  const end = { text: '', column: text.length + 1 };
  const peek = () => list[at] ?? end;
  const next = () => list[at++] ?? end;

  function either() {
    let left = both();
    while (/^(or|\|\|)$/i.test(peek().text)) {
      next();
      const one = left;
      const other = both();
      left = (session) => one(session) || other(session);
    }
    return left;
  }
  function both() {
    let left = single();
    while (/^(and|&&)$/i.test(peek().text)) {
      next();
      const one = left;
      const other = single();
      left = (session) => one(session) && other(session);
    }
    return left;
  }
  function single() {
    const word = next();
    if (/^(not|!)$/i.test(word.text)) {
      const inner = single();
      return (session) => !inner(session);
    }
    if (word.text === '(') {
      const inner = either();
      const close = next();
      if (close.text !== ')') throw new FilterError(close.column, 'a ")" is missing here');
      return inner;
    }
    return term(word);
  }
  function number() {
    const word = next();
    const match = /^(\d+(?:\.\d+)?)([kmg]?)$/i.exec(word.text);
    if (!match) throw new FilterError(word.column, `a number is expected here, not "${word.text}"`);
    return Number(match[1]) * (kSuffix[match[2].toLowerCase()] ?? 1);
  }
  function address(read) {
    const word = next();
    const [network, length] = word.text.split('/');
    if (!/^(\d+\.\d+\.\d+\.\d+|[0-9a-f:]*:[0-9a-f:]*)$/i.test(network)) throw new FilterError(word.column, `an address is expected here, not "${word.text}"`);
    const prefix = bits(network).slice(0, length === undefined ? 128 : Number(length));
    return (session) => read(session).some((one) => one.includes(':') === network.includes(':') && bits(one).startsWith(prefix));
  }
  function compare(read) {
    const sign = /^[<>=]=?$/.test(peek().text) ? next().text : '=';
    const value = number();
    const tests = { '>': (a) => a > value, '<': (a) => a < value, '>=': (a) => a >= value, '<=': (a) => a <= value, '=': (a) => a === value, '==': (a) => a === value };
    return (session) => read(session).some(tests[sign]);
  }
  function term(word) {
    switch (word.text.toLowerCase()) {
      case 'host': return address((s) => [s.client, s.server]);
      case 'client': return address((s) => [s.client]);
      case 'server': return address((s) => [s.server]);
      case 'exporter': return address((s) => [s.exporter]);
      case 'port': return compare((s) => [s.client_port, s.server_port]);
      case 'interface': return compare((s) => [s.in_if, s.out_if]);
      case 'bytes': return compare((s) => [s.octets]);
      case 'proto': case 'protocol': {
        const known = kProtocols[peek().text.toLowerCase()];
        if (known === undefined) return compare((s) => [s.protocol]);
        next();
        return (s) => s.protocol === known;
      }
      case 'octets': case 'packets': case 'client_port': case 'server_port': case 'in_if': case 'out_if': case 'vlan': case 'tos':
        return compare((s) => [s[word.text.toLowerCase()]]);
      case '': throw new FilterError(word.column, 'a term is expected here, such as "host 10.0.0.1"');
      default: throw new FilterError(word.column, `"${word.text}" is no field of the filter`);
    }
  }

  const test = either();
  if (at < list.length) throw new FilterError(peek().column, `"and" or "or" is expected here, not "${peek().text}"`);
  return test;
}
