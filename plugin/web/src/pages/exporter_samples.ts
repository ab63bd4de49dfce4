// Configuration that makes common exporters send to this collector.

export interface ExporterSample {
  name: string;
  text: string;
  note: string;
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || /^127\./.test(hostname) || hostname === '[::1]' || hostname === '::1';
}

export const kDefaultPorts = [2055, 4739, 6343];

/** Ports of the setting receive.listen ("2055,4739" or "[::]:2055"); those of the defaults if it was not changed. */
export function listenPorts(setting: unknown): number[] {
  const ports = String(setting ?? '').split(/[\s,]+/).map((part) => Number(/(\d+)\]?$/.exec(part)?.[1] ?? 0)).filter((port) => port > 0);
  return ports.length > 0 ? ports : kDefaultPorts;
}

export function exporterSamples(collector: string, port: number): ExporterSample[] {
  const address = collector.replace(/^\[|\]$/g, '');
  const target = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  return [
    {
      name: 'Cisco IOS',
      text: [
        'flow exporter WEIR',
        ` destination ${address}`,
        ` transport udp ${port}`,
        ' export-protocol netflow-v9',
        ' template data timeout 60',
        '!',
        'flow monitor WEIR-IN',
        ' exporter WEIR',
        ' cache timeout active 60',
        ' record netflow ipv4 original-input',
        '!',
        'interface GigabitEthernet0/0',
        ' ip flow monitor WEIR-IN input',
      ].join('\n'),
      note: 'An active timeout of 60 seconds keeps long transfers in step with the chart. Give every interface the monitor on input, so that each packet is counted once.',
    },
    {
      name: 'softflowd (Linux, BSD)',
      text: [`softflowd -i eth0 -v 9 -t maxlife=60 -n ${target}`, '', '# as IPFIX:', `softflowd -i eth0 -v 10 -t maxlife=60 -n ${target}`].join('\n'),
      note: 'eth0 is the interface to watch. On the collector\'s own machine the address can be 127.0.0.1.',
    },
    {
      name: 'MikroTik',
      text: [
        '/ip traffic-flow set enabled=yes interfaces=all active-flow-timeout=1m',
        `/ip traffic-flow target add dst-address=${address} port=${port} version=9 v9-template-timeout=1m`,
      ].join('\n'),
      note: 'RouterOS 6 and 7. version=ipfix works as well.',
    },
  ];
}
