/** Redis is down, silent, read-only, full, without its primary, or has dropped records: nobody gets an identity from a guess, secure queues say 503, open ones go on. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import type { Visit } from '../support/browser.ts';
import { codeOf } from '../support/problem-code.ts';
import { freePort, redisMissing, startRedis, type TestRedis } from '../support/redis.ts';
import { reachInto, type StoreHand } from '../support/redis-dump.ts';
import { runs } from '../support/runs.ts';
import { startSystem } from '../support/system.ts';
import { until } from '../support/until.ts';

const SECRET = 'a secret for tests that is long enough';
const DOWN = [503, 'session_store_unavailable'];
const outcomeOf = (answer: Visit) => [answer.status, codeOf(answer)];

interface Failure {
  readonly begin: (redis: TestRedis, hand: StoreHand) => unknown;
  readonly end: (redis: TestRedis, hand: StoreHand) => unknown;
  /** What was read before may still be served. */
  readonly reads: boolean;
  /** Records can still be taken away, so a log-out is one. */
  readonly deletes?: boolean;
  /** The records are there afterwards. */
  readonly keeps: boolean;
}

const config = (hand: StoreHand, name: string, value: string) => hand.client.config('SET', name, value);

const FAILURES: Record<string, Failure> = {
  down: { begin: (redis) => redis.kill(), end: (redis) => redis.restart(), reads: false, keeps: false },
  silent: {
    begin: (redis) => {
      redis.pause();
    },
    end: (redis) => {
      redis.resume();
    },
    reads: false,
    keeps: true,
  },
  full: {
    begin: (_redis, hand) => config(hand, 'maxmemory', '1'),
    end: (_redis, hand) => config(hand, 'maxmemory', '0'),
    reads: true,
    deletes: true,
    keeps: true,
  },
  'without replicas': {
    begin: (_redis, hand) => config(hand, 'min-replicas-to-write', '1'),
    end: (_redis, hand) => config(hand, 'min-replicas-to-write', '0'),
    reads: true,
    keeps: true,
  },
  'a replica': {
    begin: async (_redis, hand) => hand.client.replicaof('127.0.0.1', await freePort()),
    end: (_redis, hand) => hand.client.replicaof('NO', 'ONE'),
    reads: true,
    keeps: true,
  },
  'a replica cut off': {
    begin: async (_redis, hand) => {
      await config(hand, 'replica-serve-stale-data', 'no');
      await hand.client.replicaof('127.0.0.1', await freePort());
    },
    end: (_redis, hand) => hand.client.replicaof('NO', 'ONE'),
    reads: false,
    keeps: true,
  },
};

async function rig(t: TestContext) {
  const redis = (await startRedis())!;
  t.after(() => redis.stop());
  const hand = reachInto(t, redis.url);
  const system = await startSystem(t, { options: { sessionSecret: SECRET, redisUrl: redis.url } });
  return { redis, hand, system };
}

async function holdsWhen(t: TestContext, failure: Failure): Promise<void> {
  const { redis, hand, system } = await rig(t);
  const { url, browser, provider } = system;
  const login = `${url}/secure-chat/login?queueKey=q_bank&returnTo=/queues/q_bank`;
  const [entered, waiting, pending, leaving] = [browser(), browser(), browser(), browser()];
  for (const visitor of [entered, leaving])
    assert.equal((await visitor.open(`${url}/queues/q_bank`)).status, 200);
  const landed = await waiting.open(login.replace('returnTo=/queues/q_bank', 'returnTo=/portal'));
  assert.equal(landed.status, 200);
  const begun = await pending.navigate(login);
  const callback = (await pending.navigate(begun.headers.get('location')!)).headers.get('location')!;
  const tokens = provider.calls('token');

  await failure.begin(redis, hand);
  // at once, since a silent store costs each of them its time limit
  const checks: [string, Promise<Visit>, readonly unknown[]][] = [
    ['open queue', browser().fetch(`${url}/queues/q_open`), [200, '200']],
    ['open queue with a session', entered.fetch(`${url}/queues/q_open`), [200, '200']],
    ['health', browser().fetch(`${url}/secure-chat/healthz`), [200, '200']],
    ['readiness', browser().fetch(`${url}/secure-chat/readyz`), [503, '503']],
    ['login', browser().fetch(`${url}/secure-chat/login?queueKey=q_bank`), DOWN],
    ['navigation without identity', browser().navigate(`${url}/queues/q_bank`), [503, '503']],
    ['request without identity', browser().fetch(`${url}/queues/q_bank`), [401, 'login_required']],
    ['callback', pending.fetch(callback), DOWN],
    ['a code that waits', waiting.fetch(`${url}/queues/q_bank`), DOWN],
    [
      'log-out',
      leaving.fetch(`${url}/secure-chat/logout`, { method: 'POST' }),
      failure.deletes ? [204, '204'] : DOWN,
    ],
  ];
  const inside = entered.fetch(`${url}/queues/q_bank`);
  for (const [name, answer, expected] of checks) assert.deepEqual(outcomeOf(await answer), expected, name);
  const answer = await inside;
  if (failure.reads && answer.status === 200) assert.match(answer.body, /kari-sub/);
  else assert.deepEqual(outcomeOf(answer), DOWN);
  assert.equal(provider.calls('token'), tokens, 'nothing was redeemed that could not be kept');
  assert.equal(leaving.cookies('127.0.0.1'), '', 'the browser forgets all the same');

  await failure.end(redis, hand);
  await until('readiness', async () => (await browser().fetch(`${url}/secure-chat/readyz`)).status === 200);
  for (const [who, visitor] of Object.entries({ entered, waiting })) {
    const back = await visitor.fetch(`${url}/queues/q_bank`);
    if (!failure.keeps) assert.deepEqual(outcomeOf(back), [401, 'login_required'], who);
    else assert.deepEqual([back.status, /kari-sub/.test(back.body)], [200, true], who);
  }
}

test('a store that fails', { skip: redisMissing, concurrency: 3 }, async (t) => {
  await Promise.all(
    Object.entries(FAILURES).map(([name, failure]) =>
      t.test(
        `${name}: secure queues 503, open ones served, readiness red, health green, and back again`,
        (inner) => holdsWhen(inner, failure),
      ),
    ),
  );
});

test(
  'a store that has dropped any of its records makes nobody somebody else',
  { skip: redisMissing },
  async (t) => {
    const { hand, system } = await rig(t);
    const { url, browser } = system;
    const visitor = browser();
    await visitor.open(`${url}/queues/q_bank`);
    await visitor.open(`${url}/secure-chat/login?queueKey=q_loan&returnTo=/portal`);
    const all = await hand.read();
    const cookie = visitor.cookies('127.0.0.1');
    await fc.assert(
      fc.asyncProperty(fc.subarray([...all.keys()]), async (left) => {
        await hand.write(new Map([...all].filter(([key]) => left.includes(key))));
        const answer = await browser({ cookie }).fetch(`${url}/queues/q_bank`);
        assert.ok(answer.status === 200 || answer.status === 401, String(answer.status));
        if (answer.status === 200) assert.match(answer.body, /kari-sub/);
      }),
      { numRuns: runs(25) },
    );
  },
);
