import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { openRaw, rawRequest } from '../support/raw-client.ts';
import { closedPort, startRawUpstream, startUpstream } from '../support/upstream.ts';
import { startGateway } from './gateway.ts';
import { until } from '../support/until.ts';

const GET = 'GET / HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n';

test('nobody listens upstream: 502 upstream_unreachable', async (t) => {
  const gateway = await startGateway(t, { upstream: `http://127.0.0.1:${await closedPort()}` });
  const answer = await rawRequest(gateway.port, GET);
  assert.match(answer, /^HTTP\/1\.1 502 [^]*upstream_unreachable$/);
});

test('an upload to nobody is answered 502, not cut off', async (t) => {
  const gateway = await startGateway(t, { upstream: `http://127.0.0.1:${await closedPort()}` });
  const client = await openRaw(gateway.port);
  client.write('POST / HTTP/1.1\r\nHost: g\r\nContent-Length: 1000000\r\n\r\npart');
  await client.until('upstream_unreachable');
  client.write('x'.repeat(1_000_000 - 4));
  client.write(GET);
  const { text } = await client.closed;
  assert.equal(text.match(/HTTP\/1\.1 502/g)?.length, 2);
});

for (const [name, answer] of [
  ['closes without a word', (socket) => socket.end()],
  ['resets', (socket) => socket.resetAndDestroy()],
  ['talks garbage', (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')],
  ['breaks off within the head', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Le')],
  ['sends a head without end', (socket) => socket.end(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`)],
  [
    'switches protocols unasked',
    (socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n'),
  ],
] as [string, (socket: Socket) => void][]) {
  test(`an upstream that ${name} is 502 upstream_unreachable`, async (t) => {
    const upstream = await startRawUpstream(answer);
    t.after(() => upstream.stop());
    const gateway = await startGateway(t, { upstream: upstream.url });
    assert.match(await rawRequest(gateway.port, GET), /^HTTP\/1\.1 502 [^]*upstream_unreachable$/);
    assert.equal(upstream.received.length, 1, 'asked once');
  });
}

test('an upstream without the TLS that is expected is 502 upstream_unreachable', async (t) => {
  const upstream = await startUpstream();
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url.replace('http:', 'https:') });
  assert.match(await rawRequest(gateway.port, GET), /^HTTP\/1\.1 502 [^]*upstream_unreachable$/);
});

test('a silent upstream is 504 upstream_timeout, soon after the deadline, and is let go', async (t) => {
  const upstream = await startUpstream(() => undefined);
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url, timeoutMs: 200 });
  const start = performance.now();
  assert.match(await rawRequest(gateway.port, GET), /^HTTP\/1\.1 504 [^]*upstream_timeout$/);
  const took = performance.now() - start;
  assert.ok(took > 190 && took < 600, `${took} ms`);
  assert.equal(await upstream.requests[0]!.closed, true);
});

test('a deadline that has passed before is 504 at once', async (t) => {
  const upstream = await startUpstream(() => undefined);
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, {
    upstream: upstream.url,
    plan: { deadline: performance.now() - 1 },
  });
  assert.match(await rawRequest(gateway.port, GET), /^HTTP\/1\.1 504 /);
});

test('an upload that outlasts the deadline is no timeout, silence after it is', async (t) => {
  const upstream = await startUpstream((req) => void req.resume());
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url, timeoutMs: 1500 });
  const client = await openRaw(gateway.port);
  client.write('POST / HTTP/1.1\r\nHost: g\r\nConnection: close\r\nContent-Length: 5\r\n\r\n');
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 400));
    assert.equal(client.text, '');
    client.write('x');
  }
  assert.match((await client.closed).text, /^HTTP\/1\.1 504 /);
  assert.equal(upstream.requests[0]!.body.length, 5);
});

for (const [framing, head, body, version] of [
  ['chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', '5\r\nhello\r\n', '1.1'],
  ['Content-Length', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n', 'hello', '1.1'],
  ['the end of the connection', 'HTTP/1.0 200 OK\r\n\r\n', 'hello', '1.1'],
  [
    'chunked, to an HTTP/1.0 client',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
    '5\r\nhello\r\n',
    '1.0',
  ],
  ['Content-Length, to an HTTP/1.0 client', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n', 'hello', '1.0'],
  ['the end of the connection, to an HTTP/1.0 client', 'HTTP/1.0 200 OK\r\n\r\n', 'hello', '1.0'],
] as const) {
  test(`a reset in mid-body is never a complete answer (framed by ${framing})`, async (t) => {
    let socket: Socket | undefined;
    const upstream = await startRawUpstream((accepted) => {
      socket = accepted;
      accepted.write(head + body);
    });
    t.after(() => upstream.stop());
    const gateway = await startGateway(t, { upstream: upstream.url });
    const client = await openRaw(gateway.port);
    client.write(`GET / HTTP/${version}\r\nHost: g\r\n\r\n`);
    await client.until('hello');
    socket!.resetAndDestroy();
    const { text, reset } = await client.closed;
    assert.ok(
      reset || /chunked/i.test(text) || /content-length: 10/i.test(text),
      `seen as complete: ${text}`,
    );
    assert.doesNotMatch(text, /\r\n0\r\n\r\n$/);
    assert.equal(await gateway.outcomes[0], undefined);
  });
}

test('an answer that falls silent for longer than the idle time is broken off', async (t) => {
  const upstream = await startUpstream((_req, res) => void res.write('hello'));
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url, idleTimeoutMs: 200 });
  const client = await openRaw(gateway.port);
  client.write(GET);
  assert.doesNotMatch((await client.closed).text, /\r\n0\r\n\r\n$/);
  assert.equal(await upstream.requests[0]!.closed, true);
});

test('an answer that never falls silent for the idle time may take many times as long', async (t) => {
  const upstream = await startUpstream((_req, res) => {
    let parts = 0;
    const timer = setInterval(() => {
      res.write('part');
      if (++parts < 20) return;
      clearInterval(timer);
      res.end('end');
    }, 100);
  });
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url, idleTimeoutMs: 900 });
  const client = await openRaw(gateway.port);
  client.write(GET);
  assert.match((await client.closed).text, /end\r\n0\r\n\r\n$/);
});

test('while the client does not read, the upstream is not the one who is silent', async (t) => {
  const upstream = await startUpstream((_req, res) => {
    res.write(Buffer.alloc(32 * 1024 * 1024, 'a'));
    void once(res, 'drain').then(() => res.write('all'));
  });
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url, idleTimeoutMs: 1500 });
  const client = connect(gateway.port, '127.0.0.1').on('error', () => undefined);
  client.pause().write(GET);
  await upstream.next();
  await delay(1000);
  const begun = performance.now();
  let end = '';
  client
    .resume()
    .on('data', (chunk: Buffer) => (end = (end + chunk.subarray(-20).toString('latin1')).slice(-20)));
  await once(client, 'close');
  // it had all of its time after that
  assert.match(end, /all\r\n$/);
  assert.ok(performance.now() - begun >= 1400);
});

test('a client that leaves an answer unread for longer than the idle time frees the upstream', async (t) => {
  const upstream = await startUpstream((_req, res) => void res.write(Buffer.alloc(32 * 1024 * 1024)));
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url, idleTimeoutMs: 200 });
  const client = await openRaw(gateway.port);
  client.socket.pause();
  client.write(GET);
  assert.equal(await (await upstream.next()).closed, true);
  client.destroy();
});

for (const [name, request] of [
  ['waits for the head (long poll)', GET],
  ['is in mid-upload', 'POST / HTTP/1.1\r\nHost: g\r\nContent-Length: 100\r\n\r\npart'],
] as const) {
  test(`a client that leaves while it ${name} ends the exchange upstream`, async (t) => {
    const upstream = await startUpstream(() => undefined);
    t.after(() => upstream.stop());
    const gateway = await startGateway(t, { upstream: upstream.url });
    const client = await openRaw(gateway.port);
    client.write(request);
    const recorded = await upstream.next();
    client.destroy();
    assert.equal(await recorded.closed, true);
    assert.equal(await gateway.outcomes[0], undefined);
  });
}

test('a client that leaves in mid-answer ends the exchange upstream', async (t) => {
  const upstream = await startUpstream((_req, res) => void res.write('hello'));
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url });
  const client = await openRaw(gateway.port);
  client.write(GET);
  await client.until('hello');
  client.destroy();
  assert.equal(await upstream.requests[0]!.closed, true);
});

test('a client that has left before forwarding costs no request', async (t) => {
  const upstream = await startUpstream();
  t.after(() => upstream.stop());
  let enter = (): void => undefined;
  const entered = new Promise<void>((resolve) => {
    enter = resolve;
  });
  const gateway = await startGateway(t, {
    upstream: upstream.url,
    before: (_req, res) => {
      enter();
      return new Promise((resolve) => {
        res.once('close', () => {
          resolve({});
        });
      });
    },
  });
  const client = await openRaw(gateway.port);
  client.write(GET);
  await entered;
  client.destroy();
  await until('an outcome', () => gateway.outcomes.length > 0);
  assert.equal(await gateway.outcomes[0], undefined);
  assert.equal(upstream.requests.length, 0);
});

test('closing the proxy breaks off what runs, and refuses what comes as draining', async (t) => {
  const upstream = await startUpstream(() => undefined);
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url });
  const running = rawRequest(gateway.port, GET);
  await upstream.next();
  await gateway.proxy.close();
  assert.match(await running, /^HTTP\/1\.1 503 [^]*draining$/);
  assert.match(await rawRequest(gateway.port, GET), /^HTTP\/1\.1 503 [^]*draining$/);
});
