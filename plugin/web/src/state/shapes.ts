// How the rows can be shown: as a table, or as one of the pictures that fit them. Pure.

import { groupBy, tabRow } from './tabs';
import type { Shape, View } from './view';

interface Choice {
  id: Shape;
  label: string;
  title?: string;
}

const kAlways: readonly Choice[] = [
  { id: 'table', label: 'Table' },
  { id: 'pie', label: 'Pie', title: 'What part of the whole each row is' },
  { id: 'heat', label: 'Heat map', title: 'When each row had how much' },
];
const kOfTwo: Choice = { id: 'sankey', label: 'Sankey', title: 'What flows between the two fields' };

/** Ribbons go between two fields. */
export function shapesOf(view: Pick<View, 'tab' | 'by'>): Choice[] {
  return tabRow(view.tab).kind === 'rows' && groupBy(view).length === 2 ? [...kAlways, kOfTwo] : [...kAlways];
}

/** What the view asks for, as far as its rows can be shown so. */
export function shapeOf(view: Pick<View, 'tab' | 'by' | 'shape'>): Shape {
  return shapesOf(view).some((choice) => choice.id === view.shape) ? view.shape : 'table';
}
