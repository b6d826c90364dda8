import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Redis } from 'ioredis';
import { faces } from '../support/faces.ts';
import { connection, kari, startSystem } from '../support/system.ts';
import { startProvider, type Provider } from '../support/provider.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

const redis = await startRedis();
after(() => redis?.stop());
const skip = redis === undefined ? redisMissing : false;

const shared = {
  sessionSecret: 'one secret for all processes of this test',
  get redisUrl() {
    return redis!.url;
  },
};

const customersOf = (provider: Provider) => [
  {
    customerKey: '12345',
    connections: [connection(provider)],
    queues: [{ queueKey: 'q_bank', authConnectionName: 'Signicat' }],
  },
];

test(
  'two gateways on one Redis share one login, and redeem its code once between them',
  { skip },
  async (t) => {
    const provider = await startProvider({ person: kari });
    t.after(() => provider.stop());
    const options = { ...shared, redisUrl: shared.redisUrl, customers: customersOf(provider) };
    const first = await startSystem(t, { provider, options });
    const second = await startSystem(t, { provider, options });
    const visitor = first.browser();
    await visitor.open(`${first.url}/secure-chat/login?queueKey=q_bank&returnTo=/portal`);
    const visits = await Promise.all(
      [first, second, first, second, first, second].map(({ url }) => visitor.fetch(`${url}/queues/q_bank`)),
    );
    assert.deepEqual(
      visits.map(({ status }) => status),
      Array(6).fill(200),
    );
    assert.equal(provider.calls('token'), 1);
    assert.equal((await visitor.fetch(`${second.url}/secure-chat/logout`, { method: 'POST' })).status, 204);
    assert.equal((await visitor.fetch(`${first.url}/queues/q_bank`)).status, 401);
  },
);

for (const face of faces) {
  test(
    `Redis down: secure queues are 503, open ones go on, readiness is red and health green (${face.name})`,
    { skip },
    async (t) => {
      const own = (await startRedis())!;
      const system = await startSystem(t, {
        face,
        options: { sessionSecret: shared.sessionSecret, redisUrl: own.url },
      });
      const visitor = system.browser();
      assert.equal((await visitor.open(`${system.url}/queues/q_bank`)).status, 200);
      await own.stop();
      const refusal = await visitor.fetch(`${system.url}/queues/q_bank`);
      assert.deepEqual(
        [refusal.status, (JSON.parse(refusal.body) as { code: string }).code],
        [503, 'session_store_unavailable'],
      );
      assert.equal((await visitor.fetch(`${system.url}/queues/q_open`)).status, 200);
      assert.equal((await visitor.fetch(`${system.url}/secure-chat/readyz`)).status, 503);
      assert.equal((await visitor.fetch(`${system.url}/secure-chat/healthz`)).status, 200);
    },
  );
}

test(
  'a dump of Redis holds no id, name, code, token or cookie in clear, and no open traffic leaves a key',
  { skip },
  async (t) => {
    const own = (await startRedis())!;
    t.after(() => own.stop());
    const system = await startSystem(t, {
      options: { sessionSecret: shared.sessionSecret, redisUrl: own.url },
    });
    const visitor = system.browser();
    await visitor.open(`${system.url}/queues/q_open`);
    assert.equal((await dump(own.url)).length, 0);
    const waiting = await visitor.open(`${system.url}/secure-chat/login?queueKey=q_bank&returnTo=/portal`);
    const code = new URL(waiting.trail.find((address) => address.includes('/callback?'))!).searchParams.get(
      'code',
    )!;
    const dumps = [await dump(own.url)];
    await visitor.open(`${system.url}/queues/q_bank`);
    dumps.push(await dump(own.url));
    const cookie = decodeURIComponent([...visitor.jar.get('127.0.0.1')!.values()][0]!)
      .slice(2)
      .split('.')[0]!;
    const text = dumps.flat().join('\n');
    assert.ok(text.length > 200 && cookie.length > 20);
    for (const secret of [
      '17029012345',
      '170290*****',
      'Kari',
      'kari-sub',
      code,
      cookie,
      'portal-secret',
      'q_bank',
    ])
      assert.ok(!text.includes(secret), secret);
  },
);

/** Every key with its value. */
async function dump(url: string): Promise<string[]> {
  const client = new Redis(url);
  try {
    const keys = await client.keys('*');
    return await Promise.all(
      keys.map(async (key) =>
        (await client.type(key)) === 'stream'
          ? `${key} ${JSON.stringify(await client.xrange(key, '-', '+'))}`
          : `${key} ${(await client.get(key)) ?? ''}`,
      ),
    );
  } finally {
    client.disconnect();
  }
}

test('a log-out while Redis hangs is 503, and the browser forgets all the same', { skip }, async (t) => {
  const own = (await startRedis())!;
  t.after(() => own.stop());
  const system = await startSystem(t, {
    options: { sessionSecret: shared.sessionSecret, redisUrl: own.url },
  });
  const visitor = system.browser();
  await visitor.open(`${system.url}/queues/q_bank`);
  own.pause();
  assert.equal((await visitor.fetch(`${system.url}/secure-chat/logout`, { method: 'POST' })).status, 503);
  own.resume();
  assert.equal(visitor.cookies('127.0.0.1'), '');
});

test(
  'a code that could not be redeemed before the log-out does not come back after it',
  { skip },
  async (t) => {
    const provider = await startProvider({ person: kari });
    t.after(() => provider.stop());
    const options = {
      ...shared,
      redisUrl: shared.redisUrl,
      customers: customersOf(provider),
      providerTimeoutMs: 800,
    };
    const first = await startSystem(t, { provider, options });
    const visitor = first.browser();
    await visitor.open(`${first.url}/secure-chat/login?queueKey=q_bank&returnTo=/portal`);
    const cookies = new Map(visitor.jar.get('127.0.0.1'));
    // a process that knows no discovery document yet, so that nothing of the code has left when it gives up
    const second = await startSystem(t, { provider, options });
    provider.behave({ discovery: 'hang' });
    const redeeming = visitor.fetch(`${second.url}/queues/q_bank`);
    await until('the second discovery', () => provider.calls('discovery') === 2);
    assert.equal((await visitor.fetch(`${first.url}/secure-chat/logout`, { method: 'POST' })).status, 204);
    assert.equal((await redeeming).status, 503);
    provider.behave({});
    const thief = first.browser();
    thief.jar.set('127.0.0.1', cookies);
    assert.deepEqual(JSON.parse((await thief.fetch(`${first.url}/secure-chat/session`)).body), {
      authenticated: false,
    });
    assert.equal((await thief.fetch(`${second.url}/queues/q_bank`)).status, 401);
  },
);
