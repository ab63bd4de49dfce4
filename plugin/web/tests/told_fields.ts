// Some fields as a collector tells them.

import type { Field } from '../src/format/fields.svelte';

function field(name: string, label: string, type: string, either_end = false, group_by = true): Field {
  return { name, label, type, unit: null, filter: true, group_by, either_end, description: `What ${name} is` };
}

export const kToldFields: Field[] = [
  field('host', 'Host', 'address', true), field('client', 'Client', 'address'), field('server', 'Server', 'address'), field('server_port', 'Server port', 'number'),
  field('protocol', 'Protocol', 'protocol'), field('vlan', 'VLAN', 'number'), field('in_if', 'In interface', 'number'), field('interface', 'Interface', 'number', true),
  field('dscp', 'DSCP', 'number'), field('network', 'Network', 'network', true), field('application', 'Application', 'application'), field('next_hop', 'Next hop', 'address'),
  field('reason', 'Why this end is the server', 'reason'), field('octets', 'Octets', 'counter', false, false),
];
