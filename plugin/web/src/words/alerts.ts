// What the page of alerts and rules says.

import { formatCount } from '../format/units';

export const kAlerts = {
  title: 'Alerts',
  views: { open: 'Open', all: 'All', silenced: 'Silenced', rules: 'Rules' },
  viewTitles: { open: 'What fires now', all: 'Also what is over, newest first', silenced: 'What fires and is not delivered', rules: 'Rules, silences, and where alerts are delivered' },
  severity: 'Severity', everySeverity: 'Every severity',
  find: 'Find an alert',
  noMatch: 'No alert matches.',
  noneOpen: 'No alert fires.', noneAtAll: 'No alert has fired.', noneSilenced: 'No alert is silenced.',
  seeRules: 'See the rules',
  testHint: '“Test” there shows when one would have fired.',
  attention: (count: number) => (count === 1 ? 'A rule needs attention' : `${formatCount(count)} rules need attention`),
  older: 'Show older ones',
  timeline: 'When alerts fired',
  traffic: 'Traffic of this range, in grey',
  heads: { severity: 'Severity', since: 'Since', rule: 'Rule', key: 'Key', value: 'Value', message: 'Message', state: 'State', what: 'What to do' },
  evidence: (filter: string) => `Shows the flows of that time: ${filter || 'all of them'}`,
  acknowledge: 'Acknowledge', acknowledgeOf: (rule: string, title: string) => `Acknowledge ${rule}: ${title}`, acknowledged: (title: string) => `Acknowledged: ${title}`,
  silence: 'Silence …', silenceOf: (rule: string, title: string) => `Silence ${rule}: ${title}`,
};

export const kRules = {
  caption: 'Rules',
  heads: { rule: 'Rule', state: 'State', severity: 'Severity', asks: 'Checks', window: 'Last window', took: 'Query time', file: 'File', what: 'What to do' },
  switchOn: (rule: string) => `Switched on by enable = ["${rule}"] in the section [alert] of weir.toml`,
  until: (moment: string) => `until ${moment}`,
  tested: (rule: string) => `“${rule}” would have fired`,
  times: (count: number) => (count === 1 ? 'time' : 'times'),
  testedOver: (range: string, windows: number, sessions: number, took: string) => `in ${range} (${formatCount(windows)} windows, ${formatCount(sessions)} sessions, ${took}): the hollow marks above.`,
  takeAway: 'Clear the marks',
  stopTest: 'Stop the test', test: 'Test', testOf: (rule: string) => `Test ${rule}`, testTitle: 'When it would have fired in the range on screen',
  silence: 'Silence …', silenceOf: (rule: string) => `Silence ${rule}`,
  files: 'Files', filesLabel: 'Rule files', filesRead: (count: number) => `${count} read; a changed file is noticed by itself.`, readAgain: 'Read all again', readDone: 'The scripts are read again',
};

export const kDelivery = {
  label: 'Delivery', title: 'Delivered to',
  nobody: 'Nobody yet: the section [alert] of weir.toml names Zabbix, webhooks, syslog, mail.',
  sent: (count: number, last: string | null) => `${formatCount(count)} sent${last === null ? '' : `, last ${last}`}`,
  test: 'Send a test', testOf: (target: string) => `Send a test message to ${target}`,
  taken: (target: string) => `${target}: the test message was taken`, notTaken: (target: string) => `${target}: the test message was not taken`,
  waiting: (count: number) => `${formatCount(count)} messages wait to be delivered.`,
};

export const kSilences = {
  title: 'Silences', none: 'None.',
  of: (rule: string, key: string | null) => `${rule}${key === null ? '' : ` for ${key}`}`,
  until: (moment: string, by: string, comment: string) => `until ${moment}, by ${by}${comment === '' ? '' : `: ${comment}`}`,
  end: 'End', endOf: (rule: string) => `End the silence of ${rule}`, ended: (rule: string) => `The silence of ${rule} has ended`,
  done: (what: string) => `Silenced: ${what}`,
  begin: (rule: string) => `Silence “${rule}”`, beginLabel: (rule: string) => `Silence ${rule}`,
  lead: 'Its alerts go on being listed here; nothing of them is delivered until the silence ends.',
  length: 'For', lengthName: 'Length', extent: 'Of', extentName: 'Extent', everything: 'everything the rule finds', why: 'Why', whyHint: 'for those who see it later',
  lengths: { 1: '1 hour', 4: '4 hours', 24: '1 day', 168: '7 days' } as Record<number, string>,
  begins: 'Silence', cancel: 'Cancel',
};
