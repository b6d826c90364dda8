import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { openRaw, rawRequest } from '../support/raw-client.ts';
import { headerValues, startRawUpstream, startUpstream } from '../support/upstream.ts';
import { startGateway } from './gateway.ts';

for (const method of ['DELETE', 'OPTIONS', 'GET', 'POST', 'PATCH']) {
  test(`a chunked ${method} that hides a second request is one request with that body`, async (t) => {
    const upstream = await startUpstream();
    t.after(() => upstream.stop());
    const gateway = await startGateway(t, { upstream: upstream.url });
    const hidden = 'GET /hidden HTTP/1.1\r\nHost: u\r\n\r\n';
    const chunk = `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`;
    await rawRequest(
      gateway.port,
      `${method} /a HTTP/1.1\r\nHost: g\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`,
    );
    await rawRequest(gateway.port, 'GET /b HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n');
    assert.deepEqual(
      upstream.requests.map(({ url, body }) => [url, body.toString()]),
      [
        ['/a', hidden],
        ['/b', ''],
      ],
    );
  });

  test(`a ${method} with a length keeps it and its bytes`, async (t) => {
    const upstream = await startUpstream();
    t.after(() => upstream.stop());
    const gateway = await startGateway(t, { upstream: upstream.url });
    await rawRequest(
      gateway.port,
      `${method} / HTTP/1.1\r\nHost: g\r\nConnection: close, Content-Length, Transfer-Encoding\r\nContent-Length: 5\r\n\r\nh\u00e6llo`,
    );
    const [recorded] = upstream.requests;
    assert.equal(recorded!.body.toString('latin1'), 'h\u00e6llo');
    assert.deepEqual(headerValues(recorded!.rawHeaders, 'content-length'), ['5']);
    assert.deepEqual(headerValues(recorded!.rawHeaders, 'transfer-encoding'), []);
  });
}

for (const method of ['GET', 'DELETE', 'OPTIONS']) {
  test(`a ${method} without a body stays without framing`, async (t) => {
    const upstream = await startUpstream();
    t.after(() => upstream.stop());
    const gateway = await startGateway(t, { upstream: upstream.url });
    await rawRequest(gateway.port, `${method} / HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n`);
    const { rawHeaders } = upstream.requests[0]!;
    assert.deepEqual(headerValues(rawHeaders, 'content-length'), []);
    assert.deepEqual(headerValues(rawHeaders, 'transfer-encoding'), []);
  });
}

for (const [name, head] of [
  ['both framings', 'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n'],
  ['two lengths', 'Content-Length: 4\r\nContent-Length: 5\r\n'],
  ['another transfer coding', 'Transfer-Encoding: gzip, chunked\r\n'],
  ['a folded line', 'X-A: 1\r\n Transfer-Encoding: chunked\r\nContent-Length: 4\r\n'],
] as const) {
  test(`a request with ${name} is refused and nothing goes upstream but one request at most`, async (t) => {
    const upstream = await startUpstream();
    t.after(() => upstream.stop());
    const gateway = await startGateway(t, { upstream: upstream.url });
    const answer = await rawRequest(
      gateway.port,
      `POST / HTTP/1.1\r\nHost: g\r\nConnection: close\r\n${head}\r\n0\r\n\r\nGET /hidden HTTP/1.1\r\nHost: g\r\n\r\n`,
    );
    assert.match(answer, /^HTTP\/1\.1 400 /);
    assert.deepEqual(upstream.requests, []);
  });
}

test('bytes read before are forwarded unchanged, with their length', async (t) => {
  const upstream = await startUpstream();
  t.after(() => upstream.stop());
  const body = Buffer.from('{"queueKey": "q_b\u00e6nk" }', 'latin1');
  const gateway = await startGateway(t, { upstream: upstream.url, plan: { body } });
  await rawRequest(
    gateway.port,
    'POST / HTTP/1.1\r\nHost: g\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  );
  assert.deepEqual(upstream.requests[0]!.body, body);
  assert.deepEqual(headerValues(upstream.requests[0]!.rawHeaders, 'content-length'), [String(body.length)]);
});

test('a body that a parser has read before is a TypeError that names the cure', async (t) => {
  const upstream = await startUpstream();
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, {
    upstream: upstream.url,
    before: readAll,
  });
  await rawRequest(
    gateway.port,
    'POST / HTTP/1.1\r\nHost: g\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi',
  );
  const outcome = await gateway.outcomes[0];
  assert.ok(outcome instanceof TypeError);
  assert.match(outcome.message, /mount secureChat before body parsers/);
  assert.deepEqual(upstream.requests, []);
});

test('a parser that had nothing to read is no error', async (t) => {
  const upstream = await startUpstream();
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url, before: readAll });
  const answer = await rawRequest(gateway.port, 'GET / HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n');
  assert.match(answer, /^HTTP\/1\.1 200 /);
});

test('Expect: 100-continue is answered by us once the upstream is there, and not sent on', async (t) => {
  const upstream = await startUpstream();
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url });
  const client = await openRaw(gateway.port);
  client.write(
    'POST / HTTP/1.1\r\nHost: g\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n',
  );
  assert.equal(await client.until('\r\n\r\n'), 'HTTP/1.1 100 Continue\r\n\r\n');
  client.write('hello');
  assert.match((await client.closed).text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
  assert.equal(upstream.requests[0]!.body.toString(), 'hello');
  assert.deepEqual(headerValues(upstream.requests[0]!.rawHeaders, 'expect'), []);
});

test('a refusal of a client that waits for 100-continue asks for no upload', async (t) => {
  const gateway = await startGateway(t, {
    upstream: 'http://127.0.0.1:9',
    plan: { deadline: performance.now() - 1 },
  });
  const client = await openRaw(gateway.port);
  client.write(
    'POST / HTTP/1.1\r\nHost: g\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n',
  );
  assert.match(await client.until('\r\n\r\n'), /^HTTP\/1\.1 50[24] /);
  client.destroy();
});

test('an answer that comes before the end of the upload reaches the client, and the connection goes on', async (t) => {
  const upstream = await startUpstream((req, res, { url }) => {
    if (url === '/big') res.writeHead(413, { 'Content-Length': '7' }).end('too big');
    else res.end('fine');
    req.resume();
  });
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url });
  const client = await openRaw(gateway.port);
  client.write('POST /big HTTP/1.1\r\nHost: g\r\nContent-Length: 300000\r\n\r\npart');
  await client.until('too big');
  client.write('x'.repeat(300_000 - 4));
  client.write('GET / HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n');
  const { text } = await client.closed;
  assert.match(text, /^HTTP\/1\.1 413 [^]*too bigHTTP\/1\.1 200 /);
});

test('an upload that the upstream never reads is drained once the answer is there', async (t) => {
  const upstream = await startUpstream((_req, res, { url }) => {
    if (url !== '/big') res.end('fine');
    // answers only when nothing more fits between client and upstream
    else setTimeout(() => res.writeHead(413, { 'Content-Length': '7' }).end('too big'), 300);
  });
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url });
  const client = await openRaw(gateway.port);
  const length = 32 * 1024 * 1024;
  client.write(`POST /big HTTP/1.1\r\nHost: g\r\nContent-Length: ${length}\r\n\r\n`);
  client.write(Buffer.alloc(length));
  client.write('GET / HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n');
  assert.match((await client.closed).text, /^HTTP\/1\.1 413 [^]*too bigHTTP\/1\.1 200 /);
});

test('an upstream that answers early and hangs up does not hang the client', async (t) => {
  const upstream = await startRawUpstream((socket) => {
    socket.end('HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 7\r\n\r\ntoo big');
  });
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url });
  const client = await openRaw(gateway.port);
  client.write('POST / HTTP/1.1\r\nHost: g\r\nConnection: close\r\nContent-Length: 300000\r\n\r\npart');
  assert.match(await client.until('too big'), /^HTTP\/1\.1 413 /);
  client.destroy();
});

for (const [name, trustProxy, expected] of [
  ['trust unset', undefined, ['127.0.0.1']],
  ['one hop', 1, ['203.0.113.7, 127.0.0.1']],
  ['two hops', 2, ['6.6.6.6, 203.0.113.7, 127.0.0.1']],
  ['a trusted address', ['127.0.0.1'], ['203.0.113.7, 127.0.0.1']],
] as [string, number | string[] | undefined, string[]][]) {
  test(`X-Forwarded-For of a forged chain with ${name}`, async (t) => {
    const upstream = await startUpstream();
    t.after(() => upstream.stop());
    const gateway = await startGateway(t, {
      upstream: upstream.url,
      ...(trustProxy === undefined ? {} : { trustProxy }),
    });
    await rawRequest(
      gateway.port,
      'GET / HTTP/1.1\r\nHost: g\r\nConnection: close, X-Forwarded-For\r\nX-Forwarded-For: 7.7.7.7, 6.6.6.6\r\nx_forwarded_for: 8.8.8.8\r\n' +
        'X-Forwarded-For: 203.0.113.7\r\nForwarded: for=9.9.9.9\r\nX-Real-IP: 9.9.9.9\r\n\r\n',
    );
    const { rawHeaders } = upstream.requests[0]!;
    assert.deepEqual(headerValues(rawHeaders, 'x-forwarded-for'), expected);
    assert.doesNotMatch(rawHeaders.join('\n'), /9\.9\.9\.9|8\.8\.8\.8|7\.7\.7\.7/);
    assert.equal(headerValues(rawHeaders, 'forwarded').length, 1);
  });
}

function readAll(req: IncomingMessage): Promise<Record<string, never>> {
  return new Promise((resolve) => {
    req.resume().once('end', () => {
      resolve({});
    });
  });
}
