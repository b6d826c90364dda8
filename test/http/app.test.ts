import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import express from 'express';
import request from 'supertest';
import { createGateway } from '../../src/gateway.ts';
import { secureChat } from '../../src/secure-chat.ts';
import { silent } from '../support/faces.ts';
import { startUpstream } from '../support/upstream.ts';

const OPTIONS = {
  publicUrl: 'https://chat.bank.example',
  sessionSecret: 'a secret for tests that is long enough',
  customers: [
    {
      customerKey: '1',
      connections: [
        { authConnectionName: 'Signicat', authClientId: 'c', authEndpoint: 'https://id.example' },
      ],
      queues: [{ queueKey: 'q_bank', authConnectionName: 'Signicat' }],
    },
  ],
};

/** Both faces as what supertest, and any Express host, takes: an app. */
async function apps(t: TestContext) {
  const upstream = await startUpstream();
  const options = { ...OPTIONS, upstream: upstream.url };
  const gateway = createGateway(options, { logger: silent });
  const chat = secureChat(options, { logger: silent });
  t.after(async () => {
    await gateway.close(0);
    await chat.close();
    await upstream.stop();
  });
  return [gateway, express().use(chat)];
}

test('the gateway is an Express app: health, proxying and refusals through it', async (t) => {
  for (const app of await apps(t)) {
    await request(app).get('/secure-chat/healthz').expect(200, { status: 'ok' });
    await request(app).get('/anything').expect(200);
    await request(app).get('/queues/q_bank').expect(401).expect('content-type', 'application/problem+json');
  }
});

test('every own answer has the security headers: a page, a problem, JSON', async (t) => {
  for (const app of await apps(t)) {
    for (const [path, accept] of [
      ['/secure-chat/session', 'application/json'],
      ['/queues/q_bank', 'application/json'],
      ['/secure-chat/nothing', 'text/html'],
      ['/secure-chat/done', 'text/html'],
    ] as const) {
      const { headers } = await request(app).get(path).set('accept', accept);
      assert.match(headers['content-security-policy'] ?? '', /default-src 'none'/, path);
      assert.equal(headers['cache-control'], 'no-store', path);
      assert.equal(headers['x-content-type-options'], 'nosniff', path);
      assert.match(headers['strict-transport-security'] ?? '', /max-age=/, path);
    }
  }
});

test('a proxied answer has none of them: it is the upstream’s', async (t) => {
  for (const app of await apps(t)) {
    const { headers } = await request(app).get('/anything');
    assert.equal(headers['content-security-policy'], undefined);
    assert.equal(headers['cache-control'], undefined);
  }
});
