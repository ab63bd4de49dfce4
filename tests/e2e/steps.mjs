// Steps of a test that build on each other: each within its time, those after a failed one skipped.
import { test } from 'node:test';
import { shoot } from './browser.mjs';

const kStepDeadline_ms = 150_000;

async function within(deadline_ms, running) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error(`not done within ${deadline_ms / 1000} s`)), deadline_ms)));
  await Promise.race([running, late]).finally(() => clearTimeout(timer));
}

/** step(name, run, options) for one file; page() is what a failed step leaves a picture of. */
export function steps(page) {
  // A step that fails would only make the next ones fail later and less clearly.
  let failed = null;
  return (name, run, options = {}) => test(name, options, async (context) => {
    if (failed !== null) {
      context.skip(`after "${failed}"`);
      return;
    }
    try {
      await within(kStepDeadline_ms, run());
    } catch (error) {
      failed = name;
      await shoot(page(), `failed-${name.replaceAll(/[^a-z]+/gi, '-').slice(0, 40)}`).catch(() => {});
      throw error;
    }
  });
}
