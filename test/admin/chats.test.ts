import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test, type TestContext } from 'node:test';
import type { Edit } from '../../src/config/edits.ts';
import { ConfigError } from '../../src/config/problems.ts';
import { codeOf } from '../support/problem-code.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { connection, identityOf, kari, startSystem, type System } from '../support/system.ts';
import { startProvider } from '../support/provider.ts';
import { until } from '../support/until.ts';
import { ACTOR, bank, signicat } from './rig.ts';

async function change({ gateway }: System, edits: Edit[], force = false): Promise<void> {
  const { revision } = await gateway.administration!.read();
  await gateway.administration!.change(edits, { revision, actor: ACTOR, force });
}

const openBank: Edit = { kind: 'queue.open', ...bank };

/** Two processes on one Redis, with a chat in the first. */
async function twoProcesses(t: TestContext) {
  const redis = (await startRedis())!;
  t.after(() => redis.stop());
  const provider = await startProvider({
    person: kari,
    clients: { portal: { secret: 'portal-secret' }, second: { secret: 'portal-secret' } },
  });
  t.after(() => provider.stop());
  const options = { sessionSecret: 'one secret for all processes of this test', redisUrl: redis.url };
  const upstream = (_req: unknown, res: ServerResponse) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write('data: hello\n\n');
    if (!streaming) res.end();
  };
  let streaming = false;
  const first = await startSystem(t, { provider, options, upstream });
  const second = await startSystem(t, { provider, options, upstream });
  return { first, second, provider, stream: () => (streaming = true) };
}

test(
  'a chat in one process keeps an administrator of another from opening its queue; force breaks it off',
  { skip: redisMissing },
  async (t) => {
    const { first, second, stream } = await twoProcesses(t);
    const visitor = first.browser();
    assert.equal((await visitor.open(`${first.url}/queues/q_bank`)).status, 200);
    await assert.rejects(
      change(second, [openBank]),
      (error) =>
        error instanceof ConfigError &&
        /while chats run in it \(wait until none has run for 31 minutes, or force/.test(error.message),
    );
    // another queue, in which nobody is, has nothing to wait for
    await change(second, [{ kind: 'queue.open', customerKey: '12345', queueKey: 'q_loan' }]);
    stream();
    const running = visitor.fetch(`${first.url}/queues/q_bank/events`);
    await until('the stream', () =>
      first.upstream.requests.some((request) => request.url.endsWith('/events')),
    );
    await change(second, [openBank], true);
    await assert.rejects(running, 'what ran in the queue is broken off');
  },
);

test('another client id or issuer ends the identities of before, also across a log-out and back', async (t) => {
  const provider = await startProvider({
    person: kari,
    clients: { portal: { secret: 'portal-secret' }, second: { secret: 'portal-secret' } },
  });
  t.after(() => provider.stop());
  const system = await startSystem(t, { provider });
  const { url, browser } = system;
  const [visitor, waiting] = [browser(), browser()];
  await visitor.open(`${url}/queues/q_bank`);
  await waiting.open(`${url}/secure-chat/login?queueKey=q_bank&returnTo=/portal`);
  const tokens = provider.calls('token');
  await change(system, [{ kind: 'connection', ...signicat, settings: { authClientId: 'second' } }], true);
  for (const one of [visitor, waiting]) {
    assert.equal(codeOf(await one.fetch(`${url}/queues/q_bank`)), 'login_required');
    assert.match((await one.fetch(`${url}/secure-chat/session`)).body, /"authenticated":false/);
  }
  assert.equal(provider.calls('token'), tokens, 'a code of the old client is not shown to anybody');
  const cookies = new Map(visitor.jar.get('127.0.0.1'));
  await visitor.fetch(`${url}/secure-chat/logout`, { method: 'POST' });
  await change(system, [{ kind: 'reset' }], true);
  visitor.jar.set('127.0.0.1', cookies);
  // what runs in this process remembers the log-out by itself; another one asks the store
  const known = await visitor.fetch(`${url}/secure-chat/session`);
  assert.match(known.body, /"authenticated":false/);
  assert.equal(codeOf(await visitor.fetch(`${url}/queues/q_bank`)), 'login_required');
});

test('a chat that began under another connection is not handed to who logs in by the new one', async (t) => {
  const provider = await startProvider({
    person: kari,
    clients: { portal: { secret: 'portal-secret' }, second: { secret: 'portal-secret' } },
  });
  t.after(() => provider.stop());
  const system = await startSystem(t, {
    provider,
    options: {
      customers: [
        {
          customerKey: '12345',
          connections: [
            connection(provider),
            connection(provider, { authConnectionName: 'Second', authClientId: 'second' }),
          ],
          queues: [{ queueKey: 'q_bank', authConnectionName: 'Signicat' }],
        },
      ],
    },
  });
  const { url, browser } = system;
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  await change(system, [{ kind: 'queue.secure', ...bank, authConnectionName: 'Second' }], true);
  await visitor.open(`${url}/secure-chat/login?queueKey=q_bank&returnTo=/portal`);
  assert.equal(
    codeOf(await visitor.fetch(`${url}/queues/q_bank/messages`, { method: 'POST' })),
    'identity_changed',
  );
  assert.equal((await visitor.navigate(`${url}/queues/q_bank`)).status, 200, 'the page loads anew');
  assert.equal((await visitor.fetch(`${url}/queues/q_bank/messages`, { method: 'POST' })).status, 200);
});

test('a claim that is masked from now on is sent to nobody in clear', async (t) => {
  const system = await startSystem(t);
  const { url, browser, upstream } = system;
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  assert.match(identityOf(upstream)['x-secure-chat-variables']!, /1990-02-17/);
  await change(system, [{ kind: 'connection', ...signicat, settings: { maskedClaims: 'birthdate' } }]);
  const before = upstream.requests.length;
  assert.equal(codeOf(await visitor.fetch(`${url}/queues/q_bank`)), 'login_required');
  assert.equal(upstream.requests.length, before);
  assert.equal((await visitor.open(`${url}/queues/q_bank`)).status, 200);
  assert.doesNotMatch(identityOf(upstream)['x-secure-chat-variables']!, /1990-02-17/);
});

test('a new mapping holds from the next login on', async (t) => {
  const system = await startSystem(t);
  const { url, browser, upstream, provider } = system;
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  const discoveries = provider.calls('discovery');
  await change(system, [
    {
      kind: 'connection',
      ...signicat,
      settings: { authMapping: { family_name: { MapType: 'Variable' }, name: { MapType: 'Variable' } } },
    },
  ]);
  assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, 200, 'the chat goes on');
  const names = () => Object.keys(identityOf(upstream)).filter((name) => name.includes('-variable-'));
  assert.deepEqual(names(), ['x-secure-chat-variable-name'], 'with what is still mapped');
  await visitor.open(`${url}/secure-chat/login?queueKey=q_bank&returnTo=/queues/q_bank`);
  assert.deepEqual(names().sort(), ['x-secure-chat-variable-family-name', 'x-secure-chat-variable-name']);
  assert.equal(provider.calls('discovery'), discoveries + 1, 'changed settings, a new client');
});

test('a connection whose settings stay keeps what it knows of its provider', async (t) => {
  const system = await startSystem(t);
  const { url, browser, provider } = system;
  await browser().open(`${url}/queues/q_bank`);
  const asked = [provider.calls('discovery'), provider.calls('jwks')];
  await change(system, [
    { kind: 'queue.secure', customerKey: '12345', queueKey: 'q_open', authConnectionName: 'Signicat' },
  ]);
  await browser().open(`${url}/queues/q_open`);
  assert.deepEqual([provider.calls('discovery'), provider.calls('jwks')], asked);
});
