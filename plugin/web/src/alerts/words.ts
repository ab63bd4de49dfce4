// Alerts and rules in words: states, troubles of rule files, times as long as they matter. Pure.

import { formatMoment } from '../format/moment';
import { formatCountdown, formatDuration } from '../format/time';
import type { Alert, Rule, RulesListResult } from '../generated/api';
import { kSeverities } from './severity';

/** Worst first, then newest first. */
export function byUrgency(one: Alert, other: Alert): number {
  const state = Number(one.state !== 'firing') - Number(other.state !== 'firing');
  if (state !== 0) return state;
  const severity = one.state === 'firing' ? kSeverities.indexOf(other.severity) - kSeverities.indexOf(one.severity) : 0;
  return severity || other.fired_ms - one.fired_ms;
}

export function sinceText(alert: Alert, now_ms: number): string {
  const end_ms = alert.resolved_ms ?? now_ms;
  return `${formatMoment(alert.since_ms, now_ms)}, ${alert.resolved_ms === null ? 'for' : 'lasted'} ${formatDuration(Math.max(1000, end_ms - alert.since_ms))}`;
}

export function stateText(alert: Alert): string {
  const words = [alert.state === 'firing' ? 'firing' : 'resolved'];
  if (alert.acknowledged_ms !== null) words.push(`acknowledged by ${alert.acknowledged_by ?? 'somebody'}`);
  if (alert.silenced) words.push('silenced');
  return words.join(', ');
}

export type Tone = 'ok' | 'warn' | 'bad' | 'dim';

/** How a rule is, and since when it waits. */
export function ruleState(rule: Rule, now_ms: number): { text: string; tone: Tone } {
  if (!rule.enabled) return { text: 'off', tone: 'dim' };
  if (rule.error !== null) {
    const wait_ms = (rule.backed_off_until_ms ?? 0) - now_ms;
    return { text: wait_ms > 0 ? `failed, tried again in ${formatCountdown(wait_ms)}` : 'failed', tone: 'bad' };
  }
  if (rule.firing > 0) return { text: `fires for ${rule.firing}`, tone: 'bad' };
  if (rule.pending !== null && rule.pending > 0) return { text: `${rule.pending} pending`, tone: 'warn' };
  if (rule.last_window_end_ms === null) return { text: 'waits for its first window', tone: 'dim' };
  return { text: 'active', tone: 'ok' };
}

/** How long a thing took: "< 1 ms", "85 ms", "1.2 s". */
export function formatTook(ms: number): string {
  if (ms < 1) return '< 1 ms';
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** "11 rules are active, 3 are off." */
export function watchText(rules: readonly Rule[]): string {
  const on = rules.filter((rule) => rule.enabled).length;
  const off = rules.length - on;
  const watching = on === 0 ? 'No rule is active' : on === 1 ? '1 rule is active' : `${on} rules are active`;
  return `${watching}${off === 0 ? '' : `, ${off} ${off === 1 ? 'is' : 'are'} off`}.`;
}

/** "every 1 min, over 5 min, by host" */
export function ruleQuestion(rule: Rule): string {
  const by = rule.by.length > 0 ? `, by ${rule.by.join(' and ')}` : '';
  return `every ${formatDuration(rule.every_ms)}, over ${formatDuration(rule.window_ms)}${by}`;
}

/** What is wrong with the rules as a whole, one sentence each. */
export function troubles({ files, complaints }: Pick<RulesListResult, 'files' | 'complaints'>, now_ms: number): string[] {
  const broken = files.flatMap((file) => {
    if (file.error === null) return [];
    const kept = file.loaded_ms === null || file.rules === 0
      ? 'None of its rules is loaded.'
      : `The version of ${formatMoment(file.loaded_ms, now_ms)} is still used.`;
    return [`${file.error.replace(/[.\s]*$/, '')}. ${kept}`];
  });
  return [...broken, ...complaints];
}
