// A service that only plays its part: serves the templates and assets, and says on the line what a script has it say.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import nunjucks from 'nunjucks';
import { WebSocketServer } from 'ws';

const WEB = fileURLToPath(new URL('../../src/web/', import.meta.url));
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; media-src 'self' blob:; manifest-src 'self'; form-action 'self'";
const KINDS = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.webmanifest': 'application/manifest+json' };
const PAGES = { '/': 'line.html', '/sign-in': 'sign_in.html', '/welcome': 'welcome.html' };

/** Starts it on a free port. `values` go into the templates, `greets()` gives the messages of a new connection. */
export async function startMock({ values = {}, greets = () => [], recent = () => [], onMessage = () => {} }) {
  const templates = new nunjucks.Environment(new nunjucks.FileSystemLoader(`${WEB}templates`, { noCache: true }), { autoescape: true });
  const told = [];
  const mock = { told, greets, recent, onMessage, values };
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://mock');
    const headers = { 'content-security-policy': CSP, 'cache-control': 'no-store' };
    try {
      if (PAGES[pathname]) {
        const page = templates.render(PAGES[pathname], { business: '', csrf: 'token', person: '', name: '', role: 'owner', people: [], problem: '', ...mock.values });
        response.writeHead(200, { ...headers, 'content-type': 'text/html; charset=utf-8' }).end(page);
      } else if (pathname === '/recent.json') {
        response.writeHead(200, { ...headers, 'content-type': 'application/json' }).end(JSON.stringify({ calls: mock.recent(searchParams.get('of')) }));
      } else if (/^\/assets\/[\w.]+$/.test(pathname)) {
        const file = await readFile(WEB + pathname.slice(1));
        response.writeHead(200, { ...headers, 'content-type': KINDS[extname(pathname)] ?? 'text/plain' }).end(file);
      } else {
        response.writeHead(404, headers).end();
      }
    } catch (problem) {
      response.writeHead(500, headers).end(String(problem));
    }
  });
  const sockets = new WebSocketServer({ server, path: '/line' });
  sockets.on('connection', (socket) => {
    for (const message of mock.greets()) socket.send(JSON.stringify(message));
    socket.on('message', (text) => {
      const message = JSON.parse(text);
      told.push(message);
      mock.onMessage(message, (reply) => socket.send(JSON.stringify(reply)));
    });
  });
  await new Promise((done) => server.listen(mock.port ?? 0, '127.0.0.1', done));
  return Object.assign(mock, {
    url: `http://localhost:${server.address().port}`,
    say: (...messages) => messages.forEach((message) => sockets.clients.forEach((socket) => socket.send(JSON.stringify(message)))),
    cut: (code) => sockets.clients.forEach((socket) => (code ? socket.close(code) : socket.terminate())),
    stop: () => (sockets.clients.forEach((socket) => socket.terminate()), server.close()),
  });
}
