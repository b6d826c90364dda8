import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import type { GatewayOptions } from '../../src/config/options.ts';
import { processOn } from '../middleware/erasure-rig.ts';
import { CookielessPage } from '../support/cookieless-page.ts';
import { startProvider, type Provider } from '../support/provider.ts';
import { reachInto, kindOf } from '../support/redis-dump.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { connection, kari, ola } from '../support/system.ts';
import { until } from '../support/until.ts';
import { CHAT_RULES, startChat, startChats, verdict } from './chat-server.ts';

const redis = await startRedis();
after(() => redis?.stop());
const skip = redisMissing;
const sessionSecret = 'one secret for all processes of this test';
const actor = 'anne';

const customersOf = (provider: Provider) => [
  {
    customerKey: '12345',
    returnOrigins: ['https://www.bank.example'],
    connections: [
      connection(provider),
      connection(provider, { authConnectionName: 'Other', authClientId: 'other' }),
    ],
    queues: [
      { queueKey: 'q_bank', authConnectionName: 'Signicat' },
      { queueKey: 'q_other', authConnectionName: 'Other' },
    ],
  },
];

/** Two gateways on one Redis, and a process beside them that only administers. */
async function system(t: TestContext) {
  const provider = await startProvider({ person: kari });
  t.after(() => provider.stop());
  const options = { sessionSecret, redisUrl: redis!.url, customers: customersOf(provider) };
  const hand = reachInto(t, redis!.url);
  await hand.client.flushall();
  const first = await startChats(t, { provider, options });
  const second = await startChats(t, { provider, options });
  const beside: GatewayOptions = {
    ...options,
    publicUrl: first.url,
    upstream: first.upstream.url,
    chatRules: CHAT_RULES,
  };
  return { provider, first, second, hand, ...processOn(t, beside) };
}

test('a person who is revoked is nobody in any process, and nobody else notices', { skip }, async (t) => {
  const { provider, first, second, hand, erasure, audit } = await system(t);
  const [laptop, phone, other] = [first.browser(), second.browser(), second.browser()];
  await laptop.open(`${first.url}/queues/q_bank`);
  await phone.open(`${second.url}/queues/q_bank`);
  // a login of another connection, which moves what is there to a new session id
  await laptop.open(`${first.url}/secure-chat/login?queueKey=q_other&returnTo=/queues/q_other`);
  const page = new CookielessPage(first.url);
  const token = await page.token(first.browser());
  const chat = await startChat(laptop, first.url);
  provider.setPerson(ola);
  await other.open(`${second.url}/queues/q_bank`);
  const foreign = await startChat(other, first.url);
  assert.equal((await page.ask('/queues/q_bank', { token })).status, 200);

  const revoked = await erasure.revokeSubject(
    { customerKey: '12345', connectionName: 'Signicat', sub: kari.sub },
    { actor },
  );
  assert.ok(revoked.sessions >= 3 && revoked.chats === 1, JSON.stringify(revoked));
  for (const [visitor, url] of [
    [laptop, first.url],
    [phone, second.url],
  ] as const) {
    assert.equal(verdict(await visitor.fetch(`${url}/queues/q_bank`)), '401 login_required');
    assert.equal(verdict(await visitor.fetch(`${url}/queues/q_other`)), '401 login_required');
    assert.deepEqual(JSON.parse((await visitor.fetch(`${url}/secure-chat/session`)).body), {
      authenticated: false,
    });
  }
  assert.equal((await page.ask('/queues/q_bank', { token })).status, 401);
  assert.equal(
    (await page.ask('/secure-chat/token', { method: 'POST', token })).status,
    401,
    'nor is the token renewed',
  );
  assert.equal(verdict(await other.fetch(`${first.url}/queues/q_bank`)), '200');
  assert.equal(verdict(await other.fetch(`${first.url}/chats/${foreign}`)), '200');

  const names = [...(await hand.read()).keys()].map(kindOf);
  const count = (kind: string) => names.filter((name) => name === kind).length;
  assert.deepEqual(
    ['identity', 'chat', 'chat-owners', 'code', 'person'].map(count),
    [1, 1, 1, 0, 1],
    'what is left is the other person’s',
  );
  await audit.settle();
  const [entry] = (await audit.readAudit({ kinds: ['session_revoked'] })).entries;
  assert.equal(entry!.actor, actor);
  assert.equal(entry!.count, revoked.sessions);
  assert.ok(!JSON.stringify(entry).includes(kari.sub));

  provider.setPerson(kari);
  await laptop.open(`${first.url}/queues/q_bank`);
  assert.equal(verdict(await laptop.fetch(`${first.url}/queues/q_bank`)), '200', 'may log in anew');
  assert.equal(
    verdict(await laptop.fetch(`${first.url}/chats/${chat}`)),
    '403 queue_refused',
    'the chat is nobody’s',
  );
});

test('what runs for a revoked person in another process is broken off', { skip }, async (t) => {
  const { first, erasure } = await system(t);
  const visitor = first.browser();
  await visitor.open(`${first.url}/queues/q_bank`);
  const socket = new WebSocket(`${first.url.replace('http', 'ws')}/queues/q_bank/socket`, {
    headers: { cookie: visitor.cookies('127.0.0.1'), origin: first.url },
  });
  let closed = false;
  socket.on('close', () => (closed = true));
  socket.on('error', () => undefined);
  await until('the socket', () => socket.readyState === WebSocket.OPEN);
  await erasure.revokeSubject({ customerKey: '12345', sub: kari.sub }, { actor });
  await until('its end', () => closed);
});

test('a revocation by pseudonym, of nobody, and of a customer that is not there', { skip }, async (t) => {
  const { first, erasure, audit } = await system(t);
  const visitor = first.browser();
  await visitor.open(`${first.url}/queues/q_bank`);
  await until(
    'the entry',
    async () => (await audit.readAudit({ kinds: ['code_redeemed'] })).entries.length > 0,
  );
  const [{ subject }] = (await audit.readAudit({ kinds: ['code_redeemed'] })).entries as unknown as [
    { subject: string },
  ];
  assert.deepEqual(await erasure.revokeSubject({ subject }, { actor }), { sessions: 1, chats: 0 });
  assert.deepEqual(await erasure.revokeSubject({ subject }, { actor }), { sessions: 0, chats: 0 });
  assert.deepEqual(await erasure.revokeSubject({ customerKey: '12345', sub: 'nobody' }, { actor }), {
    sessions: 0,
    chats: 0,
  });
  await assert.rejects(erasure.revokeSubject({ customerKey: 'x', sub: 'y' }, { actor }), TypeError);
  await audit.settle();
  assert.equal((await audit.readAudit({ kinds: ['session_revoked'] })).entries.length, 3);
  assert.equal(verdict(await visitor.fetch(`${first.url}/queues/q_bank`)), '401 login_required');
});
