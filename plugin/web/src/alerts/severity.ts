// How bad an alert is. The bell and the marks of the chart need no more of alerts than this. Pure.

import type { Alert } from '../generated/api';

export type Severity = Alert['severity'];
export const kSeverities: readonly Severity[] = ['information', 'warning', 'average', 'high', 'disaster'];

export function worstOf(alerts: readonly Alert[]): Severity | null {
  return alerts.reduce<Severity | null>((worst, { severity }) => (worst === null || kSeverities.indexOf(severity) > kSeverities.indexOf(worst) ? severity : worst), null);
}
