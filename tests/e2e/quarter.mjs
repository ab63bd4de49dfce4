// A collector that has stored a quarter of an hour of ordinary traffic with a backup in its middle, and receives nothing more.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startCollector } from './collector.mjs';
import { captureOf } from './netflow_v5.mjs';
import { makeTraffic } from './traffic.mjs';

const kMinute = 60_000;

/** { collector, range }: range as it stands in an address. */
export async function startWithQuarter() {
  const end_ms = Math.floor(Date.now() / kMinute) * kMinute - kMinute;
  const collector = await startCollector(async (data) => {
    const capture = join(data, 'quarter.pcap');
    const records = makeTraffic(end_ms).records.sort((one, other) => one.end_ms - other.end_ms);
    await writeFile(capture, captureOf(records, '192.0.2.1'));
    await promisify(execFile)(process.env.WEIR_BIN, ['import', '--data', data, capture]);
    return '';
  });
  return { collector, range: `from=${end_ms - 15 * kMinute}&to=${end_ms}` };
}
