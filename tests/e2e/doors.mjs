// Doors beside the collector: a receiver of webhooks, and a web server that has the window under a path of its own.
import { createServer, request } from 'node:http';
import { connect } from 'node:net';

async function listening(server) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server.address().port;
}

/** { url, messages, stop }: keeps the JSON of what is posted. */
export async function startReceiver() {
  const messages = [];
  const server = createServer(async (asked, answer) => {
    const chunks = [];
    for await (const chunk of asked) chunks.push(chunk);
    messages.push(JSON.parse(Buffer.concat(chunks).toString()));
    answer.end();
  });
  const port = await listening(server);
  return { url: `http://127.0.0.1:${port}/hook`, messages, stop: () => server.close() };
}

/** { url, stop }: hands on what is below `path` to target, as nginx does with proxy_pass TARGET/; anything else is 404. */
export async function startFrontServer(path, target) {
  const { hostname, port } = new URL(target);
  const inner = (url) => (url.startsWith(path) ? `/${url.slice(path.length)}` : null);
  const server = createServer((asked, answer) => {
    const there = inner(asked.url);
    if (there === null) {
      answer.writeHead(404).end('not under the path');
      return;
    }
    const onward = request({ hostname, port, path: there, method: asked.method, headers: asked.headers }, (got) => {
      answer.writeHead(got.statusCode, got.headers);
      got.pipe(answer);
    });
    onward.on('error', () => answer.writeHead(502).end('the collector is away'));
    asked.pipe(onward);
  });
  server.on('upgrade', (asked, socket, head) => {
    const there = inner(asked.url);
    if (there === null) {
      socket.destroy();
      return;
    }
    const onward = connect(Number(port), hostname, () => {
      const headers = Object.entries(asked.headers).map(([name, value]) => `${name}: ${value}\r\n`).join('');
      onward.write(`GET ${there} HTTP/1.1\r\n${headers}\r\n`);
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    for (const one of [socket, onward]) {
      one.on('error', () => {});
      one.on('close', () => {
        socket.destroy();
        onward.destroy();
      });
    }
  });
  const own = await listening(server);
  return {
    url: `http://127.0.0.1:${own}${path}`,
    stop: () => {
      server.closeAllConnections?.();
      server.close();
    },
  };
}
