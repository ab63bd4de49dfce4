// The figures of the stretch beside those that it is compared with, as rows of a table. Pure.

import { formatDuration, formatRange } from '../format/time';
import { formatBytes, formatCount, formatRate, type RateUnit } from '../format/units';
import type { ExplainedComparison, FlowsExplainResult, Measures, Range } from '../generated/api';
import { kFigures, kMissing } from '../words/why';

export interface FigureRow {
  name: string;
  rate: string;
  octets: string;
  sessions: string;
  /** Against it: "+12 %", "3.4 ×", "as now"; empty for the stretch itself. */
  change: string;
  tone: 'rose' | 'fell' | 'same' | 'none';
  /** Why there are no figures; empty: there are. */
  missing: string;
}

function lengthOf(range: Range): number {
  return range.to_ms - range.from_ms;
}

/** "+12 %", "3.4 ×", "nothing then". */
export function changeText(now: number, then: number): string {
  if (now === then) return kFigures.same;
  if (then === 0) return kFigures.nothingThen;
  const times = now / then;
  if (times >= 2) return `${times < 100 ? times.toFixed(1) : Math.round(times)} ×`;
  const percent = Math.round((times - 1) * 100);
  return percent === 0 ? kFigures.same : `${percent > 0 ? '+' : '−'}${Math.abs(percent)} %`;
}

function row(name: string, measures: Measures, length_ms: number, unit: RateUnit): FigureRow {
  return {
    name, rate: formatRate((measures.octets * 1000) / length_ms, unit), octets: formatBytes(measures.octets), sessions: formatCount(measures.sessions), change: '', tone: 'none', missing: '',
  };
}

export function comparisonName(comparison: ExplainedComparison, now_ms: number): string {
  switch (comparison.against) {
    case 'before': return kFigures.before(formatDuration(lengthOf(comparison.range)));
    case 'last_week': return kFigures.lastWeek;
    case 'range': return formatRange(comparison.range.from_ms, comparison.range.to_ms, now_ms);
  }
}

/** The stretch first, then what it is compared with. Of a part that is compared, the figures are those of the part. */
export function figureRows(answer: FlowsExplainResult, unit: RateUnit, now_ms: number): FigureRow[] {
  const rows = [row(kFigures.stretch, answer.totals, lengthOf(answer.range), unit)];
  for (const comparison of answer.comparisons) {
    const name = comparisonName(comparison, now_ms);
    const { now, then, compared } = comparison;
    if (!now || !then || !compared) {
      rows.push({ name, rate: '', octets: '', sessions: '', change: '', tone: 'none', missing: kMissing[comparison.comparable] });
      continue;
    }
    const part = comparison.comparable === 'part' ? kFigures.inPart : comparison.left_out.length > 0 ? kFigures.withoutSome : '';
    rows.push({ ...row(`${name}${part}`, then, lengthOf(compared.then), unit), change: changeText(now.octets, then.octets), tone: comparison.change ?? 'same' });
  }
  return rows;
}
