/** SIGTERM in mid-login or mid-chat, a client that leaves, an upstream that is silent or dies: new work is 503 `draining`, what runs may finish, 504 `upstream_timeout` in time, and no socket is left at the upstream. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { createGateway } from '../../src/gateway.ts';
import { Browser } from '../support/browser.ts';
import { silent } from '../support/faces.ts';
import { openRaw, type RawClient } from '../support/raw-client.ts';
import { freePort } from '../support/redis.ts';
import { startProvider } from '../support/provider.ts';
import { inEveryFace, kari, startSystem } from '../support/system.ts';
import { startUpstream, type RecordedRequest } from '../support/upstream.ts';
import { codeOf } from '../support/problem-code.ts';
import { until } from '../support/until.ts';
import { programOf } from '../support/program-of.ts';

const WEBSOCKET = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

/** An upstream in which what runs ends when the test says so, and that knows how many sockets are open. */
async function startChatServer(t: TestContext) {
  const open = new Set<object>();
  const finish: (() => void)[] = [];
  const seen = (req: { socket: { once(event: 'close', listener: () => void): unknown } }) => {
    if (open.has(req.socket)) return;
    open.add(req.socket);
    req.socket.once('close', () => open.delete(req.socket));
  };
  const upstream = await startUpstream(
    (req, res) => {
      seen(req);
      const path = req.url!;
      if (path.endsWith('/silent')) return;
      if (path.endsWith('/stream')) {
        res.write('data:');
        finish.push(() => res.end('end'));
      } else if (path.endsWith('/dies')) {
        res.write('data:');
        setImmediate(() => req.socket.destroy());
      } else if (path.endsWith('/reset')) req.socket.destroy();
      else req.resume().on('end', () => res.end('done'));
    },
    (req, socket) => {
      seen({ socket });
      if (req.url!.endsWith('/silent')) return;
      if (req.url!.endsWith('/reset')) return void socket.destroy();
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhi');
      socket.on('data', (data: Buffer) => socket.write(data));
      if (req.url!.endsWith('/dies')) setImmediate(() => socket.destroy());
    },
  );
  t.after(() => upstream.stop());
  return {
    ...upstream,
    open,
    finish: () => {
      for (const end of finish.splice(0)) end();
    },
  };
}

async function send(
  port: number,
  cookie: string,
  path: string,
  lines: readonly string[] = [],
): Promise<RawClient> {
  const client = await openRaw(port);
  const method = path.includes('/upload') ? 'POST' : 'GET';
  client.write(
    [`${method} ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, `Cookie: ${cookie}`, ...lines, '', ''].join(
      '\r\n',
    ),
  );
  return client;
}

const CHUNKED = ['Transfer-Encoding: chunked'];

test('SIGTERM in mid-login and mid-chat: the login lands, the chat ends in its own time, whoever is new is told, no socket stays', async (t) => {
  const chat = await startChatServer(t);
  const provider = await startProvider({ person: kari });
  t.after(() => provider.stop());
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, programOf('src/server.ts'), {
    env: {
      PATH: process.env['PATH'],
      PORT: String(port),
      HOST: '127.0.0.1',
      PUBLIC_URL: url,
      UPSTREAM_URL: chat.url,
      AUTH_CONNECTION_NAME: 'Signicat',
      AUTH_CLIENT_ID: 'portal',
      AUTH_CLIENT_SECRET: 'portal-secret',
      AUTH_ENDPOINT: provider.issuer,
      AUTH_MAPPING: '{"AuthUserId":{"MapType":"ChatId"}}',
      SECURE_QUEUES: 'q_bank',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  let log = '';
  child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
  await until('the start', () => log.includes('"listening"'));

  const visitor = new Browser();
  assert.equal((await visitor.open(`${url}/queues/q_bank/x`)).status, 200);
  const cookie = visitor.cookies('127.0.0.1');
  const upload = await send(port, cookie, '/queues/q_bank/upload', CHUNKED);
  upload.write('5\r\nhello\r\n');
  const stream = await send(port, cookie, '/queues/q_bank/stream');
  const socket = await send(port, cookie, '/queues/q_bank/ws', WEBSOCKET);
  await Promise.all([stream.until('data:'), socket.until('\r\n\r\nhi')]);
  await until('the upload', () => chat.requests.some((request) => request.url.endsWith('/upload')));
  const late = new Browser();
  const start = await late.navigate(`${url}/secure-chat/login?queueKey=q_bank&returnTo=/portal`);
  const back = (await late.navigate(start.headers.get('location')!)).headers.get('location')!;

  child.kill('SIGTERM');
  await until('drain', async () => (await new Browser().fetch(`${url}/secure-chat/readyz`)).status === 503);
  assert.equal((await new Browser().fetch(`${url}/secure-chat/healthz`)).status, 200);
  const before = chat.requests.length;
  for (const address of ['/x', '/queues/q_open', '/queues/q_bank', '/secure-chat/login?queueKey=q_bank']) {
    const refused = await visitor.fetch(url + address);
    assert.deepEqual([refused.status, codeOf(refused)], [503, 'draining'], address);
    assert.ok(Number(refused.headers.get('retry-after')) > 0, address);
  }
  const newcomer = await send(port, cookie, '/queues/q_bank/ws', WEBSOCKET);
  assert.match((await newcomer.closed).text, /^HTTP\/1\.1 503 [^]*"code":"draining"/);
  assert.equal(chat.requests.length, before, 'nothing new at the upstream');
  const landed = await late.navigate(back);
  assert.equal(landed.status, 302);
  assert.match(landed.headers.get('location')!, /\/portal\?authCode=/);

  socket.write('still here');
  await socket.until('still here');
  upload.write('0\r\n\r\n');
  assert.match(await upload.until('done'), /^HTTP\/1\.1 200 /);
  chat.finish();
  assert.match(await stream.until('\r\n0\r\n\r\n'), /end/);
  socket.socket.end();
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  await until('the sockets to go', () => chat.open.size === 0);
  assert.match(log, /"drained"/);
});

/** Each has gone out, and nothing has come back yet, or not all. */
async function underWay(port: number, cookie: string, requests: readonly RecordedRequest[]) {
  const before = requests.length;
  const clients = [
    await send(port, cookie, '/queues/q_bank/silent'),
    await send(port, cookie, '/queues/q_bank/upload', CHUNKED),
    await send(port, cookie, '/queues/q_bank/upload/silent', CHUNKED),
    await send(port, cookie, '/queues/q_bank/stream'),
    await send(port, cookie, '/queues/q_bank/ws', WEBSOCKET),
    await send(port, cookie, '/queues/q_bank/silent', WEBSOCKET),
    await send(port, cookie, '/queues/q_open/silent'),
  ];
  for (const client of [clients[1]!, clients[2]!]) client.write('5\r\nhello\r\n');
  await until('every request', () => requests.length === before + clients.length);
  return { clients, requests: requests.slice(before) };
}

inEveryFace('a client that leaves, by FIN or by RST, leaves nothing at the upstream', async (t, face) => {
  const chat = await startChatServer(t);
  const { url, browser } = await startSystem(t, {
    face,
    options: { upstream: { url: chat.url, timeoutMs: 20_000 } },
  });
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank/x`);
  const port = Number(new URL(url).port);
  const idle = chat.open.size;
  for (const leave of ['destroy', 'resetAndDestroy'] as const) {
    const { clients, requests } = await underWay(port, visitor.cookies('127.0.0.1'), chat.requests);
    for (const { socket } of clients) socket[leave]();
    for (const { closed, url: path } of requests) assert.equal(await closed, true, `${leave}: ${path}`);
  }
  await until('the sockets to go', () => chat.open.size <= idle);
  // and the gateway is as before
  assert.equal((await visitor.fetch(`${url}/queues/q_bank/x`)).body, 'done');
});

inEveryFace(
  'a silent upstream is 504 in time, a dead one 502 or a broken answer, and neither keeps a socket',
  async (t, face) => {
    const chat = await startChatServer(t);
    const { url, browser } = await startSystem(t, {
      face,
      options: { upstream: { url: chat.url, timeoutMs: 1000 } },
    });
    const visitor = browser();
    await visitor.open(`${url}/queues/q_bank/x`);
    const port = Number(new URL(url).port);
    const idle = chat.open.size;
    const cookie = visitor.cookies('127.0.0.1');
    const ends = [
      ['/queues/q_bank/silent', [], 504, 'upstream_timeout'],
      ['/queues/q_open/silent', [], 504, 'upstream_timeout'],
      ['/queues/q_bank/silent', WEBSOCKET, 504, 'upstream_timeout'],
      ['/queues/q_bank/upload/silent', ['Content-Length: 5', '', 'hello'], 504, 'upstream_timeout'],
      ['/queues/q_bank/reset', [], 502, 'upstream_unreachable'],
      ['/queues/q_bank/reset', WEBSOCKET, 502, 'upstream_unreachable'],
    ] as const;
    const comesTo = async ([path, lines, status, code]: (typeof ends)[number]): Promise<void> => {
      const client = await openRaw(port);
      const method = path.includes('/upload') ? 'POST' : 'GET';
      const [head, body = ''] = lines.join('\r\n').split('\r\n\r\n');
      const own = head === '' ? '' : `${head}\r\n`;
      client.write(`${method} ${path} HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\n${own}\r\n${body}`);
      const text = await client.until('"requestId":"');
      assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} [^]*"code":"${code}"`), path);
      client.destroy();
    };
    const begun = performance.now();
    await Promise.all(ends.map(comesTo));
    // whatever else ends a request takes longer than that
    assert.ok(performance.now() - begun < 25_000);
    for (const lines of [[], WEBSOCKET]) {
      const { text } = await (await send(port, cookie, '/queues/q_bank/dies', lines)).closed;
      assert.doesNotMatch(text, /\r\n0\r\n\r\n$/, 'broken off, not complete');
    }
    for (const { closed, url: path } of chat.requests.slice(1))
      assert.equal(typeof (await closed), 'boolean', path);
    await until('the sockets to go', () => chat.open.size <= idle);
  },
);

test('the end of the gateway ends every socket, here and at the upstream', async (t) => {
  const chat = await startChatServer(t);
  const port = await freePort();
  const gateway = createGateway(
    {
      publicUrl: `http://127.0.0.1:${port}`,
      upstream: { url: chat.url, timeoutMs: 20_000 },
      sessionSecret: 'a secret for tests that is long enough',
      customers: [],
    },
    { logger: silent },
  );
  await once(gateway.listen(port, '127.0.0.1'), 'listening');
  // no queue is secure here: these are anybody's
  const { clients } = await underWay(port, 'a=1', chat.requests);
  await gateway.close(50);
  await Promise.all(clients.map(({ closed }) => closed));
  await until('the sockets to go', () => chat.open.size === 0);
});
