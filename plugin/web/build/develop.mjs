// npm run dev [-- --empty] [-- --port N]: the window while it is being changed. Vite serves src/ and takes changes over at once; what the
// window asks is answered by a real collector.
//   WEIR_BIN  the collector that is started for it, on a new data folder (default: build/weir); it is sent a quarter of an hour of
//             example traffic, and goes on receiving it. With --empty it is sent nothing: the first start.
//   WEIR_URL  a collector that runs already, instead: http://ADDR/#token=TOKEN
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createServer } from 'vite';
import { findCollector, freeUdpPort } from '../../../tests/e2e/collector.mjs';
import { sendV5 } from '../../../tests/e2e/netflow_v5.mjs';
import { kTraffic_ms, makeTraffic } from '../../../tests/e2e/traffic.mjs';

const kReport_ms = 10_000;
const here = dirname(fileURLToPath(import.meta.url));
process.env.WEIR_BIN ??= join(here, '../../../build/weir');

const { values: options } = parseArgs({ options: { empty: { type: 'boolean', default: false }, port: { type: 'string', default: '5173' } } });

/** An exporter that reports what has just ended, and begins its traffic again when it is through. */
async function sendForever(udp) {
  const from = { fromPort: await freeUdpPort() };
  let now_ms = Date.now();
  let sequence = await sendV5(makeTraffic(now_ms).records, udp, { ...from, now_ms });
  let end_ms = now_ms + kTraffic_ms;
  let coming = makeTraffic(end_ms).records;
  return setInterval(async () => {
    now_ms = Date.now();
    const ended = coming.filter((record) => record.end_ms <= now_ms);
    coming = coming.filter((record) => record.end_ms > now_ms);
    if (coming.length === 0) coming = makeTraffic((end_ms += kTraffic_ms)).records;
    sequence = await sendV5(ended, udp, { ...from, now_ms, sequence });
  }, kReport_ms);
}

const collector = await findCollector();
const proxy = Object.fromEntries(['/ws', '/rpc', '/export.csv'].map((path) => [path, { target: collector.url, ws: path === '/ws' }]));
const vite = await createServer({ root: join(here, '..'), server: { host: '127.0.0.1', port: Number(options.port), proxy } });
await vite.listen();
const sending = options.empty || process.env.WEIR_URL ? null : await sendForever(collector.udp);
console.log(`Flows window: ${vite.resolvedUrls.local[0]}#token=${collector.token}`);

async function stop() {
  clearInterval(sending);
  await vite.close();
  await collector.stop();
  process.exit(0);
}
for (const signal of ['SIGINT', 'SIGTERM']) {
  // Vite's own listener would end the program at once, and leave the collector running.
  process.removeAllListeners(signal);
  process.once(signal, stop);
}
