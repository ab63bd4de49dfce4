// Where alerts fired on the time axis of a stack: alerts that would stand on each other are one mark. Pure.

import { kSeverities, type Severity } from '../alerts/severity';
import type { Alert, Rule, RulesTestResult } from '../generated/api';
import { bucketAt, bucketStart, type Stack } from './stack';

/** An alert, or one that a back-test found. */
export interface Fired {
  at_ms: number;
  rule: string;
  message: string;
  severity: Severity;
  /** Of a back-test: it would have fired. */
  supposed: boolean;
}

export interface Mark {
  bucket: number;
  at_ms: number;
  fired: Fired[];
  severity: Severity;
  supposed: boolean;
}

/** What a chart of one exporter (null: of all) marks: its alerts, those of no exporter, and what a back-test found. */
export function firedAlerts(alerts: readonly Alert[], backTest: { rule: string; result: RulesTestResult } | null, rules: readonly Rule[], exporter: string | null): Fired[] {
  const real = alerts.filter((alert) => alert.key !== '*' && (exporter === null || alert.exporter === null || alert.exporter === exporter))
    .map(({ fired_ms, rule, message, severity }) => ({ at_ms: fired_ms, rule, message, severity, supposed: false }));
  if (backTest === null) return real;
  const severity = rules.find((rule) => rule.name === backTest.rule)?.severity ?? 'warning';
  return [...real, ...backTest.result.alerts.map(({ fired_ms, message }) => ({ at_ms: fired_ms, rule: backTest.rule, message, severity, supposed: true }))];
}

/** One mark per bucket in which something fired, in the order of time. */
export function marksOf(fired: readonly Fired[], stack: Stack): Mark[] {
  const marks = new Map<number, Mark>();
  for (const one of fired) {
    if (one.at_ms < stack.from_ms || one.at_ms >= stack.to_ms) continue;
    const bucket = bucketAt(stack, one.at_ms);
    const mark = marks.get(bucket);
    if (!mark) {
      marks.set(bucket, { bucket, at_ms: Math.min(stack.to_ms, (bucketStart(stack, bucket) + bucketStart(stack, bucket + 1)) / 2), fired: [one], severity: one.severity, supposed: one.supposed });
      continue;
    }
    mark.fired.push(one);
    if (kSeverities.indexOf(one.severity) > kSeverities.indexOf(mark.severity)) mark.severity = one.severity;
    mark.supposed = mark.supposed && one.supposed;
  }
  return [...marks.values()].sort((one, other) => one.bucket - other.bucket);
}

/** The marks that a pointer at time_ms means, reach_ms to either side. */
export function marksNear(marks: readonly Mark[], time_ms: number, reach_ms: number): Mark[] {
  return marks.filter((mark) => Math.abs(mark.at_ms - time_ms) <= reach_ms);
}
