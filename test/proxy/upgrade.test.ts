import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { once } from 'node:events';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { openRaw, rawRequest } from '../support/raw-client.ts';
import { closedPort, headerValues, startRawUpstream, startUpstream } from '../support/upstream.ts';
import { startGateway } from './gateway.ts';
import { until } from '../support/until.ts';

const UPGRADE =
  'GET /chat HTTP/1.1\r\nHost: g\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
const SWITCH = 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n';

test('a megabyte goes through a WebSocket and back', async (t) => {
  const upstream = await startUpstream();
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url });
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/chat`);
  await once(socket, 'open');
  const message = randomBytes(1024 * 1024);
  socket.send(message);
  const [echoed] = (await once(socket, 'message')) as [Buffer];
  assert.ok(echoed.equals(message));
  socket.close();
  await once(socket, 'close');
  assert.equal(await gateway.outcomes[0], undefined);
  await upstream.requests[0]!.closed;
});

test('an upgrade passes the same wall: identity ours, own cookie gone, nominated names gone', async (t) => {
  const upstream = await startUpstream();
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, {
    upstream: upstream.url,
    plan: { identity: [['X-Secure-Chat-Id', 'kari']] },
  });
  const client = await openRaw(gateway.port);
  client.write(
    UPGRADE.replace('Connection: Upgrade', 'Connection: X-Secure-Chat-Id, Upgrade, X-Foo') +
      'X-Foo: 1\r\nx_secure_chat_id: evil\r\nCookie: a=1; own=2\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n',
  );
  await client.until('101');
  client.destroy();
  const { rawHeaders, upgrade } = upstream.requests[0]!;
  assert.equal(upgrade, true);
  assert.deepEqual(
    rawHeaders.filter((text) => /^x.secure/i.test(text)),
    ['X-Secure-Chat-Id'],
  );
  assert.deepEqual(headerValues(rawHeaders, 'x-secure-chat-id'), ['kari']);
  assert.deepEqual(headerValues(rawHeaders, 'cookie'), ['a=1']);
  assert.deepEqual(headerValues(rawHeaders, 'x-foo'), []);
  assert.deepEqual(headerValues(rawHeaders, 'x-forwarded-for'), ['127.0.0.1']);
  assert.deepEqual(headerValues(rawHeaders, 'host'), [`127.0.0.1:${upstream.port}`]);
});

test('bytes behind either head arrive, and headers of the 101 pass the wall', async (t) => {
  const upstream = await startRawUpstream((socket) => {
    socket.write(
      `${SWITCH}X-Secure-Chat-Id: 1\r\nSet-Cookie: own=1\r\nSec-WebSocket-Accept: x\r\n\r\nfrom upstream`,
    );
  });
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url });
  const client = await openRaw(gateway.port);
  client.write(`${UPGRADE}\r\nfrom client`);
  const text = await client.until('from upstream');
  assert.match(
    text,
    /^HTTP\/1\.1 101 Switching Protocols\r\nSec-WebSocket-Accept: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n/,
  );
  await until('the bytes of the client', () => upstream.received[0]!.endsWith('\r\n\r\nfrom client'));
  client.destroy();
});

test('the client may end first and still receive', async (t) => {
  const upstream = await startRawUpstream((socket) => {
    socket.write(`${SWITCH}\r\n`);
    socket.on('end', () => socket.end('last words'));
  });
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url });
  const client = await openRaw(gateway.port);
  client.write(`${UPGRADE}\r\n`);
  await client.until('\r\n\r\n');
  client.socket.end('bye');
  assert.ok((await client.closed).text.endsWith('last words'));
  assert.ok(upstream.received[0]!.endsWith('bye'));
  assert.equal(await gateway.outcomes[0], undefined);
});

test('the upstream may end first and still receive', async (t) => {
  const upstream = await startRawUpstream((socket) => socket.end(`${SWITCH}\r\n`));
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url });
  const client = connect({ port: gateway.port, host: '127.0.0.1', allowHalfOpen: true });
  client.resume().write(`${UPGRADE}\r\n`);
  await once(client, 'end');
  client.end('last words');
  await once(client, 'close');
  assert.equal(await gateway.outcomes[0], undefined);
  await until('the last words', () => upstream.received[0]!.endsWith('last words'));
});

test('the death of the upstream closes the client', async (t) => {
  let accepted: Duplex | undefined;
  const upstream = await startUpstream(undefined, (_req, socket) => {
    accepted = socket;
    socket.write(`${SWITCH}\r\n`);
  });
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url });
  const client = await openRaw(gateway.port);
  client.write(`${UPGRADE}\r\n`);
  await client.until('101');
  (accepted as Socket).resetAndDestroy();
  await client.closed;
  assert.equal(await gateway.outcomes[0], undefined);
});

test('the death of the client closes the upstream, after the switch and while it waits for it', async (t) => {
  const upstream = await startUpstream(undefined, (req, socket) => {
    socket.resume();
    if (req.url === '/chat') socket.write(`${SWITCH}\r\n`);
  });
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url });
  const open = await openRaw(gateway.port);
  open.write(`${UPGRADE}\r\n`);
  await open.until('101');
  open.socket.resetAndDestroy();
  await (
    await upstream.next()
  ).closed;
  const waiting = await openRaw(gateway.port);
  waiting.write(`${UPGRADE.replace('/chat', '/silent')}\r\n`);
  const recorded = await upstream.next();
  waiting.destroy();
  await recorded.closed;
  assert.deepEqual(await Promise.all(gateway.outcomes), [undefined, undefined]);
});

test('a slow reader in the tunnel stops the upstream after a bounded amount', async (t) => {
  let written = 0;
  let blocked = (): void => undefined;
  const stalled = new Promise<void>((resolve) => {
    blocked = resolve;
  });
  const upstream = await startRawUpstream((socket) => {
    socket.write(`${SWITCH}\r\n`);
    const chunk = Buffer.alloc(64 * 1024);
    const more = (): void => {
      while (written < 64 * 1024 * 1024) {
        written += chunk.length;
        if (!socket.write(chunk)) {
          const timer = setTimeout(blocked, 300);
          socket.once('drain', () => {
            clearTimeout(timer);
            more();
          });
          return;
        }
      }
      blocked();
    };
    more();
  });
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url });
  const client = await openRaw(gateway.port);
  client.socket.pause();
  client.write(`${UPGRADE}\r\n`);
  await stalled;
  assert.ok(written < 32 * 1024 * 1024, `${written} bytes were taken`);
  client.destroy();
});

test('a refusal of the upstream is relayed with its body, and the connection ends', async (t) => {
  const body = 'no chat today '.repeat(10_000);
  const upstream = await startUpstream(undefined, (_req, socket) => {
    socket.end(
      `HTTP/1.1 403 Forbidden\r\nX-Why: x\r\nX-Secure-Chat-Id: 1\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
  });
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url, plan: { noStore: true } });
  const answer = await rawRequest(gateway.port, `${UPGRADE}\r\n`);
  assert.match(
    answer,
    /^HTTP\/1\.1 403 Forbidden\r\nX-Why: x\r\nContent-Length: 140000\r\nCache-Control: no-store\r\n/,
  );
  assert.doesNotMatch(answer, /secure/i);
  assert.ok(answer.endsWith(`\r\n\r\n${body}`));
  assert.equal(await gateway.outcomes[0], undefined);
});

test('a refusal that breaks off is never complete', async (t) => {
  const upstream = await startRawUpstream((socket) => {
    socket.write('HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n');
    setImmediate(() => socket.destroy());
  });
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url });
  assert.doesNotMatch(await rawRequest(gateway.port, `${UPGRADE}\r\n`), /0\r\n\r\n$/);
});

test('nobody upstream: 502; a silent one: 504; another protocol: 502', async (t) => {
  const nobody = await startGateway(t, { upstream: `http://127.0.0.1:${await closedPort()}` });
  assert.match(await rawRequest(nobody.port, `${UPGRADE}\r\n`), /^HTTP\/1\.1 502 [^]*upstream_unreachable$/);
  const silent = await startUpstream(undefined, (_req, socket) => void socket.resume());
  t.after(() => silent.stop());
  const late = await startGateway(t, { upstream: silent.url, timeoutMs: 150 });
  assert.match(await rawRequest(late.port, `${UPGRADE}\r\n`), /^HTTP\/1\.1 504 [^]*upstream_timeout$/);
  await silent.requests[0]!.closed;
  const other = await startRawUpstream(
    'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n',
  );
  t.after(() => other.stop());
  const gateway = await startGateway(t, { upstream: other.url });
  assert.match(await rawRequest(gateway.port, `${UPGRADE}\r\n`), /^HTTP\/1\.1 502 [^]*upstream_unreachable$/);
});

test('the deadline ends with the switch', async (t) => {
  const upstream = await startUpstream();
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url, timeoutMs: 150 });
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/chat`);
  await once(socket, 'open');
  await new Promise((resolve) => setTimeout(resolve, 250));
  socket.send('still here');
  await once(socket, 'message');
  socket.terminate();
});

test('an upgrade is over at the switch, while its tunnel stays open', async (t) => {
  const upstream = await startUpstream();
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url });
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/chat`);
  await once(socket, 'open');
  assert.equal(await gateway.outcomes[0], undefined);
  socket.send('still here');
  await once(socket, 'message');
  socket.terminate();
});

test('closing the proxy closes its tunnels', async (t) => {
  const upstream = await startUpstream();
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url });
  const client = await openRaw(gateway.port);
  client.write(`${UPGRADE}\r\n`);
  await client.until('101');
  await gateway.proxy.close();
  await client.closed;
  await upstream.requests[0]!.closed;
});
