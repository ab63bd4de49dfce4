// The collector under test: one that runs already (WEIR_URL), or WEIR_BIN on free ports with a new data folder.
import { execFile, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const kStartDeadline_ms = 30_000;
const kStopDeadline_ms = 15_000;

async function freeTcpPort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function freeUdpPort() {
  const socket = createSocket('udp4');
  await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise((resolve) => socket.close(resolve));
  return port;
}

/** The collector that WEIR_URL names, or one of its own. { url, token, udp, stop } with url ending in "/". */
export async function findCollector() {
  if (!process.env.WEIR_URL) return startCollector();
  const url = new URL(process.env.WEIR_URL);
  const token = new URLSearchParams(url.hash.slice(1)).get('token') ?? '';
  url.hash = '';
  return { url: url.href, token, udp: Number(process.env.WEIR_UDP ?? 2055), stop: async () => {} };
}

/** One of its own; settings(data, url) gives further lines of its weir.toml. As findCollector(), and { data, makeToken, restart }. */
export async function startCollector(settings = async () => '') {
  const program = process.env.WEIR_BIN;
  const data = await mkdtemp(join(tmpdir(), 'weir-e2e-'));
  const [api, udp] = [await freeTcpPort(), await freeUdpPort()];
  const url = `http://127.0.0.1:${api}/`;
  // Wherever the program lies, it serves the window of this checkout.
  const config = join(data, 'weir.toml');
  const web_dir = fileURLToPath(new URL('../../plugin/web/dist', import.meta.url));
  await writeFile(config, `[api]\nweb_dir = ${JSON.stringify(web_dir)}\n${await settings(data, url)}`);
  const start = () => startProgram(program, ['run', '--data', data, '--config', config, '--listen', String(udp), '--api', `127.0.0.1:${api}`], url);
  let running = await start();
  const makeToken = async (...options) => (await promisify(execFile)(program, ['token', '--data', data, ...options])).stdout.trim();
  return {
    url, udp, data, makeToken, token: await makeToken(),
    /** Ends it as a service would be; rejects if it does not end cleanly. */
    async stop() {
      await running.end();
      await rm(data, { recursive: true, force: true });
    },
    /** Ends it, waits for meanwhile(), and starts it again on the same ports and data. */
    async restart(meanwhile) {
      await running.end();
      await meanwhile();
      running = await start();
    },
  };
}

/** Waits until it answers; { end } ends it. */
async function startProgram(program, options, url) {
  const child = spawn(program, options, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let ended = null;
  child.stdout.on('data', (text) => (output += text));
  child.stderr.on('data', (text) => (output += text));
  const exit = new Promise((resolve) => {
    child.on('error', (error) => resolve((ended = error.message)));
    child.on('exit', (code, signal) => resolve((ended = `exit ${code ?? signal}`)));
  });
  const deadline = Date.now() + kStartDeadline_ms;
  for (;;) {
    if (ended !== null) throw new Error(`${program} did not start (${ended}):\n${output}`);
    if (Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`${program} did not answer on ${url}healthz within ${kStartDeadline_ms / 1000} s:\n${output}`);
    }
    const answer = await fetch(`${url}healthz`).catch(() => null);
    if (answer?.ok) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    async end() {
      if (ended !== null && ended !== 'exit 0') throw new Error(`${program} ended by itself with ${ended}:\n${output}`);
      child.kill('SIGTERM');
      const killer = setTimeout(() => child.kill('SIGKILL'), kStopDeadline_ms);
      await exit;
      clearTimeout(killer);
      if (ended !== 'exit 0') throw new Error(`${program} ended with ${ended} after SIGTERM:\n${output}`);
    },
  };
}

/** One call of the API by POST; throws what the collector says. */
export async function call({ url, token }, method, params = {}) {
  const response = await fetch(`${url}rpc`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const answer = await response.json();
  if (answer.error) throw Object.assign(new Error(answer.error.message), answer.error);
  return answer.result;
}
