import assert from 'node:assert/strict';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { openRaw, rawRequest } from '../support/raw-client.ts';
import { headerValues, startRawUpstream, startUpstream } from '../support/upstream.ts';
import { startGateway } from './gateway.ts';

const GET = (path = '/', more = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: g\r\n${more}Connection: close\r\n\r\n`;

test('an upload streams: the upstream has the first chunk before the client sends the last', async (t) => {
  const upstream = await startUpstream((req, res) => {
    req.once('data', () => res.write('got one'));
    req.on('end', () => res.end(' got all'));
  });
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url });
  const client = await openRaw(gateway.port);
  client.write(
    'POST / HTTP/1.1\r\nHost: g\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n',
  );
  await client.until('got one');
  client.write('4\r\nlast\r\n0\r\n\r\n');
  await client.until('got all');
  assert.equal(upstream.requests[0]!.body.toString(), 'firstlast');
  assert.equal(await gateway.outcomes[0], undefined);
});

test('an answer streams: server-sent events arrive one by one, the head before the first of them', async (t) => {
  let send: (text: string) => void = () => undefined;
  const upstream = await startUpstream((_req, res) => {
    res.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
    send = (text) => res.write(text);
  });
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url });
  const client = await openRaw(gateway.port);
  client.write(GET());
  await client.until('text/event-stream');
  send('data: 1\n\n');
  await client.until('data: 1\n\n');
  send('data: 2\n\n');
  await client.until('data: 2\n\n');
  client.destroy();
});

test('a client that does not read stops the upstream after a bounded amount', async (t) => {
  let written = 0;
  const chunk = Buffer.alloc(64 * 1024, 'x');
  const limit = 64 * 1024 * 1024;
  let blocked = (): void => undefined;
  const stalled = new Promise<void>((resolve) => {
    blocked = resolve;
  });
  const upstream = await startUpstream((_req, res) => {
    const more = (): void => {
      while (written < limit) {
        written += chunk.length;
        if (!res.write(chunk)) {
          // no drain for a while: the pressure has reached the upstream
          const timer = setTimeout(blocked, 300);
          res.once('drain', () => {
            clearTimeout(timer);
            more();
          });
          return;
        }
      }
      res.end();
    };
    more();
  });
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url });
  const { req, res } = await get(gateway.port);
  res.pause();
  await stalled;
  assert.ok(written < limit / 2, `${written} bytes were taken`);
  let received = 0;
  for await (const part of res) received += (part as Buffer).length;
  assert.equal(received, limit);
  req.destroy();
});

test('an upstream that does not read stops the client after a bounded amount', async (t) => {
  const upstream = await startUpstream((req) => void req.pause());
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url });
  const req = httpRequest({ port: gateway.port, host: '127.0.0.1', method: 'POST' });
  req.on('error', () => undefined);
  const chunk = Buffer.alloc(64 * 1024, 'x');
  let written = 0;
  await new Promise<void>((resolve) => {
    const more = (): void => {
      while (written < 64 * 1024 * 1024) {
        written += chunk.length;
        if (!req.write(chunk)) {
          const timer = setTimeout(resolve, 300);
          req.once('drain', () => {
            clearTimeout(timer);
            more();
          });
          return;
        }
      }
      resolve();
    };
    more();
  });
  assert.ok(written < 32 * 1024 * 1024, `${written} bytes were taken`);
  req.destroy();
});

for (const [name, status, request, expected] of [
  ['HEAD', '200 OK', 'HEAD', /^HTTP\/1\.1 200 OK\r\nContent-Length: 5\r\n/],
  ['204', '204 No Content', 'GET', /^HTTP\/1\.1 204 No Content\r\n(?!.*[Cc]ontent-[Ll]ength)/s],
  ['304', '304 Not Modified', 'GET', /^HTTP\/1\.1 304 Not Modified\r\n/],
] as const) {
  test(`an answer to ${name} has no body and does not hang`, async (t) => {
    const upstream = await startRawUpstream(`HTTP/1.1 ${status}\r\nContent-Length: 5\r\n\r\n`);
    t.after(() => upstream.stop());
    const gateway = await startGateway(t, { upstream: upstream.url });
    const answer = await rawRequest(
      gateway.port,
      `${request} / HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n`,
    );
    assert.match(answer, expected);
    assert.ok(answer.endsWith('\r\n\r\n'));
  });
}

test('hop-by-hop headers and nominated ones are left behind on both ways, bytes and duplicates are not', async (t) => {
  const upstream = await startRawUpstream(
    'HTTP/1.1 200 Fine\r\nSet-Cookie: a=1\r\nX-Latin: \u00e6\u00ff\r\nset-cookie: own=1\r\nSet-Cookie: b=2\r\n' +
      'Connection: keep-alive, x-foo\r\nX-Foo: 1\r\nX-Secure-Chat-Id: 1\r\nKeep-Alive: timeout=77\r\nContent-Length: 2\r\n\r\nhi',
  );
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, {
    upstream: upstream.url,
    plan: { identity: [['X-Secure-Chat-Id', 'kari']] },
  });
  const answer = await rawRequest(
    gateway.port,
    'GET /a?b=c HTTP/1.1\r\nHost: g\r\nCookie: x=1; own=2; y=3\r\nX-Latin: \u00e6\u00ff\r\nx_secure.chat-id: evil\r\n' +
      'TE: trailers\r\nX-Bar: 1\r\nConnection: close, X-Bar, X-Secure-Chat-Id\r\n\r\n',
  );
  assert.match(
    answer,
    /^HTTP\/1\.1 200 Fine\r\nSet-Cookie: a=1\r\nX-Latin: \u00e6\u00ff\r\nSet-Cookie: b=2\r\n/,
  );
  assert.doesNotMatch(answer, /x-foo|secure|timeout=77/i);
  const [asked] = upstream.received;
  assert.match(asked!, /^GET \/a\?b=c HTTP\/1\.1\r\n/);
  assert.match(asked!, /\r\nCookie: x=1; y=3\r\n/);
  assert.match(asked!, /\r\nX-Latin: \u00e6\u00ff\r\n/);
  assert.deepEqual(asked!.match(/^x.secure.*$/gim), ['X-Secure-Chat-Id: kari']);
  assert.doesNotMatch(asked!, /\r\n(te|x-bar):/i);
});

test('what a host has set stays, the upstream wins, cookies of both are kept', async (t) => {
  const upstream = await startRawUpstream(
    'HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Both: upstream\r\nContent-Length: 0\r\n\r\n',
  );
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, {
    upstream: upstream.url,
    before: (_req, res) => {
      res.setHeader('X-Host', '1').setHeader('X-Both', 'host').setHeader('Set-Cookie', 'host=1');
      return {};
    },
  });
  const answer = await rawRequest(gateway.port, GET());
  assert.deepEqual(answer.match(/^(?:x-|set-cookie).*$/gim)!.sort(), [
    'Set-Cookie: a=1',
    'Set-Cookie: b=2',
    'Set-Cookie: host=1',
    'X-Both: upstream',
    'X-Host: 1',
  ]);
});

test('a secure answer reaches the client with no-store', async (t) => {
  const upstream = await startRawUpstream(
    'HTTP/1.1 200 OK\r\nCache-Control: public\r\nContent-Length: 0\r\n\r\n',
  );
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url, plan: { noStore: true } });
  const answer = await rawRequest(gateway.port, GET());
  assert.deepEqual(answer.match(/^cache-control.*$/gim), ['Cache-Control: no-store']);
});

test('early hints are not the answer', async (t) => {
  const upstream = await startRawUpstream(
    'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi',
  );
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url });
  const answer = await rawRequest(gateway.port, GET());
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
  assert.ok(answer.endsWith('\r\n\r\nhi'));
});

test('trailers are dropped on both ways', async (t) => {
  const upstream = await startRawUpstream(
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Secure-Chat-Id\r\n\r\n2\r\nhi\r\n0\r\nX-Secure-Chat-Id: 1\r\n\r\n',
  );
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url });
  const answer = await rawRequest(
    gateway.port,
    'POST / HTTP/1.1\r\nHost: g\r\nConnection: close\r\nTrailer: X-Secure-Chat-Id\r\nTransfer-Encoding: chunked\r\n\r\n' +
      '2\r\nhi\r\n0\r\nX-Secure-Chat-Id: evil\r\n\r\n',
  );
  assert.match(answer, /\r\n2\r\nhi\r\n0\r\n\r\n$/);
  assert.doesNotMatch(answer, /secure|trailer/i);
  assert.doesNotMatch(upstream.received[0]!, /secure|trailer/i);
});

test('the base path of the upstream stands before the target', async (t) => {
  const upstream = await startUpstream();
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url, basePath: '/chat' });
  await rawRequest(gateway.port, GET('/queues/q?x=1'));
  assert.equal(upstream.requests[0]!.url, '/chat/queues/q?x=1');
  assert.deepEqual(headerValues(upstream.requests[0]!.rawHeaders, 'host'), [`127.0.0.1:${upstream.port}`]);
});

test('100 parallel requests are all answered, and 100 more use the same connections', async (t) => {
  const upstream = await startUpstream();
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url });
  const round = (): Promise<string[]> =>
    Promise.all(Array.from({ length: 100 }, (_, i) => rawRequest(gateway.port, GET(`/${i}`))));
  for (const [i, answer] of (await round()).entries()) assert.match(answer, new RegExp(`"url":"/${i}"`));
  const connections = upstream.connections;
  assert.ok(connections <= 100);
  await round();
  // a connection that was not free at the moment is replaced; most are reused
  assert.ok(upstream.connections <= connections + 20, `${connections}, then ${upstream.connections}`);
});

test('a kept connection that the upstream has closed is not used again', async (t) => {
  const upstream = await startRawUpstream((socket) => {
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
  });
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url });
  for (let i = 0; i < 5; i++) assert.match(await rawRequest(gateway.port, GET()), /^HTTP\/1\.1 200/);
  assert.equal(upstream.received.length, 5);
});

async function get(port: number): Promise<{ req: ReturnType<typeof httpRequest>; res: IncomingMessage }> {
  const req = httpRequest({ port, host: '127.0.0.1' });
  req.end();
  const res = await new Promise<IncomingMessage>((resolve, reject) => {
    req.once('response', resolve).once('error', reject);
  });
  return { req, res };
}
