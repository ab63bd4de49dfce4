// What flows between the values of two fields: a bar per value at each side, a ribbon per pair. What is small is folded into
// "other" of its side, so that all adds up to the whole. Pure.

import { isAddress } from '../format/fields.svelte';
import { keyId, valueName, valueNote } from '../format/names';
import type { QueryResult, Row } from '../generated/api';
import { drawnOf, type Counted } from './drawn';
import { assignColours } from './palette';

export interface SankeyNode {
  id: string;
  name: string;
  value: number;
  /** Null: other. */
  colour: number | null;
  y: number;
  height: number;
}

export interface SankeyLink {
  id: string;
  from: SankeyNode;
  to: SankeyNode;
  value: number;
  /** Rows of the table that it stands for; none: what the table calls other. */
  rows: string[];
  fromY: number;
  toY: number;
  height: number;
}

export interface Sankey {
  from: SankeyNode[];
  to: SankeyNode[];
  links: SankeyLink[];
  whole: number;
  height: number;
}

const kMostNodes = 14;
const kOtherNode = 'other';
const kGap_px = 4;
const kThinnest_px = 1;
/** A name needs a line, also where its bar is thinner. */
const kLine_px = 15;
/** All bars of a side together. */
const kBars_px = 240;

/** The colour that the value has elsewhere: an address is the same host at either end. */
function nodeId(row: Row, field: string): string {
  return isAddress(field) ? `host=${String(row.key[field])}` : keyId({ [field]: row.key[field] ?? null });
}

function ranked(values: Map<string, number>): string[] {
  return [...values].sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1)).map(([id]) => id);
}

export function sankeyOf(result: QueryResult, [first, second]: readonly [string, string], measure: keyof Counted): Sankey {
  const sums: [Map<string, number>, Map<string, number>] = [new Map(), new Map()];
  const names = new Map<string, string>();
  const pairs = result.rows.filter((row) => drawnOf(row)[measure] > 0).map((row) => {
    const ids = [first, second].map((field, side) => {
      const id = nodeId(row, field);
      sums[side as 0 | 1].set(id, (sums[side as 0 | 1].get(id) ?? 0) + drawnOf(row)[measure]);
      const note = valueNote(row, field);
      names.set(`${side} ${id}`, note === '' ? valueName(row, field) : `${valueName(row, field)} (${note})`);
      return id;
    });
    return { ids, value: drawnOf(row)[measure], row: keyId(row.key) };
  });
  const kept = sums.map((side) => new Set(ranked(side).slice(0, kMostNodes)));
  const links = new Map<string, SankeyLink>();
  const nodes: [Map<string, SankeyNode>, Map<string, SankeyNode>] = [new Map(), new Map()];
  const nodeOf = (side: 0 | 1, id: string): SankeyNode => {
    const all = nodes[side];
    const there = all.get(id) ?? { id, name: id === kOtherNode ? 'Other' : (names.get(`${side} ${id}`) ?? id), value: 0, colour: null, y: 0, height: 0 };
    all.set(id, there);
    return there;
  };
  const add = (fromId: string, toId: string, value: number, row: string | null) => {
    const [from, to] = [nodeOf(0, fromId), nodeOf(1, toId)];
    from.value += value;
    to.value += value;
    const id = `${fromId} → ${toId}`;
    const link = links.get(id) ?? { id, from, to, value: 0, rows: [], fromY: 0, toY: 0, height: 0 };
    link.value += value;
    if (row !== null) link.rows.push(row);
    links.set(id, link);
  };
  for (const { ids, value, row } of pairs) {
    const [from, to] = ids.map((id, side) => (kept[side]?.has(id) ? id : kOtherNode));
    add(from ?? kOtherNode, to ?? kOtherNode, value, row);
  }
  if (result.other[measure] > 0) add(kOtherNode, kOtherNode, result.other[measure], null);
  return laidOut(nodes, [...links.values()]);
}

function laidOut(nodes: readonly [Map<string, SankeyNode>, Map<string, SankeyNode>], links: SankeyLink[]): Sankey {
  const last = (node: SankeyNode) => Number(node.id === kOtherNode);
  const [from, to] = nodes.map((side) => [...side.values()].sort((one, other) => last(one) - last(other) || other.value - one.value)) as [SankeyNode[], SankeyNode[]];
  const whole = from.reduce((sum, node) => sum + node.value, 0);
  const scale = kBars_px / Math.max(1, whole);
  const tall = (node: SankeyNode) => Math.max(kThinnest_px, node.value * scale);
  const room = (node: SankeyNode) => Math.max(kLine_px, tall(node)) + kGap_px;
  const heights = [from, to].map((side) => side.reduce((sum, node) => sum + room(node), 0));
  const height = Math.max(...heights);
  const colours = assignColours(new Map(), from.filter((node) => !last(node)).map((node) => node.id));
  for (const [at, side] of [from, to].entries()) {
    let y = (height - (heights[at] ?? 0)) / 2;
    for (const node of side) {
      node.height = tall(node);
      node.y = y + (room(node) - node.height) / 2;
      y += room(node);
    }
  }
  for (const node of from) node.colour = colours.get(node.id) ?? null;
  const [fromAt, toAt] = [new Map(from.map((node) => [node, node.y])), new Map(to.map((node) => [node, node.y]))];
  const place = (node: SankeyNode, side: SankeyNode[]) => side.indexOf(node);
  // Ribbons leave and arrive in the order of their other ends: as few as possible cross.
  for (const link of [...links].sort((one, other) => place(one.from, from) - place(other.from, from) || place(one.to, to) - place(other.to, to))) {
    link.height = Math.max(kThinnest_px, link.value * scale);
    link.fromY = fromAt.get(link.from) ?? 0;
    fromAt.set(link.from, link.fromY + link.value * scale);
  }
  for (const link of [...links].sort((one, other) => place(one.to, to) - place(other.to, to) || place(one.from, from) - place(other.from, from))) {
    link.toY = toAt.get(link.to) ?? 0;
    toAt.set(link.to, link.toY + link.value * scale);
  }
  return { from, to, links: links.sort((one, other) => other.value - one.value), whole, height };
}

/** Outline of a ribbon between two columns. */
export function ribbon({ fromY, toY, height }: SankeyLink, left: number, right: number): string {
  const middle = (left + right) / 2;
  return `M${left} ${fromY}C${middle} ${fromY} ${middle} ${toY} ${right} ${toY}V${toY + height}C${middle} ${toY + height} ${middle} ${fromY + height} ${left} ${fromY + height}Z`;
}
