import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AuditKind } from '../../src/audit/audit.ts';
import { createGateway } from '../../src/gateway.ts';
import { attachServer } from '../../src/serving.ts';
import { findCanary } from '../support/canary.ts';
import { silent } from '../support/faces.ts';
import { processOn } from '../middleware/erasure-rig.ts';
import { startProvider, type Provider } from '../support/provider.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { reachInto } from '../support/redis-dump.ts';
import { connection, inEveryFace, kari, ola, startSystem, type System } from '../support/system.ts';
import { until } from '../support/until.ts';
import { CHAT_RULES, chatServer, startChat, verdict } from './chat-server.ts';

const redis = await startRedis();
after(() => redis?.stop());
const sessionSecret = 'one secret for all processes of this test';

const customersOf = (provider: Provider, over: Record<string, unknown> = {}) => [
  {
    customerKey: '12345',
    connections: [connection(provider, over)],
    queues: [{ queueKey: 'q_bank', authConnectionName: 'Signicat' }, { queueKey: 'q_open' }],
  },
];

/** A system on an empty Redis, and the record as a process beside it reads it. */
async function recorded(
  t: TestContext,
  settings: Parameters<typeof startSystem>[1] & { over?: Record<string, unknown> } = {},
) {
  const provider = await startProvider({ person: kari });
  t.after(() => provider.stop());
  const hand = reachInto(t, redis!.url);
  await hand.client.flushall();
  const customers = customersOf(provider, settings.over);
  const options = { sessionSecret, redisUrl: redis!.url, customers, chatRules: CHAT_RULES };
  const system: System = await startSystem(t, { provider, upstream: chatServer(), ...settings, options });
  const { audit } = processOn(t, { ...options, publicUrl: system.url, upstream: system.upstream.url });
  /** Kinds in their order, once so many of the last one have arrived. */
  const kindsUpTo = async (last: AuditKind, count = 1) => {
    await until(last, async () => (await audit.readAudit({ kinds: [last] })).entries.length >= count);
    return (await audit.readAudit({ limit: 500 })).entries.toReversed();
  };
  return { ...system, provider, hand, audit, kindsUpTo };
}

const skip = redisMissing;

for (const codeRedemption of ['queue-entry', 'callback']) {
  test(
    `a visit leaves its trail: login, redemption, first attach, chat, log-out (${codeRedemption})`,
    { skip },
    async (t) => {
      const { url, browser, kindsUpTo, audit } = await recorded(t, { over: { codeRedemption } });
      const visitor = browser();
      await visitor.open(`${url}/queues/q_bank`);
      const chat = await startChat(visitor, url);
      await visitor.fetch(`${url}/chats/${chat}`);
      await visitor.fetch(`${url}/secure-chat/logout`, { method: 'POST' });
      const entries = await kindsUpTo('logged_out');
      assert.deepEqual(
        entries.map(({ kind }) => kind),
        ['record_started', 'login_begun', 'code_redeemed', 'identity_attached', 'chat_started', 'logged_out'],
      );
      const [, begun, redeemed, attached, started, out] = entries;
      for (const entry of [begun, redeemed, attached, started])
        assert.deepEqual([entry!.customer, entry!.connection, entry!.queue], ['12345', 'Signicat', 'q_bank']);
      assert.equal(new Set([redeemed, attached, started, out].map((entry) => entry!.subject)).size, 1);
      assert.match(redeemed!.subject!, /^[\w-]{24}$/);
      assert.match(started!.chat!, /^[\w-]{24}$/);
      for (const entry of entries.slice(1)) assert.match(entry.requestId!, /^[\da-f-]{36}$/);
      assert.equal((await audit.verifyAudit()).ok, true);
    },
  );
}

test('a request that is admitted writes nothing, however many there are', { skip }, async (t) => {
  const { url, browser, kindsUpTo } = await recorded(t);
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  for (let i = 0; i < 20; i++) await visitor.fetch(`${url}/queues/q_bank`);
  for (let i = 0; i < 20; i++) await visitor.fetch(`${url}/queues/q_open`);
  await visitor.fetch(`${url}/secure-chat/logout`, { method: 'POST' });
  assert.equal((await kindsUpTo('logged_out')).length, 5);
});

test(
  'an identity that goes on with a chat names it by the pseudonym under which it was started',
  { skip },
  async (t) => {
    const { url, browser, kindsUpTo } = await recorded(t);
    const [first, second] = [browser(), browser()];
    await first.open(`${url}/queues/q_bank`);
    const chat = await startChat(first, url);
    await second.open(`${url}/secure-chat/login?queueKey=q_bank&returnTo=/portal`);
    await second.fetch(`${url}/chats/${chat}`);
    const entries = await kindsUpTo('identity_attached', 2);
    const started = entries.find(({ kind }) => kind === 'chat_started')!;
    const attached = entries.filter(({ kind }) => kind === 'identity_attached');
    assert.deepEqual(
      attached.map((entry) => entry.chat),
      [undefined, started.chat],
    );
    assert.ok(!JSON.stringify(entries).includes(`"${chat}"`));
  },
);

test('silent failures say which, failed redemptions and refusals say their class', { skip }, async (t) => {
  const { url, browser, provider, kindsUpTo } = await recorded(t);
  provider.setPerson(undefined);
  await browser().open(`${url}/queues/q_bank`);
  provider.setPerson(kari);
  const visitor = browser();
  await visitor.open(`${url}/secure-chat/login?queueKey=q_bank&returnTo=/portal`);
  provider.behave({ token: { error: 'invalid_client', status: 401 } });
  assert.equal(verdict(await visitor.fetch(`${url}/queues/q_bank`)).startsWith('5'), true);
  await browser().fetch(`${url}/queues/q_bank/../x`);
  await browser().fetch(`${url}/a%2fb`);
  const entries = await kindsUpTo('request_refused', 3);
  const by = (kind: AuditKind) => entries.filter((entry) => entry.kind === kind);
  assert.deepEqual(
    by('silent_login_failed').map(({ authError, queue }) => [authError, queue]),
    [['login_required', 'q_bank']],
  );
  assert.deepEqual(
    by('redemption_failed').map(({ code }) => code),
    ['provider_error'],
  );
  assert.ok(by('request_refused').some(({ code }) => code === 'path_ambiguous'));
});

test('a flood of refusals leaves a handful of entries', { skip }, async (t) => {
  const { url, browser, kindsUpTo } = await recorded(t);
  const visitor = browser();
  for (let i = 0; i < 60; i++) await visitor.fetch(`${url}/queues/q_bank`);
  await visitor.open(`${url}/queues/q_bank`);
  const entries = await kindsUpTo('code_redeemed');
  const refused = entries.filter(({ kind }) => kind === 'request_refused');
  // two minutes at most
  assert.ok(refused.length <= 20, String(refused.length));
});

test(
  'neither the stream nor stdout holds an id, a name, a secret, a code, a handle or a cookie',
  { skip },
  async (t) => {
    const provider = await startProvider({ person: kari });
    t.after(() => provider.stop());
    const hand = reachInto(t, redis!.url);
    await hand.client.flushall();
    const lines: string[] = [];
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const system = await startSystem(t, { provider, upstream: chatServer() });
    const gateway = createGateway(
      {
        publicUrl: url,
        upstream: system.upstream.url,
        sessionSecret,
        redisUrl: redis!.url,
        customers: customersOf(provider),
        chatRules: CHAT_RULES,
      },
      { logger: silent, auditLine: (line) => void lines.push(line) },
    );
    attachServer(server, gateway);
    t.after(async () => {
      server.close();
      server.closeAllConnections();
      await gateway.close(0);
    });
    const visitor = system.browser();
    const landed = await visitor.open(`${url}/secure-chat/login?queueKey=q_bank&returnTo=/portal`);
    const code = new URL(landed.trail.find((address) => address.includes('/callback?'))!).searchParams.get(
      'code',
    )!;
    const handle = new URL(landed.url).searchParams.get('authCode')!;
    await visitor.fetch(`${url}/queues/q_bank`);
    const chat = (
      await visitor.fetch(`${url}/queues/q_bank/chats?id=a-chat-that-nobody-may-know`, { method: 'POST' })
    ).body;
    assert.ok(chat.includes('a-chat-that-nobody-may-know'));
    await visitor.fetch(`${url}/chats/a-chat-that-nobody-may-know`);
    provider.setPerson(ola);
    await system.browser().open(`${url}/queues/q_bank`);
    await visitor.fetch(`${url}/secure-chat/callback?code=${code}&state=planted-state`);
    const cookies = [...visitor.jar.get('127.0.0.1')!.values()];
    await visitor.fetch(`${url}/secure-chat/logout`, { method: 'POST' });
    await until('the log-out', () => lines.some((line) => line.includes('logged_out')));
    await gateway.close(0);
    const stream = JSON.stringify(await hand.client.xrange('scg:audit:visitors', '-', '+'));
    const keys = (await hand.client.keys('*audit*')).join();
    assert.ok(lines.length >= 9 && stream.length > 1000);
    const planted = [
      kari.sub,
      ola.sub,
      'Ødegård',
      'Kari',
      'portal-secret',
      code,
      handle,
      'a-chat-that-nobody-may-know',
      'planted-state',
      ...cookies,
    ];
    for (const [name, text] of Object.entries({ stream, keys, stdout: lines.join('\n') })) {
      for (const secret of planted) assert.ok(!text.includes(secret), `${secret} in ${name}`);
      for (const { 'signicat.national_id': id } of [kari, ola])
        assert.equal(findCanary(text, id), undefined, name);
    }
    assert.ok(
      !stream.includes('q_bank') && !stream.includes('logged_out'),
      'a dump of Redis says nothing at all',
    );
  },
);

test('a log that goes elsewhere takes the audit lines with it, and stdout=false silences them', async (t) => {
  const lines: string[] = [];
  const provider = await startProvider({ person: kari });
  t.after(() => provider.stop());
  for (const stdout of [true, false]) {
    const gateway = createGateway(
      {
        publicUrl: 'http://localhost:1',
        upstream: 'http://127.0.0.1:9',
        customers: customersOf(provider),
        audit: { stdout },
      },
      { logger: silent, auditLine: (line) => void lines.push(line) },
    );
    const server = attachServer(createServer(), gateway);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await fetch(`http://127.0.0.1:${port}/queues/q_bank`);
    server.close();
    server.closeAllConnections();
    await gateway.close(0);
    assert.equal(lines.filter((line) => line.includes('login_required')).length, 1, String(stdout));
  }
});

inEveryFace(
  'GET /session shows what the upstream was told of the person, all of it and nothing else',
  async (t, face) => {
    const { url, upstream, browser } = await startSystem(t, { face });
    const visitor = browser();
    await visitor.open(`${url}/queues/q_bank`);
    await visitor.fetch(`${url}/queues/q_bank`);
    const { headers } = upstream.requests.at(-1)!;
    const header = (name: string) => {
      const value = headers[`x-secure-chat-${name}`];
      return typeof value === 'string' ? decodeURIComponent(value) : undefined;
    };
    const session = JSON.parse((await visitor.fetch(`${url}/secure-chat/session`)).body) as Record<
      string,
      unknown
    >;
    const { authenticated, expiresAt, ...told } = session;
    assert.equal(authenticated, true);
    assert.ok(Number(expiresAt) > Date.now() / 1000);
    assert.deepEqual(
      { ...told, amr: (told.amr as string[]).join(' ') },
      {
        connection: header('connection'),
        chatId: header('id'),
        nickName: header('nickname'),
        variables: JSON.parse(header('variables')!) as unknown,
        ...(header('acr') === undefined ? {} : { acr: header('acr') }),
        amr: header('amr') ?? '',
        authTime: Number(header('auth-time')),
      },
    );
    assert.equal(findCanary(JSON.stringify(session), kari['signicat.national_id']), undefined);
  },
);
