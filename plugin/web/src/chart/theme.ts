// Colours for canvas drawing, read from the style sheet, so that light and dark are defined in one place.

import { kColours } from './palette';

export interface Theme {
  ink: string;
  dim: string;
  line: string;
  panel: string;
  other: string;
  warn: string;
  accent: string;
  font: string;
  /** Of the labels of an axis. */
  label_px: number;
  colours: readonly string[];
}

export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const get = (name: string) => style.getPropertyValue(name).trim();
  return {
    ink: get('--ink'),
    dim: get('--dim'),
    line: get('--line'),
    panel: get('--panel'),
    other: get('--other'),
    warn: get('--warn-mark'),
    accent: get('--accent'),
    label_px: parseFloat(get('--tiny')) || 11,
    font: getComputedStyle(document.body).fontFamily,
    colours: kColours,
  };
}
