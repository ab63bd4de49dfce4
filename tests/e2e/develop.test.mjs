// npm run dev: the window from its sources, on a collector that has example traffic and receives more of it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openPage, startBrowser } from './browser.mjs';
import { steps } from './steps.mjs';
import { windowParts } from './window_parts.mjs';

const kProgram = fileURLToPath(new URL('../../plugin/web/build/develop.mjs', import.meta.url));
let server;
let ended;
let url;
let browser;
let page;
let complaints;
const step = steps(() => page);
const { rows, tab, until } = windowParts(() => page);

/** The address that it prints, or an error with what it printed instead. */
function printedUrl(program) {
  return new Promise((resolve, reject) => {
    let output = '';
    const onText = (text) => {
      output += text;
      const url = /Flows window: (\S+)/.exec(output)?.[1];
      if (url) resolve(url);
    };
    program.stdout.on('data', onText);
    program.stderr.on('data', onText);
    program.on('exit', (code) => reject(new Error(`it ended with ${code}:\n${output}`)));
  });
}

before(async () => {
  server = spawn(process.execPath, [kProgram, '--port', '0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  ended = new Promise((resolve) => server.on('exit', resolve));
  url = await printedUrl(server);
  browser = await startBrowser();
  ({ page, complaints } = await openPage(browser));
});
after(async () => {
  await browser?.close();
  server?.kill('SIGTERM');
});

step('it shows the hosts of the example traffic, from sources', async () => {
  await page.goto(url);
  await tab('Top Hosts').waitFor();
  await until('rows of hosts', async () => (await rows().count()) > 5);
  assert.ok(await page.evaluate(() => document.querySelector('script[src*="src/main.ts"]') !== null));
  assert.deepEqual(complaints, []);
});

step('it ends with its collector when it is told to', async () => {
  await page.close();
  server.kill('SIGTERM');
  assert.equal(await ended, 0);
});
