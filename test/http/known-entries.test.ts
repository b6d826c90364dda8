/** A request whose like was admitted a moment ago: as fast as it is, it gets what the first one got, or nothing. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Redis } from 'ioredis';
import { codeOf } from '../support/problem-code.ts';
import { startProvider } from '../support/provider.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import {
  connection,
  identityOf,
  inEveryFace,
  kari,
  ola,
  startSystem,
  type System,
} from '../support/system.ts';
import { until } from '../support/until.ts';
import type { Browser } from '../support/browser.ts';

const ask = (system: System, visitor: Browser, path = '/queues/q_bank') => visitor.fetch(system.url + path);
const bank = { queueKey: 'q_bank', authConnectionName: 'Signicat' };

inEveryFace('the hundredth request says what the first one said, to its own queue', async (t, face) => {
  const system = await startSystem(t, { face });
  const visitor = system.browser();
  await visitor.open(`${system.url}/queues/q_bank`);
  await visitor.open(`${system.url}/queues/q_loan`);
  const seen = { q_bank: new Set<string>(), q_loan: new Set<string>() };
  for (let i = 0; i < 100; i += 1) {
    const queue = i % 2 === 0 ? 'q_bank' : 'q_loan';
    assert.equal((await ask(system, visitor, `/queues/${queue}?n=${i}`)).status, 200);
    const { 'x-secure-chat-assertion': assertion, ...headers } = identityOf(system.upstream);
    assert.equal(headers['x-secure-chat-queue'], queue);
    const claims = JSON.parse(Buffer.from(assertion!.split('.')[1]!, 'base64url').toString()) as {
      aud: string;
    };
    assert.equal(claims.aud, queue);
    seen[queue].add(JSON.stringify(headers));
  }
  assert.deepEqual([seen.q_bank.size, seen.q_loan.size], [1, 1]);
  assert.equal((await ask(system, visitor, '/queues/q_open')).status, 200);
  assert.deepEqual(identityOf(system.upstream), {});
});

inEveryFace('after a log-out, and as another person, nothing of before is left', async (t, face) => {
  const system = await startSystem(t, { face });
  const visitor = system.browser();
  await visitor.open(`${system.url}/queues/q_bank`);
  for (let i = 0; i < 5; i += 1) assert.equal((await ask(system, visitor)).status, 200);
  const cookie = visitor.cookies('127.0.0.1');
  assert.equal((await visitor.fetch(`${system.url}/secure-chat/logout`, { method: 'POST' })).status, 204);
  const thief = system.browser({ cookie });
  assert.equal(codeOf(await ask(system, thief)), 'login_required');
  system.provider.setPerson(ola);
  await visitor.open(`${system.url}/queues/q_bank`);
  for (let i = 0; i < 5; i += 1) {
    await ask(system, visitor);
    assert.equal(identityOf(system.upstream)['x-secure-chat-id'], 'ola-sub');
  }
});

test('one byte more in the cookie, and it is somebody else', async (t) => {
  const system = await startSystem(t);
  const visitor = system.browser();
  await visitor.open(`${system.url}/queues/q_bank`);
  for (let i = 0; i < 5; i += 1) assert.equal((await ask(system, visitor)).status, 200);
  const cookie = visitor.cookies('127.0.0.1');
  for (const changed of [`${cookie}x`, cookie.slice(0, -1), cookie.toLowerCase(), cookie.replace('=', '=x')])
    assert.equal((await ask(system, system.browser({ cookie: changed }))).status, 401, changed);
  // the same cookie with others around it is the same visitor
  assert.equal((await ask(system, system.browser({ cookie: `a=b; ${cookie}; c=d` }))).status, 200);
  // a token that is none says that the cookie does not count
  const bearer = { cookie, authorization: 'Bearer scg_x' };
  assert.equal((await ask(system, system.browser(bearer))).status, 401);
});

async function twoProcesses(t: TestContext) {
  const redis = (await startRedis())!;
  t.after(() => redis.stop());
  const provider = await startProvider({ person: kari });
  t.after(() => provider.stop());
  const options = {
    sessionSecret: 'one secret for all processes of this test',
    redisUrl: redis.url,
    customers: [{ customerKey: '12345', connections: [connection(provider)], queues: [bank] }],
  };
  const here = await startSystem(t, { provider, options });
  const there = await startSystem(t, { provider, options });
  const admin = new Redis(redis.url, { retryStrategy: () => null }).on('error', () => undefined);
  t.after(() => {
    admin.disconnect();
  });
  return { here, there, admin };
}

const commands = async (admin: Redis) => {
  const stats = await admin.info('commandstats');
  const counted = stats.matchAll(/cmdstat_([\w|]+):calls=(\d+)/g);
  // those of the test itself, and the questions whether the connections still hear
  return [...counted].reduce(
    (sum, [, name, calls]) => (/^(?:info|config|ping)/.test(name!) ? sum : sum + Number(calls)),
    0,
  );
};

test(
  'two thousand requests ask Redis for next to nothing, and a log-out elsewhere is seen within a second',
  { skip: redisMissing },
  async (t) => {
    const { here, there, admin } = await twoProcesses(t);
    const visitor = here.browser();
    await visitor.open(`${here.url}/queues/q_bank`);
    // until all is known
    await until('a request that asks for nothing', async () => {
      const before = await commands(admin);
      for (let i = 0; i < 5; i += 1) assert.equal((await ask(here, visitor)).status, 200);
      return (await commands(admin)) === before;
    });
    await admin.config('RESETSTAT');
    for (let i = 0; i < 200; i += 1) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => ask(here, visitor)));
      assert.ok(answers.every(({ status }) => status === 200));
    }
    const asked = await commands(admin);
    assert.ok(asked <= 20, `${asked} commands for 2 000 requests`);

    const elsewhere = there.browser({ cookie: visitor.cookies('127.0.0.1') });
    assert.equal((await elsewhere.fetch(`${there.url}/secure-chat/logout`, { method: 'POST' })).status, 204);
    const endedAt = performance.now();
    let status = 200;
    while (status === 200) {
      const askedAt = performance.now();
      ({ status } = await ask(here, visitor));
      if (status === 200) assert.ok(askedAt - endedAt < 1000, 'a second later it is over');
    }
    assert.equal(status, 401);
  },
);

test(
  'a record that is taken away without a word to the processes opens nothing a second later',
  { skip: redisMissing },
  async (t) => {
    const { here, admin } = await twoProcesses(t);
    const visitor = here.browser();
    await visitor.open(`${here.url}/queues/q_bank`);
    for (let i = 0; i < 5; i += 1) assert.equal((await ask(here, visitor)).status, 200);
    await admin.del(await admin.keys('scg:identity:*'));
    const endedAt = performance.now();
    await until(
      'the end',
      async () => {
        const askedAt = performance.now();
        const { status } = await ask(here, visitor);
        assert.ok(status === 401 || askedAt - endedAt < 1000, `${status} after ${askedAt - endedAt} ms`);
        return status === 401;
      },
      2000,
    );
  },
);
