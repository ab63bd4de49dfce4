// From an alert to the flows that it is about.

import type { Alert } from '../generated/api';
import type { FlowsWindow } from '../state/flows_window.svelte';
import { fixedRange } from '../state/time_range';

/** Its window and its key, by hosts. */
export function showEvidence(flows: FlowsWindow, alert: Alert): void {
  flows.change({ tab: 'hosts', selected: [], range: fixedRange(alert.range.from_ms, alert.range.to_ms), zoomedFrom: null, at_ms: null, filter: alert.filter, exporter: null, interface: null, direction: 'both', shape: 'table', sort: 'octets', order: 'desc' });
}
