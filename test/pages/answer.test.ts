import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import test, { type TestContext } from 'node:test';
import { GatewayError } from '../../src/errors.ts';
import { sendPage, sendProblem } from '../../src/pages/answer.ts';
import { createPages } from '../../src/pages/pages.ts';
import { until } from '../support/until.ts';

const pages = createPages({ routePrefix: '/secure-chat', publicPath: '' });
const page = pages.loginRequired({
  acceptLanguage: 'nb',
  requestId: 'r1',
  code: 'login_required',
  loginUrl: '/login',
});
const refusal = new GatewayError('login_required', 'Log in first.', { loginUrl: '/login?queueKey=q' });

type Handler = (req: IncomingMessage, res: ServerResponse) => void;
const refuse: Handler = (req, res) => {
  sendProblem(req, res, refusal, 'r1');
};

async function listen(
  t: TestContext,
  handler: Handler,
): Promise<[origin: string, port: number, server: Server]> {
  const server = createServer(handler);
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return [`http://127.0.0.1:${port}`, port, server];
}

async function open(t: TestContext, port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Reads until `pattern` has been seen; the text so far. */
async function readUntil(socket: Socket, pattern: RegExp): Promise<string> {
  let text = '';
  while (!pattern.test(text)) text += String((await once(socket, 'data'))[0]);
  return text;
}

test('a problem is an RFC 9457 document with all headers, also where nobody has set any', async (t) => {
  const [origin] = await listen(t, refuse);
  const answer = await fetch(origin);
  assert.equal(answer.status, 401);
  assert.equal(answer.headers.get('content-type'), 'application/problem+json');
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  assert.equal(
    answer.headers.get('www-authenticate'),
    'SecureChat realm="secure-chat", error="login_required"',
  );
  assert.match(answer.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/);
  assert.deepEqual(await answer.json(), {
    type: 'urn:secure-chat:problem:login_required',
    title: 'Login required',
    status: 401,
    detail: 'Log in first.',
    code: 'login_required',
    requestId: 'r1',
    loginUrl: '/login?queueKey=q',
  });
});

test('a rate-limited client is told when to come back', async (t) => {
  const [origin] = await listen(t, (req, res) => {
    sendProblem(req, res, new GatewayError('rate_limited', 'x'), 'r1');
  });
  assert.equal((await fetch(origin)).headers.get('retry-after'), '60');
});

test('a page goes out whole, in bytes, with its own headers over the common ones', async (t) => {
  const [origin] = await listen(t, (req, res) => {
    res.setHeader('Vary', 'Origin');
    sendPage(req, res, page);
  });
  const answer = await fetch(origin);
  assert.equal(answer.status, 401);
  assert.equal(answer.headers.get('content-type'), 'text/html; charset=utf-8');
  assert.equal(answer.headers.get('content-length'), String(Buffer.byteLength(page.html)));
  assert.equal(answer.headers.get('vary'), 'Origin, Accept-Language');
  assert.equal(answer.headers.get('cross-origin-opener-policy'), 'same-origin');
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  assert.equal(await answer.text(), page.html);
});

test('HEAD gets the headers of the page and no body, and the connection lives on', async (t) => {
  const [, port] = await listen(t, (req, res) => {
    sendPage(req, res, page);
  });
  const socket = await open(t, port);
  socket.write('HEAD / HTTP/1.1\r\nHost: a\r\n\r\nHEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  const text = await readUntil(socket, /(HTTP\/1\.1 401[\s\S]*\r\n\r\n){2}$/);
  assert.match(text, new RegExp(`Content-Length: ${Buffer.byteLength(page.html)}`));
  assert.doesNotMatch(text, /<html/);
});

test('nothing is written twice', async (t) => {
  const results: boolean[] = [];
  const [origin] = await listen(t, (req, res) => {
    results.push(sendPage(req, res, page), sendPage(req, res, page), sendProblem(req, res, refusal, 'r'));
  });
  assert.equal(await (await fetch(origin)).text(), page.html);
  assert.deepEqual(results, [true, false, false]);
});

test('an answer that has begun is left alone', async (t) => {
  const [origin] = await listen(t, (req, res) => {
    res.write('begun');
    assert.equal(sendProblem(req, res, refusal, 'r1'), false);
    res.end();
  });
  const answer = await fetch(origin);
  assert.equal(answer.headers.get('content-security-policy'), null);
  assert.equal(await answer.text(), 'begun');
});

test('a small body that nobody read does not cost the connection', async (t) => {
  const [, port] = await listen(t, refuse);
  const socket = await open(t, port);
  for (let round = 0; round < 3; round += 1) {
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345');
    const text = await readUntil(socket, /"r1".*\}$/);
    assert.match(text, /Connection: keep-alive/);
    socket.write('67890');
  }
});

test(
  'a body that somebody began to read and left does not stall the connection',
  { timeout: 10_000 },
  async (t) => {
    const [, port, server] = await listen(t, (req, res) => {
      req.once('data', () => {
        req.pause();
        refuse(req, res);
      });
    });
    const accepted = once(server, 'connection');
    const socket = await open(t, port);
    const [far] = (await accepted) as [Socket];
    for (let round = 0; round < 2; round += 1) {
      socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60005\r\n\r\nbegin');
      assert.match(await readUntil(socket, /"r1".*\}$/), /401 Unauthorized/);
      // In two reads, the first of which is more than a paused request holds.
      const before = far.bytesRead;
      socket.write(Buffer.alloc(40_000, 'x'));
      await until('the first read', () => far.bytesRead >= before + 40_000);
      socket.write(Buffer.alloc(20_000, 'x'));
    }
  },
);

for (const [name, head] of [
  ['large', 'Content-Length: 1000000'],
  ['chunked', 'Transfer-Encoding: chunked'],
] as const) {
  test(`a ${name} unread upload is answered at once and in full, then the connection closes`, async (t) => {
    const answers: ServerResponse[] = [];
    const [, port] = await listen(t, (req, res) => {
      answers.push(res);
      refuse(req, res);
    });
    const socket = await open(t, port);
    socket.write(`POST / HTTP/1.1\r\nHost: a\r\n${head}\r\n\r\n`);
    const text = await readUntil(socket, /"r1".*\}$/);
    assert.match(text, /Connection: close/);
    // Closing now would reset a client that is still sending, and lose it the answer.
    assert.equal(answers[0]!.writableEnded, false);
    const closed = once(socket, 'close');
    socket.end();
    assert.deepEqual(await closed, [false]);
  });
}

test(
  'a client that sends all before it reads gets its answer, and no reset',
  { timeout: 10_000 },
  async (t) => {
    const [, port] = await listen(t, refuse);
    const socket = await open(t, port);
    socket.pause();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const body = Buffer.alloc(3_000_000, 'x');
    socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`);
    await new Promise((resolve) => socket.write(body, resolve));
    socket.resume();
    assert.match(await readUntil(socket, /"r1".*\}$/), /401 Unauthorized/);
    assert.equal(await closed, false);
  },
);

test('a client that never stops sending is cut off', async (t) => {
  const [, port] = await listen(t, refuse);
  const socket = await open(t, port);
  socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const chunk = Buffer.alloc(256 * 1024);
  let sent = 0;
  const send = (): void => {
    if (socket.destroyed) return;
    sent += chunk.length;
    socket.write(chunk, send);
  };
  socket.resume();
  send();
  await closed;
  assert.ok(sent < 64 * 1024 * 1024, `stopped after ${sent} bytes`);
});

test('a refused upgrade closes its connection', async (t) => {
  const [, port] = await listen(t, refuse);
  const socket = await open(t, port);
  socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  const ended = once(socket, 'end');
  assert.match(await readUntil(socket, /"r1".*\}$/), /Connection: close/);
  await ended;
});
