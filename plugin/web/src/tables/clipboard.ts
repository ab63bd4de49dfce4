// Rows as tab-separated text, and the clipboard, with a way for pages that are not served over TLS.

import type { Column } from './columns';

/** Heading and rows as shown; numbers stay exact rather than rounded to "11.9 GB". */
export function toTsv<T>(columns: Column<T>[], items: readonly T[]): string {
  const clean = (text: string) => text.replace(/[\t\r\n]+/g, ' ');
  const cell = (column: Column<T>, item: T) => {
    const value = column.value(item);
    const exact = column.text(item).endsWith('B') && typeof value === 'number';
    const note = column.note?.(item);
    return clean(exact ? String(value) : note ? `${column.text(item)} ${note}` : column.text(item));
  };
  const lines = [columns.map((column) => column.label), ...items.map((item) => columns.map((column) => cell(column, item)))];
  return lines.map((line) => line.join('\t')).join('\n');
}

/** False if the browser did not let us. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

// navigator.clipboard exists only on https and localhost; a collector is often opened by plain address.
function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'offscreen';
  (document.querySelector('dialog[open]') ?? document.body).append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done;
}
