// A stand-in for the collector while the window is being developed: serves dist/ with a strict content policy
// and answers the API from generated traffic (or from NetFlow v5 with --netflow PORT). Every answer is held to the schemas.
//   node dev/server.mjs [--port 8720] [--path /zabbix/flows/] [--netflow PORT] [--empty]
import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { WebSocketServer } from 'ws';
import { createWorld } from './answers.mjs';
import { FilterError } from './filter.mjs';
import { decodeV5, pair } from './netflow_v5.mjs';
import { loadSchemas } from './schemas.mjs';
import { kServiceNames } from './traffic.mjs';

const { values: options } = parseArgs({
  options: { port: { type: 'string', default: '8720' }, path: { type: 'string', default: '/' }, netflow: { type: 'string' }, empty: { type: 'boolean', default: false } },
});
const kToken = 'development';
const dist = join(dirname(fileURLToPath(import.meta.url)), '../dist');
const mistakes = loadSchemas();
const world = createWorld({ generated: options.netflow === undefined && !options.empty });

const kTypes = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const kPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'";

function answer(method, params) {
  const handler = world.methods[method];
  if (!handler) return { error: { code: -32601, message: `There is no method ${method}.` } };
  const wrong = mistakes(`${method}.params`, params);
  if (wrong) return { error: { code: -32602, message: wrong } };
  try {
    const result = handler(params);
    const broken = mistakes(`${method}.result`, result);
    if (broken) console.error(`answer of ${method} breaks its schema: ${broken}`);
    return { result };
  } catch (reason) {
    if (!(reason instanceof FilterError)) throw reason;
    return { error: { code: -32602, message: `filter, column ${reason.column}: ${reason.message}`, data: { param: 'filter', column: reason.column, message: reason.message } } };
  }
}

function exportParams(query) {
  const params = { by: (query.get('by') ?? 'host').split(','), limit: 10_000 };
  if (query.has('from_ms')) params.range = { from_ms: Number(query.get('from_ms')), to_ms: Number(query.get('to_ms')) };
  for (const name of ['filter', 'direction', 'measure', 'order']) {
    if (query.has(name)) params[name] = query.get(name);
  }
  if (query.get('once') === 'true') params.once = true;
  return params;
}

function csv({ rows, other }) {
  const keys = Object.keys(rows[0]?.key ?? {});
  const measures = ['octets', 'packets', 'flows', 'sessions'];
  const once = rows.some((row) => row.once) ? ['octets', 'packets'] : [];
  const line = (row) => [...measures.map((name) => row[name]), ...once.map((name) => (row.once ?? row)[name])];
  const lines = rows.map((row) => [...keys.map((field) => row.key[field]), ...line(row)]);
  if (other.keys > 0) lines.push([...keys.map((_, at) => (at === 0 ? 'other' : '')), ...line(other)]);
  return [[...keys, ...measures, ...once.map((name) => `${name}_once`)], ...lines].map((one) => one.join(',')).join('\r\n');
}

const http = createServer(async (request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (!url.pathname.startsWith(options.path)) {
    response.writeHead(404).end();
    return;
  }
  const name = normalize(url.pathname.slice(options.path.length) || 'index.html');
  if (name === 'export.csv') {
    const allowed = request.headers.authorization === `Bearer ${kToken}`;
    const { result, error } = allowed ? answer('flows.top', exportParams(url.searchParams)) : { error: { message: 'The token is not valid.' } };
    response.writeHead(result ? 200 : allowed ? 400 : 401, { 'content-type': 'text/csv' }).end(result ? csv(result) : error.message);
    return;
  }
  if (name === 'rpc') {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString());
    const allowed = request.headers.authorization === `Bearer ${kToken}`;
    const body = allowed ? answer(method, params ?? {}) : { error: { code: -32001, message: 'The token is not valid.' } };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, ...body }));
    return;
  }
  try {
    if (name.startsWith('..')) throw new Error('outside');
    const body = await readFile(join(dist, name));
    response.writeHead(200, { 'content-type': kTypes[extname(name)] ?? 'application/octet-stream', 'content-security-policy': kPolicy }).end(body);
  } catch {
    response.writeHead(404).end();
  }
});

const sockets = new WebSocketServer({ server: http, path: join(options.path, 'ws') });
sockets.on('connection', (socket) => {
  let known = false;
  socket.on('message', (data) => {
    const { id, method, params } = JSON.parse(String(data));
    const reply = (body) => socket.send(JSON.stringify({ jsonrpc: '2.0', id, ...body }));
    if (known) {
      reply(answer(method, params ?? {}));
    } else if (method === 'auth.login' && params?.token === kToken) {
      known = true;
      reply({ result: world.login() });
    } else {
      reply({ error: { code: -32001, message: 'The token is not valid.' } });
      socket.close();
    }
  });
});

if (options.netflow !== undefined) {
  const udp = createSocket('udp4');
  udp.on('message', (datagram, sender) => {
    const decoded = decodeV5(datagram, sender.address, kServiceNames);
    if (!decoded) return;
    world.hear(sender.address, sender.port, decoded.records);
    for (const record of decoded.records) pair(world.received, record);
  });
  udp.bind(Number(options.netflow), '127.0.0.1');
}
http.listen(Number(options.port), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${options.port}${options.path}#token=${kToken}`);
});
