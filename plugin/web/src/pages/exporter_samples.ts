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
  const texts = (Array.isArray(setting) ? setting : [setting]).filter((text) => typeof text === 'string');
  const ports = texts.join(',').split(/[\s,]+/).map((part) => Number(/(\d+)\]?$/.exec(part)?.[1] ?? 0)).filter((port) => port > 0);
  return ports.length > 0 ? ports : kDefaultPorts;
}

/** Where the device shall send to, as its words need it. */
interface Target {
  address: string;
  port: number;
  /** Of the ports that the collector listens on, the one that is usual for sFlow. */
  sflow: number;
  /** "192.0.2.9:2055", "[2001:db8::1]:2055" */
  both: string;
}

interface Recipe {
  name: string;
  note: string;
  lines: (target: Target) => string[];
}

const kRecipes: readonly Recipe[] = [
  {
    name: 'Cisco IOS, IOS XE',
    note: 'An active timeout of 60 seconds keeps long transfers in step with the chart. Give every interface the monitor on input, so that each packet is counted once. The record of IPv6 is “netflow ipv6 original-input”, in a monitor of its own.',
    lines: ({ address, port }) => [
      'flow exporter WEIR', ` destination ${address}`, ` transport udp ${port}`, ' export-protocol netflow-v9', ' template data timeout 60', ' option interface-table timeout 60', '!',
      'flow monitor WEIR-IN', ' exporter WEIR', ' cache timeout active 60', ' record netflow ipv4 original-input', '!',
      'interface GigabitEthernet0/0', ' ip flow monitor WEIR-IN input',
    ],
  },
  {
    name: 'Cisco NX-OS',
    note: 'Nexus 7000 and 9000. “use-vrf management” and mgmt0: leave them out when the collector is reached through a front port. Give every layer 3 interface the monitor on input.',
    lines: ({ address, port }) => [
      'feature netflow', 'flow timeout active 60', '', 'flow exporter WEIR', `  destination ${address} use-vrf management`, '  source mgmt0', `  transport udp ${port}`, '  version 9', '    template data timeout 60', '',
      'flow record WEIR', '  match ipv4 source address', '  match ipv4 destination address', '  match ip protocol', '  match transport source-port', '  match transport destination-port',
      '  collect transport tcp flags', '  collect counter bytes', '  collect counter packets', '  collect timestamp sys-uptime first', '  collect timestamp sys-uptime last', '',
      'flow monitor WEIR', '  record WEIR', '  exporter WEIR', '', 'interface Ethernet1/1', '  ip flow monitor WEIR input',
    ],
  },
  {
    name: 'Cisco ASA',
    note: '“inside” is the name of the interface that leads to the collector. The ASA sends NetFlow v9 (NSEL); the refresh interval of one minute reports long connections while they last.',
    lines: ({ address, port }) => [
      `flow-export destination inside ${address} ${port}`, 'flow-export template timeout-rate 1', 'flow-export active refresh-interval 1', '!',
      'policy-map global_policy', ' class class-default', `  flow-export event-type all destination ${address}`, '!', 'service-policy global_policy global',
    ],
  },
  {
    name: 'Juniper (Junos)',
    note: 'Inline IPFIX of the MX series. SOURCE is an address of the router; fpc 0 the card of the interface. The rate of 1 in 1000 is announced to the collector, which scales by it.',
    lines: ({ address, port }) => [
      'set services flow-monitoring version-ipfix template WEIR ipv4-template', 'set services flow-monitoring version-ipfix template WEIR flow-active-timeout 60', 'set services flow-monitoring version-ipfix template WEIR flow-inactive-timeout 15',
      'set services flow-monitoring version-ipfix template WEIR template-refresh-rate seconds 60', 'set services flow-monitoring version-ipfix template WEIR option-refresh-rate seconds 60',
      'set forwarding-options sampling instance WEIR input rate 1000', `set forwarding-options sampling instance WEIR family inet output flow-server ${address} port ${port}`,
      `set forwarding-options sampling instance WEIR family inet output flow-server ${address} version-ipfix template WEIR`, 'set forwarding-options sampling instance WEIR family inet output inline-jflow source-address SOURCE',
      'set chassis fpc 0 sampling-instance WEIR', 'set interfaces ge-0/0/0 unit 0 family inet sampling input',
    ],
  },
  {
    name: 'Arista EOS',
    note: 'sFlow. One packet in 4096 is sampled; the collector scales by what the switch says. The source interface is the one whose address shall name the switch here.',
    lines: ({ address, sflow }) => ['sflow sample 4096', 'sflow polling-interval 30', `sflow destination ${address} ${sflow}`, 'sflow source-interface Management1', 'sflow run'],
  },
  {
    name: 'MikroTik',
    note: 'RouterOS 6 and 7. version=ipfix works as well.',
    lines: ({ address, port }) => [
      '/ip traffic-flow set enabled=yes interfaces=all active-flow-timeout=1m', `/ip traffic-flow target add dst-address=${address} port=${port} version=9 v9-template-timeout=1m`,
    ],
  },
  {
    name: 'FortiGate',
    note: 'Timeouts are seconds from FortiOS 7.2 on, minutes before: write 1 there. Newer versions have the collector in “config collectors”, “edit 1”. Give the interfaces to the Internet “both”, or all interfaces “rx”: then each packet is counted once.',
    lines: ({ address, port }) => [
      'config system netflow', `    set collector-ip ${address}`, `    set collector-port ${port}`, '    set active-flow-timeout 60', '    set template-tx-timeout 60', 'end',
      'config system interface', '    edit "wan1"', '        set netflow-sampler both', '    next', 'end',
    ],
  },
  {
    name: 'Palo Alto',
    note: 'PAN-OS, in configuration mode. The active timeout is in minutes. Every interface that shall be seen gets the profile.',
    lines: ({ address, port }) => [
      'set shared server-profile netflow WEIR active-timeout 1', 'set shared server-profile netflow WEIR template-refresh-rate minutes 1', `set shared server-profile netflow WEIR server COLLECTOR host ${address} port ${port}`,
      'set network interface ethernet ethernet1/1 layer3 netflow-profile WEIR', 'commit',
    ],
  },
  {
    name: 'pfSense, OPNsense',
    note: 'Both have it in their web pages. pfSense needs the package softflowd.',
    lines: ({ address, port, both }) => [
      'OPNsense: Reporting > NetFlow', '  Listening interfaces   LAN, WAN', '  WAN interfaces         WAN', '  Version                v9', `  Destinations           ${both}`, '',
      'pfSense: System > Package Manager > softflowd, then Services > softflowd', '  Interface              WAN', `  Host                   ${address}`, `  Port                   ${port}`, '  Netflow version        9', '  Timeouts, maximum life 60',
    ],
  },
  {
    name: 'VyOS',
    note: 'VyOS 1.4 and later. One line “interface” for each interface that shall be seen.',
    lines: ({ address, port }) => [
      'set system flow-accounting interface eth0', 'set system flow-accounting disable-imt', 'set system flow-accounting netflow version 9', `set system flow-accounting netflow server ${address} port ${port}`,
      'set system flow-accounting netflow timeout max-active-life 60', 'set system flow-accounting netflow timeout expiry-interval 60', 'commit', 'save',
    ],
  },
  {
    name: 'Linux, BSD (softflowd)',
    note: 'eth0 is the interface to watch. On the collector\'s own machine the address can be 127.0.0.1.',
    lines: ({ both }) => [`softflowd -i eth0 -v 9 -t maxlife=60 -n ${both}`, '', '# as IPFIX:', `softflowd -i eth0 -v 10 -t maxlife=60 -n ${both}`],
  },
  {
    name: 'sFlow switches',
    note: 'Take the lines of your switch. A rate of 1 in 1000 suits links of 1 Gbit/s, 1 in 4000 those of 10 Gbit/s; the collector scales by what the switch says.',
    lines: ({ address, sflow }) => [
      '! HPE ArubaOS-Switch, ProCurve', `sflow 1 destination ${address} ${sflow}`, 'sflow 1 sampling all 1000', 'sflow 1 polling all 30', '',
      '! Aruba CX', 'sflow', `sflow collector ${address} port ${sflow}`, 'sflow sampling 1000', 'sflow polling 30', '',
      '# Juniper EX, QFX', `set protocols sflow collector ${address} udp-port ${sflow}`, 'set protocols sflow sample-rate ingress 1000', 'set protocols sflow polling-interval 30', 'set protocols sflow interfaces ge-0/0/0.0', '',
      '# Linux with hsflowd: /etc/hsflowd.conf', 'sflow {', `  collector { ip=${address} udpport=${sflow} }`, '  pcap { dev=eth0 }', '}',
    ],
  },
];

const kSflowPort = 6343;

/** In the order in which they are offered. `ports`: those that the collector listens on. */
export function exporterSamples(collector: string, ports: readonly number[]): ExporterSample[] {
  const address = collector.replace(/^\[|\]$/g, '');
  const port = ports[0] ?? 2055;
  const target = { address, port, sflow: ports.includes(kSflowPort) ? kSflowPort : port, both: address.includes(':') ? `[${address}]:${port}` : `${address}:${port}` };
  return kRecipes.map(({ name, note, lines }) => ({ name, note, text: lines(target).join('\n') }));
}
