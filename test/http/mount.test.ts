import assert from 'node:assert/strict';
import { once } from 'node:events';
import express from 'express';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import { createGateway } from '../../src/gateway.ts';
import { secureChat } from '../../src/secure-chat.ts';
import { attachServer } from '../../src/serving.ts';
import { Browser } from '../support/browser.ts';
import { silent } from '../support/faces.ts';
import { startProvider } from '../support/provider.ts';
import { connection, kari } from '../support/system.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

interface Mounted {
  readonly url: string;
  readonly upstream: Upstream;
}

async function mount(
  t: TestContext,
  way: 'drop-in' | 'stand-alone' | 'gateway in a host',
  path = '/chat',
): Promise<Mounted> {
  const provider = await startProvider({ person: kari });
  const upstream = await startUpstream();
  const server: Server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options = {
    publicUrl: url + path,
    upstream: upstream.url,
    sessionSecret: 'a secret for tests that is long enough',
    customers: [
      {
        customerKey: '1',
        connections: [connection(provider)],
        queues: [{ queueKey: 'q_bank', authConnectionName: 'Signicat' }],
      },
    ],
  };
  const chat =
    way === 'drop-in' ? secureChat(options, { logger: silent }) : createGateway(options, { logger: silent });
  const listener = 'listener' in chat && way === 'stand-alone' ? chat.listener : express().use('/chat', chat);
  attachServer(server, { listener, upgrade: chat.upgrade });
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await chat.close();
    await upstream.stop();
    await provider.stop();
  });
  return { url, upstream };
}

for (const way of ['drop-in', 'stand-alone', 'gateway in a host'] as const) {
  test(`below a path everything works as at the root, upgrades included (${way})`, async (t) => {
    const { url, upstream } = await mount(t, way);
    const visitor = new Browser();
    const refused = new WebSocket(`${url.replace('http', 'ws')}/chat/queues/q_bank/ws`);
    const [, answer] = (await once(refused, 'unexpected-response')) as [unknown, { statusCode: number }];
    assert.equal(answer.statusCode, 401);
    const visit = await visitor.open(`${url}/chat/queues/q_bank?a=1`);
    assert.equal(visit.status, 200);
    assert.equal(new URL(visit.url).pathname, '/chat/queues/q_bank');
    assert.match(upstream.requests.at(-1)!.url, /^\/queues\/q_bank\?a=1&authCode=/);
    assert.equal(upstream.requests.at(-1)!.headers['x-secure-chat-id'], 'kari-sub');
    const socket = new WebSocket(`${url.replace('http', 'ws')}/chat/queues/q_bank/ws`, {
      headers: { cookie: visitor.cookies('127.0.0.1') },
    });
    await once(socket, 'open');
    assert.equal(upstream.requests.at(-1)!.url, '/queues/q_bank/ws');
    assert.equal(upstream.requests.at(-1)!.headers['x-secure-chat-id'], 'kari-sub');
    socket.terminate();
    assert.equal((await visitor.fetch(`${url}/chat/secure-chat/session`)).status, 200);
  });
}

test('outside the path of publicUrl there is nothing, for requests and upgrades', async (t) => {
  const { url, upstream } = await mount(t, 'stand-alone');
  for (const path of ['/', '/queues/q_bank', '/chatter', '/secure-chat/login?queueKey=q_bank'])
    assert.equal((await new Browser().fetch(url + path)).status, 404, path);
  const socket = new WebSocket(`${url.replace('http', 'ws')}/queues/q_bank/ws`);
  const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
  assert.equal(answer.statusCode, 404);
  assert.equal(upstream.requests.length, 0);
});

test('another case of the mount path is nothing here, and no alarm for the operator', async (t) => {
  const { url } = await mount(t, 'drop-in');
  assert.equal((await new Browser().fetch(`${url}/CHAT/queues/q_bank`)).status, 404);
});

test('a mount that publicUrl does not name answers nothing but an error, never an open queue', async (t) => {
  const { url, upstream } = await mount(t, 'drop-in', '');
  assert.equal((await new Browser().fetch(`${url}/chat/queues/q_bank`)).status, 500);
  assert.equal(upstream.requests.length, 0);
});
