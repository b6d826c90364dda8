/**
 * Threat: a handler answers and goes on all the same, so that the refused request still reaches the chat. After every answer of
 * the gateway's own the upstream and the host have seen nothing, and the client gets that one answer, byte for byte.
 */
import assert from 'node:assert/strict';
import express from 'express';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { secureChat } from '../../src/secure-chat.ts';
import { attachServer } from '../../src/serving.ts';
import { Browser } from '../support/browser.ts';
import { silent } from '../support/faces.ts';
import { startProvider, type Behaviour } from '../support/provider.ts';
import { rawRequest } from '../support/raw-client.ts';
import { connection, inEveryFace, kari, ola, startSystem } from '../support/system.ts';
import { LOGIN } from '../support/login-walk.ts';

const HTML = 'Accept: text/html\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n';

/** Every request that the gateway answers by itself: what is sent, and the status. */
const OWN_ANSWERS: readonly (readonly [string, string, number, string?])[] = [
  ['GET', '/queues/q_bank', 401],
  ['POST', '/queues/q_bank/messages', 401],
  ['DELETE', '/queues/q_bank', 401],
  ['OPTIONS', '/queues/q_bank', 401],
  ['GET', '/queues/q_bank', 302, HTML],
  ['GET', '/queues/q_bank?authError=login_required', 401, HTML],
  ['GET', '/x/../queues/q_bank', 400],
  ['GET', '/queues/q_open?queueKey=q_bank', 400],
  ['GET', '/queues/%zz', 400],
  ['GET', '/secure-chat/login?queueKey=q_bank&returnTo=https://evil.example/', 400],
  ['GET', '/secure-chat/login', 400],
  ['GET', '/secure-chat/callback?state=x', 400],
  ['GET', '/secure-chat/nothing-here', 404],
  ['POST', '/secure-chat/login', 400],
  ['PUT', '/secure-chat/login', 405],
  ['GET', '/secure-chat/session', 200],
  ['GET', '/secure-chat/healthz', 200],
  ['GET', '/secure-chat/login?queueKey=q_bank&returnTo=/', 302],
];

/** Sends it on a socket of its own, with a second head behind it that only a confused server would answer. */
async function exchange(port: number, method: string, path: string, more = ''): Promise<string> {
  return rawRequest(
    port,
    `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 0\r\nConnection: close\r\n${more}\r\n`,
  );
}

function assertOneAnswer(text: string, status: number, what: string): void {
  const [head = '', body = ''] = text.split(/\r\n\r\n([^]*)/);
  assert.equal(Number(head.slice(9, 12)), status, what);
  assert.equal(text.split('HTTP/1.1 ').length, 2, `${what}: one answer`);
  const length = /^content-length: (\d+)/im.exec(head)?.[1];
  if (length !== undefined)
    assert.equal(Buffer.byteLength(body, 'latin1'), Number(length), `${what}: its body`);
  assert.ok(!body.includes('rawHeaders'), `${what}: nothing of the upstream's`);
}

inEveryFace('every answer of the gateway is the only one, and nothing goes on', async (t, face) => {
  const { upstream, gateway } = await startSystem(t, { face });
  const { port } = gateway.server.address() as AddressInfo;
  for (const [method, path, status, more] of OWN_ANSWERS)
    assertOneAnswer(await exchange(port, method, path, more), status, `${method} ${path}`);
  const upgrade =
    'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n';
  const text = await rawRequest(
    port,
    `GET /queues/q_bank HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\n${upgrade}\r\n`,
  );
  assertOneAnswer(text, 401, 'upgrade');
  assert.equal(upstream.requests.length, 0);
  assert.match(await exchange(port, 'GET', '/queues/q_open'), /^HTTP\/1\.1 200 /, 'what is open goes on');
  assert.equal(upstream.requests.length, 1);
});

inEveryFace('after a failed redemption nothing goes on either', async (t, face) => {
  const { url, provider, upstream, browser } = await startSystem(t, {
    face,
    // more than a login here needs: what is waited for is the provider that hangs
    options: { providerTimeoutMs: 1500 },
  });
  const failures: [Behaviour, number][] = [
    [{ idToken: { alg: 'none' } }, 502],
    [{ token: 'drop' }, 503],
    [{ token: 'hang' }, 503],
    [{ userinfo: 'html' }, 502],
    [{ token: { error: 'invalid_grant' } }, 401],
  ];
  for (const [behaviour, status] of failures) {
    const visitors = { fetch: browser(), navigate: browser() };
    provider.behave({});
    for (const visitor of Object.values(visitors)) await visitor.open(url + LOGIN);
    const before = upstream.requests.length;
    provider.behave(behaviour);
    const redeem = async (open: keyof typeof visitors): Promise<void> => {
      const visit = await visitors[open][open](`${url}/queues/q_bank`);
      assert.equal(visit.status, status === 401 && open === 'navigate' ? 302 : status);
      assert.ok(!visit.body.includes('rawHeaders'));
    };
    await Promise.all([redeem('fetch'), redeem('navigate')]);
    assert.equal(upstream.requests.length, before);
  }
});

test('the handlers of a host are called for what may go on, and never for what was answered', async (t) => {
  const provider = await startProvider({ person: kari });
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const queues = [{ queueKey: 'q_bank', authConnectionName: 'Signicat' }, { queueKey: 'q_open' }];
  const chat = secureChat(
    {
      publicUrl: url,
      sessionSecret: 'a secret for tests that is long enough',
      customers: [{ customerKey: '1', connections: [connection(provider)], queues }],
    },
    { logger: silent },
  );
  const seen: string[] = [];
  const host = express()
    .use(chat)
    .use((req, res) => {
      seen.push(req.url);
      res.end('host');
    });
  attachServer(server, { listener: host, upgrade: chat.upgrade });
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await chat.close();
    await provider.stop();
  });
  for (const [method, path, status, more] of OWN_ANSWERS)
    assertOneAnswer(await exchange(port, method, path, more), status, `${method} ${path}`);
  assert.deepEqual(seen, []);

  const visitor = new Browser();
  assert.equal((await visitor.open(`${url}/queues/q_bank`)).body, 'host');
  provider.setPerson(ola);
  await visitor.open(`${url}/secure-chat/login?queueKey=q_bank&returnTo=/queues/q_open`);
  const before = seen.length;
  assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, 409);
  assert.equal(seen.length, before);
});
