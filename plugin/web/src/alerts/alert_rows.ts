// Which alerts the page lists. Pure.

import type { Alert } from '../generated/api';
import { kSeverities, type Severity } from './severity';
import { byUrgency } from './words';

export type AlertView = 'open' | 'all' | 'silenced';

export interface AlertChoice {
  view: AlertView;
  /** This severity and worse; null: every one. */
  severity: Severity | null;
  search: string;
}

export function listedAlerts(alerts: readonly Alert[], { view, severity, search }: AlertChoice, nameOf: (address: string) => string): Alert[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const least = severity === null ? 0 : kSeverities.indexOf(severity);
  const text = (alert: Alert) => [alert.rule, alert.title, alert.key, alert.message, alert.severity, alert.exporter === null ? '' : `${alert.exporter} ${nameOf(alert.exporter)}`].join(' ').toLowerCase();
  return alerts
    .filter((alert) => (view === 'all' || alert.state === 'firing') && (view !== 'silenced' || alert.silenced) && kSeverities.indexOf(alert.severity) >= least)
    .filter((alert) => words.length === 0 || words.every((word) => text(alert).includes(word)))
    .sort(byUrgency);
}
