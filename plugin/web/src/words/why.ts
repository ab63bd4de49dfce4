// What the panel "Why?" says around the sentences of the collector.

import type { ExplainedComparison, FlowsExplainResult } from '../generated/api';

export const kWhy = {
  label: 'Why', title: 'Why?',
  close: 'Close', closeTitle: 'Close (w)',
  otherFilter: 'The filter in view is another one now.', explainIt: 'Explain with it',
  comparing: (percent: number | null) => (percent === null ? 'Comparing …' : `Comparing, ${percent} %`), compares: 'The collector compares', stop: 'Stop',
  again: 'Try again', stopped: 'Stopped.', askAgain: 'Ask again',
  filterOn: (filter: string) => `Filter on ${filter}`,
  heads: { time: 'Time', mean: 'Mean', bytes: 'Bytes', sessions: 'Sessions', change: 'Change' },
  within: 'What is in it',
  alerts: 'Alerts', noAlert: 'No alert fired in this time.', showAlert: 'Show the flows that it is about', moreAlerts: (count: number) => `and ${count} more`,
  disconnected: 'The connection to the collector went away.', unknown: 'This collector is of an earlier version, which cannot explain.', cancelled: 'The question was cancelled.',
};

export const kVerdicts: Record<FlowsExplainResult['verdict'], string> = {
  unusual: 'Unusual',
  usual_for_hour: 'Usual for this time',
  nothing_unusual: 'Nothing unusual',
  not_comparable: 'Nothing to compare with',
  no_traffic: 'No traffic',
};

/** Why there are no figures of a time that it is compared with. */
export const kMissing: Record<ExplainedComparison['comparable'], string> = {
  whole: '',
  part: '',
  nothing_stored: 'nothing is stored',
  not_heard: 'not heard',
  sampling: 'sampled otherwise',
};

export const kFigures = {
  stretch: 'This stretch',
  before: (length: string) => `The ${length} before`, lastWeek: 'Same time last week',
  same: 'the same', nothingThen: 'nothing then', inPart: ', in part', withoutSome: ', without some',
};
