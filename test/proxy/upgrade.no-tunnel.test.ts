import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openRaw, rawRequest } from '../support/raw-client.ts';
import { startUpstream } from '../support/upstream.ts';
import { startGateway } from './gateway.ts';

const UPGRADE =
  'GET /chat HTTP/1.1\r\nHost: g\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

for (const protocol of ['h2c', 'HTTP/2.0', 'TLS/1.0', 'HTTP/1.1', 'websockets']) {
  test(`an upgrade to ${protocol} is no tunnel past the wall: the plain request is answered`, async (t) => {
    const upstream = await startUpstream((_req, res) => void res.end('plain'));
    t.after(() => upstream.stop());
    const gateway = await startGateway(t, { upstream: upstream.url });
    const answer = await rawRequest(
      gateway.port,
      `GET / HTTP/1.1\r\nHost: g\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: ${protocol}\r\nHTTP2-Settings: AAMAAABk\r\n\r\n` +
        'GET /hidden HTTP/1.1\r\nHost: u\r\nX-Secure-Chat-Id: evil\r\n\r\n',
    );
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n[^]*plain$/);
    assert.deepEqual(
      upstream.requests.map(({ url, upgrade, headers }) => [url, upgrade, headers.upgrade]),
      [['/', false, undefined]],
    );
  });
}

test('a plain answer on the socket of an upgrade takes a slow client', async (t) => {
  const body = Buffer.alloc(8 * 1024 * 1024, 'x');
  const upstream = await startUpstream((_req, res) => void res.end(body));
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url });
  const answer = await rawRequest(
    gateway.port,
    'GET / HTTP/1.1\r\nHost: g\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
  );
  assert.ok(answer.length > body.length);
});

for (const framing of ['Content-Length: 5', 'Transfer-Encoding: chunked']) {
  test(`an upgrade with a body (${framing}) is request_malformed`, async (t) => {
    const upstream = await startUpstream();
    t.after(() => upstream.stop());
    const gateway = await startGateway(t, { upstream: upstream.url });
    const answer = await rawRequest(
      gateway.port,
      `${UPGRADE}${framing}\r\n\r\nGET /hidden HTTP/1.1\r\nHost: u\r\n\r\n`,
    );
    assert.match(answer, /^HTTP\/1\.1 400 /);
    assert.deepEqual(upstream.requests, []);
  });
}

test('a client that leaves while its refused upgrade waits as a plain request ends the exchange upstream', async (t) => {
  const upstream = await startUpstream(() => undefined);
  t.after(() => upstream.stop());
  const gateway = await startGateway(t, { upstream: upstream.url });
  const client = await openRaw(gateway.port);
  client.write('GET / HTTP/1.1\r\nHost: g\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
  const recorded = await upstream.next();
  client.destroy();
  assert.equal(await recorded.closed, true);
  assert.equal(await gateway.outcomes[0], undefined);
});
