// Downloads: export.csv of the collector, fetched with the token in a header (never in the URL), and what the window made itself.

import type { QueryParams } from '../generated/api';

export function exportQuery(params: QueryParams): string {
  const query = new URLSearchParams();
  if (params.range) {
    query.set('from_ms', String(params.range.from_ms));
    query.set('to_ms', String(params.range.to_ms));
  }
  if (params.filter) query.set('filter', params.filter);
  if (params.by) query.set('by', params.by.join(','));
  if (params.direction) query.set('direction', params.direction);
  if (params.measure) query.set('measure', params.measure);
  if (params.order) query.set('order', params.order);
  if (params.once) query.set('once', 'true');
  if (params.limit) query.set('limit', String(params.limit));
  return query.toString();
}

/** Throws an Error that says what the collector answered. */
export async function downloadCsv(params: QueryParams, token: string, fileName: string): Promise<void> {
  const url = new URL('export.csv', document.baseURI);
  url.search = exportQuery(params);
  url.hash = '';
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` }, cache: 'no-store' });
  if (!response.ok) throw new Error(`The export failed: ${response.status} ${(await response.text()).slice(0, 200)}`);
  save(await response.blob(), fileName);
}

/** Text as a download. */
export function saveText(text: string, fileName: string): void {
  save(new Blob([text], { type: 'text/csv;charset=utf-8' }), fileName);
}

export function save(content: Blob, fileName: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
