/**
 * Threat: many first requests at once redeem one code several times, or one of them gets another's identity. There is one token
 * call for each login, in memory, on Redis and over two processes on one Redis, and every request sees its own person.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from '../support/browser.ts';
import { startProvider } from '../support/provider.ts';
import { redisMissing, startRedis, type TestRedis } from '../support/redis.ts';
import { inEveryFace, kari, ola, startSystem, type System } from '../support/system.ts';
import { LOGIN } from '../support/login-walk.ts';

let redis: TestRedis | undefined;
before(async () => {
  redis = await startRedis();
});
after(() => redis?.stop());

const SECRET = 'a secret for tests that is long enough';

/** Who the upstream was told about, by the address of the request. */
function arrivals({ upstream }: System): Map<string, string | undefined> {
  return new Map(
    upstream.requests.map(({ url, headers }) => [url, headers['x-secure-chat-id'] as string | undefined]),
  );
}

/** This many first requests of one browser, spread over the gateways; all at once. */
async function rush(
  visitor: Browser,
  systems: readonly System[],
  count: number,
  tag = '',
): Promise<number[]> {
  const visits = await Promise.all(
    Array.from({ length: count }, (_, i) =>
      visitor.fetch(`${systems[i % systems.length]!.url}/queues/q_bank?n=${tag}${i}`),
    ),
  );
  return visits.map(({ status }) => status);
}

inEveryFace(
  'fifty first requests in memory: one token call, and all fifty are the same person',
  async (t, face) => {
    const system = await startSystem(t, { face });
    const visitor = system.browser();
    await visitor.open(system.url + LOGIN);
    assert.deepEqual(new Set(await rush(visitor, [system], 50)), new Set([200]));
    assert.deepEqual([system.provider.calls('token'), system.provider.calls('userinfo')], [1, 1]);
    const told = [...arrivals(system)].filter(([url]) => url.includes('n='));
    assert.equal(told.length, 50);
    assert.deepEqual(new Set(told.map(([, id]) => id)), new Set(['kari-sub']));
  },
);

test('fifty first requests at two gateways on one Redis: the same', { skip: redisMissing }, async (t) => {
  const provider = await startProvider({ person: kari });
  t.after(() => provider.stop());
  const options = { redisUrl: redis!.url, sessionSecret: SECRET };
  const one = await startSystem(t, { provider, options });
  const two = await startSystem(t, { provider, options });
  const visitor = one.browser();
  await visitor.open(one.url + LOGIN);
  assert.deepEqual(new Set(await rush(visitor, [one, two], 50)), new Set([200]));
  assert.deepEqual([provider.calls('token'), provider.calls('userinfo')], [1, 1]);
  for (const system of [one, two]) {
    const told = [...arrivals(system)].filter(([url]) => url.includes('n='));
    assert.equal(told.length, 25);
    assert.deepEqual(new Set(told.map(([, id]) => id)), new Set(['kari-sub']));
  }
});

test(
  'a code that fails under fifty requests: one token call, nobody enters',
  { skip: redisMissing },
  async (t) => {
    const provider = await startProvider({ person: kari });
    t.after(() => provider.stop());
    const options = { redisUrl: redis!.url, sessionSecret: SECRET };
    const systems = [
      await startSystem(t, { provider, options }),
      await startSystem(t, { provider, options }),
    ];
    const [one, two] = systems as [System, System];
    for (const idToken of [{ alg: 'none' }, { claims: { sub: 'ola-sub' } }] as const) {
      provider.behave({});
      const visitor = one.browser();
      await visitor.open(one.url + LOGIN);
      const calls = provider.calls('token');
      provider.behave({ idToken });
      const statuses = new Set(await rush(visitor, systems, 50));
      assert.ok(
        [...statuses].every((status) => status === 502 || status === 401),
        [...statuses].join(),
      );
      assert.equal(provider.calls('token') - calls, 1);
    }
    for (const system of [one, two])
      assert.equal([...arrivals(system).keys()].filter((url) => url.includes('n=')).length, 0);
  },
);

test('twenty browsers at once: each is told apart, and each has one token call', async (t) => {
  const system = await startSystem(t, { options: { loginsPerMinute: 1_000_000 } });
  const { provider, url } = system;
  const visitors = Array.from({ length: 20 }, (_, i) => {
    provider.people.set(`p${i}`, { ...(i % 2 ? kari : ola), sub: `sub-${i}` });
    // a cookie of the provider's, which the browser sends along
    const visitor = system.browser();
    visitor.jar.set('127.0.0.1', new Map([['as', `p${i}`]]));
    return visitor;
  });
  await Promise.all(visitors.map((visitor) => visitor.open(url + LOGIN)));
  const statuses = await Promise.all(visitors.map((visitor, i) => rush(visitor, [system], 5, `${i}-`)));
  assert.deepEqual(new Set(statuses.flat()), new Set([200]));
  assert.equal(provider.calls('token'), 20);
  for (const [address, id] of arrivals(system)) {
    const of = /n=(\d+)-/.exec(address)?.[1];
    if (of !== undefined) assert.equal(id, `sub-${of}`);
  }
});
