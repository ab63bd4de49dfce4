// What can follow at the caret of the filter box: words of the language, fields of the collector, and the values that are known
// here. A value alone (443, 10.4.7.30, edge-r1) is read as what it can only be. Pure.

export interface Known {
  fields: readonly { name: string; filter: boolean; description: string }[];
  exporters: readonly { address: string; name: string }[];
  /** Of the exporter in view. */
  interfaces: readonly { index: number; name: string }[];
  hosts: readonly string[];
  /** Server ports on screen, with the service's name. */
  ports: readonly { port: number; name: string }[];
  networks: readonly string[];
  applications: readonly string[];
  /** Of any field that rows on screen are by. */
  values: Readonly<Record<string, readonly (string | number)[]>>;
  /** Filters that were used before, newest first. */
  recent: readonly string[];
}

export interface Suggestion {
  /** Stands in the place of the word at the caret. */
  insert: string;
  label: string;
  note: string;
  /** A whole filter rather than a word. */
  whole: boolean;
}

export interface Completion {
  /** The word that is replaced. */
  from: number;
  to: number;
  suggestions: Suggestion[];
}

const kMost = 9;
const kProtocols = ['tcp', 'udp', 'icmp', 'ipv6-icmp', 'esp', 'gre', 'ospf', 'sctp'];
const kJoins = [
  { insert: 'and', note: 'both' }, { insert: 'or', note: 'either' },
];
/** Besides the fields: other names of the language. */
const kWords = [
  { insert: 'not', note: 'all but what follows' }, { insert: 'src', note: 'the sending end: src host 10.0.0.1' }, { insert: 'dst', note: 'the receiving end: dst port 443' },
  { insert: 'net', note: 'a network: net 10.0.0.0/8' }, { insert: 'proto', note: 'IP protocol, by name or number' },
];
/** After these a value is expected, and a field may follow before it. */
const kBefore = new Set(['not', 'src', 'dst', '!', '(', 'and', 'or', '&&', '||']);
const kHosts = new Set(['host', 'client', 'server', 'net']);
const kPorts = new Set(['port', 'client_port', 'server_port']);
const kInterfaces = new Set(['interface', 'in_if', 'out_if']);

interface Word {
  text: string;
  from: number;
}

function wordsBefore(text: string, caret: number): { word: Word; before: string } {
  const head = text.slice(0, caret);
  const from = /[^\s()!,=<>"']*$/.exec(head)?.index ?? caret;
  const before = /(\(|!|[^\s()!]+)\s*$/.exec(head.slice(0, from))?.[1]?.toLowerCase() ?? '';
  return { word: { text: head.slice(from), from }, before };
}

function quoted(name: string): string {
  return /^[\w.:/-]+$/.test(name) ? name : `"${name.replaceAll('"', '')}"`;
}

function valuesOf(field: string, known: Known): Omit<Suggestion, 'whole'>[] {
  if (kHosts.has(field)) return known.hosts.map((host) => ({ insert: host, label: host, note: 'on screen' }));
  if (kPorts.has(field)) return known.ports.map(({ port, name }) => ({ insert: String(port), label: String(port), note: name }));
  if (field === 'exporter') return known.exporters.map(({ address, name }) => ({ insert: address, label: name, note: name === address ? '' : address }));
  if (kInterfaces.has(field)) return known.interfaces.map(({ index, name }) => ({ insert: String(index), label: name, note: `#${index}` }));
  if (field === 'proto' || field === 'protocol') return kProtocols.map((name) => ({ insert: name, label: name, note: '' }));
  if (field === 'network') return known.networks.map((name) => ({ insert: quoted(name), label: name, note: '' }));
  if (field === 'application') return known.applications.map((name) => ({ insert: quoted(name), label: name, note: '' }));
  return (known.values[field] ?? []).map((value) => ({ insert: quoted(String(value)), label: String(value), note: 'on screen' }));
}

/** A value needs an operator before it, not a field: then what follows is "and" or "or". */
function isComplete(before: string, known: Known): boolean {
  return before !== '' && !kBefore.has(before) && !known.fields.some((field) => field.name === before) && !['net', 'proto'].includes(before) && !/^[=<>!]=?$/.test(before);
}

export function complete(text: string, caret: number, known: Known): Completion {
  const { word, before } = wordsBefore(text, caret);
  const typed = word.text.toLowerCase();
  const range = { from: word.from, to: caret };
  const starts = (label: string) => label.toLowerCase().startsWith(typed);
  const holds = (label: string) => label.toLowerCase().includes(typed);
  const take = (all: Omit<Suggestion, 'whole'>[]) => {
    const found = [...all.filter((one) => starts(one.label) || starts(one.insert)), ...all.filter((one) => !starts(one.label) && !starts(one.insert) && (holds(one.label) || holds(one.note)))];
    const rest = found.filter((one) => one.insert.toLowerCase() !== typed).slice(0, kMost);
    return rest.map((one) => ({ ...one, whole: false }));
  };
  const values = valuesOf(before, known);
  if (values.length > 0) return { ...range, suggestions: take(values) };
  if (isComplete(before, known)) return { ...range, suggestions: take(kJoins.map((one) => ({ ...one, label: one.insert }))) };
  const words = [
    ...known.fields.filter((field) => field.filter).map((field) => ({ insert: field.name, label: field.name, note: field.description })),
    ...kWords.filter((one) => !known.fields.some((field) => field.name === one.insert)).map((one) => ({ ...one, label: one.insert })),
  ];
  const recent = text.trim() === '' ? known.recent.slice(0, 4).map((filter) => ({ insert: filter, label: filter, note: 'used before', whole: true })) : [];
  if (typed === '') return { ...range, suggestions: [...recent, ...take(words.filter((one) => ['host', 'port', 'protocol', 'exporter', 'interface', 'network', 'not'].includes(one.insert)))] };
  // A name that is typed alone: what bears it.
  const named = take([
    ...known.exporters.map(({ address, name }) => ({ insert: `exporter ${address}`, label: name, note: 'exporter' })),
    ...known.ports.filter(({ name }) => name !== '').map(({ port, name }) => ({ insert: `port ${port}`, label: name, note: `port ${port}` })),
    ...known.hosts.map((host) => ({ insert: `host ${host}`, label: host, note: 'host' })),
    ...known.networks.map((name) => ({ insert: `network ${quoted(name)}`, label: name, note: 'network' })),
    ...known.applications.map((name) => ({ insert: `application ${quoted(name)}`, label: name, note: 'application' })),
  ]);
  return { ...range, suggestions: [...take(words), ...named].slice(0, kMost) };
}

/** What a lone value means: "443" is port 443, "udp" a protocol, a name what bears it. Else what was typed. */
export function readBare(text: string, known: Known): string {
  const typed = text.trim();
  const bare = typed.replace(/^(not\s+|!\s*)/i, '');
  const not = bare === typed ? '' : 'not ';
  if (/^\d{1,5}$/.test(bare) && Number(bare) <= 65_535) return `${not}port ${bare}`;
  const name = bare.toLowerCase();
  if (kProtocols.includes(name)) return `${not}proto ${name}`;
  const exporter = known.exporters.find((one) => one.name.toLowerCase() === name && one.name !== one.address);
  if (exporter) return `${not}exporter ${exporter.address}`;
  const port = known.ports.find((one) => one.name.toLowerCase() === name);
  if (port) return `${not}port ${port.port}`;
  const network = known.networks.find((one) => one.toLowerCase() === name);
  if (network) return `${not}network ${quoted(network)}`;
  const application = known.applications.find((one) => one.toLowerCase() === name);
  if (application) return `${not}application ${quoted(application)}`;
  return typed;
}
