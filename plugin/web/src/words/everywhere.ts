// What several pages say.

import { formatCount } from '../format/units';

export const kAsking = 'Asking the collector …';
export const kMayNotChange = 'Your token may look, and not change. A token of the role admin may.';

/** "1 exporter", "12 exporters" */
export function plural(count: number, one: string, many: string): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
