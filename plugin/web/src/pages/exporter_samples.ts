// Configuration that makes common exporters send to this collector. The lines are in exporter_recipes.json, which
// docs/exporters.md is made of, too.
import recipes from './exporter_recipes.json';

export interface ExporterSample {
  name: string;
  text: string;
  note: string;
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || /^127\./.test(hostname) || hostname === '[::1]' || hostname === '::1';
}

// Where the device shall send to: {address}, {port}, {sflow} (the port that is usual for sFlow, if the collector listens on it),
// {both} and {both_sflow} as "192.0.2.9:2055" or "[2001:db8::1]:2055".
const kSflowPort = 6343;
export const kDefaultPorts = [2055, 4739, 6343];

/** Ports of the setting receive.listen ("2055,4739" or "[::]:2055"); those of the defaults if it was not changed. */
export function listenPorts(setting: unknown): number[] {
  const texts = (Array.isArray(setting) ? setting : [setting]).filter((text) => typeof text === 'string');
  const ports = texts.join(',').split(/[\s,]+/).map((part) => Number(/(\d+)\]?$/.exec(part)?.[1] ?? 0)).filter((port) => port > 0);
  return ports.length > 0 ? ports : kDefaultPorts;
}

/** In the order in which they are offered. `ports`: those that the collector listens on. */
export function exporterSamples(collector: string, ports: readonly number[]): ExporterSample[] {
  const address = collector.replace(/^\[|\]$/g, '');
  const at = (port: number) => (address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`);
  const port = ports[0] ?? 2055;
  const sflow = ports.includes(kSflowPort) ? kSflowPort : port;
  const target: Record<string, string> = { address, port: String(port), sflow: String(sflow), both: at(port), both_sflow: at(sflow) };
  const filled = (line: string) => line.replace(/\{(address|port|sflow|both|both_sflow)\}/g, (_, word: string) => target[word] ?? '');
  return recipes.map(({ name, note, lines }) => ({ name, note, text: lines.map(filled).join('\n') }));
}
