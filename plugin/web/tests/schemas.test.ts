// What the window asks is what the schemas allow, and each method has its schemas. That a collector answers so is tested end to end.
import { describe, expect, it } from 'vitest';
import type { QueryParams } from '../src/generated/api';
import { risingParams, sessionsParams, topParams } from '../src/state/queries';
import { kTabs } from '../src/state/tabs';
import { kDefaultView, type View } from '../src/state/view';
// @ts-expect-error plain JavaScript, for the end-to-end tests as well
import { exampleOf, loadSchemas, methodNames, shapeChecker } from './schema_check.mjs';

const kNow = 1_700_000_000_000;
const range = { from_ms: kNow - 900_000, to_ms: kNow };
const shapeMistakes: (name: string, value: unknown) => string | null = shapeChecker();
const mistakes: (name: string, value: unknown) => string | null = loadSchemas();

describe('schemas', () => {
  it('are there for params and result of each method', () => {
    for (const name of methodNames()) {
      expect(mistakes(`${name}.result`, 5)).not.toMatch(/no schema/);
      expect(mistakes(`${name}.params`, 5)).not.toMatch(/no schema/);
    }
    expect(mistakes('flows.tap.params', 5)).toMatch(/no schema/);
  });

  it('find what breaks the contract', () => {
    const params = topParams(kDefaultView, range);
    expect(mistakes('flows.top.params', { ...params, bye: ['host'] })).toMatch(/additional/);
    expect(mistakes('flows.top.params', { ...params, buckets: 2001 })).toMatch(/2000/);
  });

  it('give examples that they allow', () => {
    for (const shape of ['quality', 'range', 'row', 'measures', 'exporter', 'alert', 'session']) expect(shapeMistakes(shape, exampleOf(shape)), shape).toBeNull();
    expect(shapeMistakes('quality', { ...exampleOf('quality'), lost: -1 })).toMatch(/lost/);
  });

  it('allow what each tab asks', () => {
    for (const { id: tab } of kTabs) {
      const view: View = { ...kDefaultView, tab, filter: 'host 10.0.0.1', by: ['client', 'server_port'], exporter: '192.0.2.1', interface: 3 };
      const questions: [string, QueryParams | null][] = [['flows.top.params', topParams(view, range)], ['flows.sessions.params', sessionsParams(view, range)], ['flows.top.params', risingParams(view, range)]];
      for (const [name, params] of questions) if (params) expect(mistakes(name, params), tab).toBeNull();
    }
  });
});
