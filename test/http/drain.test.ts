import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { createGateway } from '../../src/gateway.ts';
import { Browser } from '../support/browser.ts';
import { silent } from '../support/faces.ts';
import { openRaw } from '../support/raw-client.ts';
import { freePort } from '../support/redis.ts';
import { startUpstream } from '../support/upstream.ts';

/** A gateway in front of this upstream, on a port of its own. */
async function listening(upstream: string) {
  const port = await freePort();
  const gateway = createGateway(
    {
      publicUrl: `http://127.0.0.1:${port}`,
      upstream,
      sessionSecret: 'a secret for tests that is long enough',
      customers: [],
    },
    { logger: silent },
  );
  await once(gateway.listen(port, '127.0.0.1'), 'listening');
  return { gateway, port };
}

test('draining: what runs may finish, new work is 503, sockets end, and nothing is left open', async (t) => {
  const answers: (() => void)[] = [];
  const upstream = await startUpstream((_req, res) => void answers.push(() => res.end('late')));
  t.after(() => upstream.stop());
  const { gateway, port } = await listening(upstream.url);
  const url = `http://127.0.0.1:${port}`;
  const running = new Browser().fetch(`${url}/slow`);
  await upstream.next();
  const waiting = await openRaw(port);
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
  await once(socket, 'open');

  const closed = gateway.close(300);
  waiting.write('GET /more HTTP/1.1\r\nHost: localhost\r\n\r\n');
  assert.match(await waiting.until('draining'), /^HTTP\/1\.1 503 /);
  answers[0]!();
  assert.equal((await running).body, 'late');
  const ended = once(socket, 'close');
  await closed;
  await ended;
  await assert.rejects(new Browser().fetch(url));
});

test('a client that keeps its connection alive does not hold the drain up', async (t) => {
  const answers: (() => void)[] = [];
  const upstream = await startUpstream((_req, res) => void answers.push(() => res.end('late')));
  t.after(() => upstream.stop());
  const { gateway, port } = await listening(upstream.url);
  const client = await openRaw(port);
  client.write('GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await upstream.next();
  const begun = performance.now();
  const closed = gateway.close(20_000);
  // whoever comes meanwhile, on a connection of their own, is told
  const ready = await new Browser().fetch(`http://127.0.0.1:${port}/secure-chat/readyz`);
  assert.deepEqual([ready.status, ready.headers.get('connection')], [503, 'close']);
  assert.equal((await new Browser().fetch(`http://127.0.0.1:${port}/x`)).status, 503);
  assert.equal(
    (await new Browser().fetch(`http://127.0.0.1:${port}/secure-chat/login?queueKey=q`)).status,
    503,
  );
  answers[0]!();
  await client.until('late');
  await closed;
  assert.ok(performance.now() - begun < 10_000);
  assert.equal(gateway.close(), closed, 'a second call waits for the same end');
});

test('requests that were abandoned behind another on one connection hold nothing up', async (t) => {
  const upstream = await startUpstream(() => undefined);
  t.after(() => upstream.stop());
  const { gateway, port } = await listening(upstream.url);
  const client = await openRaw(port);
  client.write('GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(3));
  const first = await upstream.next();
  client.destroy();
  await first.closed;
  const begun = performance.now();
  await gateway.close(20_000);
  assert.ok(performance.now() - begun < 10_000);
});
