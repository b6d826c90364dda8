/** Traffic of nobody fills the store: no record and no cookie until a login starts, one record for each that does, and 429 for who starts too many. */
import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import { MemoryStore } from 'express-session';
import fc from 'fast-check';
import { GatewayError } from '../../src/errors.ts';
import { createRateLimit } from '../../src/middleware/rate-limit.ts';
import { dropIn, standAlone, startOnHostSession, type Face } from '../support/faces.ts';
import { codeOf } from '../support/problem-code.ts';
import { quickClient, type Ask } from '../support/quick-client.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { visitorKinds, reachInto, type StoreHand } from '../support/redis-dump.ts';
import { runs } from '../support/runs.ts';
import { startSystem } from '../support/system.ts';

const redis = await startRedis();
after(() => redis?.stop());

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'];
const PATHS = [
  ...['/', '/static/app.js', '/queues/q_open', '/queues/unknown', '/queues/q_bank', '/queues/q_loan/x?authCode=x', '/?queueKey=q_bank', '/a//b'],
  ...['/login', '/login?queueKey=none', '/login?queueKey=q_open', '/login?queueKey=q_bank&returnTo=//evil.example', '/login?queueKey=q_bank&display=x'],
  ...['/callback', '/callback?state=x&code=y', '/callback?error=login_required&state=x', '/session', '/session?queueKey=q_bank', '/logout', '/done', '/readyz', '/healthz', '/nothing'],
].map((path, index) => (index < 8 ? path : `/secure-chat${path}`)); // prettier-ignore
const COOKIES = [
  '',
  'a=b',
  'secure-chat=x',
  'secure-chat=s%3Aabc.def',
  'host.sid=s%3Aabc.def',
  'host.sid=x; secure-chat=y',
  'secure-chat-tx-AAAAAAAAAAAAAAAAAAAAAA=1.AAAAAAAAAAAAAAAAAAAAAA',
];

const recordsOf = async (store: StoreHand) => visitorKinds(await store.read());

for (const name of ['stand-alone', 'drop-in', 'drop-in on the session of its host']) {
  test(
    `no request of nobody leaves a record or gets a cookie, and a login that starts leaves one (${name})`,
    { skip: redisMissing },
    async (t) => {
      const hostStore = new MemoryStore();
      const face: Face =
        name === 'stand-alone'
          ? standAlone
          : name === 'drop-in'
            ? dropIn
            : { name, start: startOnHostSession(hostStore) };
      const { ask, store } = await onRedis(t, face);
      const hostRecords = () =>
        new Promise<number>((resolve) => {
          hostStore.all((_error, all) => {
            resolve(Object.keys(all ?? {}).length);
          });
        });
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...PATHS),
          fc.constantFrom(...METHODS),
          fc.constantFrom(...COOKIES),
          fc.boolean(),
          async (path, method, cookie, script) => {
            // what starts a login is the next test's
            const accept = script
              ? 'application/json'
              : path.startsWith('/secure-chat')
                ? 'text/html'
                : '*/*';
            const answer = await ask(path, { method, headers: { accept, ...(cookie && { cookie }) } });
            const set = answer.headers
              .getSetCookie()
              .filter((line) => !/Expires=Thu, 01 Jan 1970|Max-Age=0/.test(line));
            assert.deepEqual(set, [], `${method} ${path}`);
            assert.ok(answer.status < 500);
          },
        ),
        { numRuns: runs(200) },
      );
      assert.deepEqual(await recordsOf(store), []);
      assert.equal(await hostRecords(), 0);
      for (let logins = 1; logins <= 3; logins += 1) {
        assert.equal((await ask('/secure-chat/login?queueKey=q_bank')).status, 302);
        assert.deepEqual(await recordsOf(store), Array(logins).fill('login'));
      }
      assert.equal(await hostRecords(), 0);
    },
  );

  test(
    `who starts logins without end gets 429, at every door, and leaves no more records (${name})`,
    { skip: redisMissing },
    async (t) => {
      const face: Face =
        name === 'stand-alone'
          ? standAlone
          : name === 'drop-in'
            ? dropIn
            : { name, start: startOnHostSession(new MemoryStore()) };
      const { ask, store } = await onRedis(t, face, 300);
      const navigation = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
      const started = await Promise.all(
        Array.from({ length: 300 }, () => ask('/secure-chat/login?queueKey=q_bank')),
      );
      assert.ok(
        started.every(({ status }) => status === 302),
        '300 a minute pass',
      );
      assert.equal((await recordsOf(store)).length, 300);
      const doors: (readonly [path: string, headers: Record<string, string>])[] = [
        ['/secure-chat/login?queueKey=q_bank', {}],
        ['/secure-chat/login?queueKey=q_loan&interactive=1&display=popup', {}],
        [
          '/secure-chat/login?queueKey=q_bank',
          { 'x-forwarded-for': '192.0.2.1', forwarded: 'for=192.0.2.1', 'x-real-ip': '192.0.2.1' },
        ],
        ['/queues/q_bank', navigation],
      ];
      for (const [path, headers] of doors) {
        const refusal = await ask(path, { headers });
        assert.equal(refusal.status, 429, path);
        if (headers !== navigation) assert.equal(codeOf(refusal), 'rate_limited');
        assert.ok(Number(refusal.headers.get('retry-after')) > 0);
        assert.deepEqual(refusal.headers.getSetCookie(), []);
      }
      assert.equal((await recordsOf(store)).length, 300);
      const back = await Promise.all(
        Array.from({ length: 301 }, () => ask('/secure-chat/callback?state=x&code=y')),
      );
      assert.deepEqual(
        [
          back.filter(({ status }) => status === 400).length,
          back.filter(({ status }) => status === 429).length,
        ],
        [300, 1],
      );
      for (const path of ['/queues/q_open', '/secure-chat/session', '/secure-chat/healthz'])
        assert.equal((await ask(path)).status, 200, path);
    },
  );
}

test('one subscriber is counted once: an IPv6 network of 64 bits is one address, in every spelling; IPv4 neighbours are not', async () => {
  const group = fc.integer({ min: 0, max: 0xffff }).map((n) => n.toString(16));
  const tail = fc.oneof(
    fc.array(group, { minLength: 4, maxLength: 4 }).map((groups) => groups.join(':')),
    fc.constantFrom('0:0:0:0', '1:0:0:0'),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(group, { minLength: 4, maxLength: 4 }),
      tail,
      tail,
      async (head, one, other) => {
        const limit = createRateLimit(1);
        await limit(`${head.join(':')}:${one}`);
        await assert.rejects(limit(`${head.join(':')}:${other}`), { code: 'rate_limited' });
        await assert.rejects(limit(`${head.join(':')}::`), { code: 'rate_limited' });
        await limit(`${(Number.parseInt(head[0]!, 16) ^ 1).toString(16)}:${head.slice(1).join(':')}:${one}`);
      },
    ),
    { numRuns: runs(200) },
  );
  const limit = createRateLimit(1);
  for (let host = 0; host < 256; host += 1) await limit(`192.0.2.${host}`);
  await assert.rejects(limit('192.0.2.7'), GatewayError);
});

async function onRedis(
  t: TestContext,
  face: Face,
  loginsPerMinute = 100_000,
): Promise<{ ask: Ask; store: StoreHand }> {
  const store = reachInto(t, redis!.url);
  await store.client.flushall();
  const options = {
    sessionSecret: 'a secret for tests that is long enough',
    redisUrl: redis!.url,
    loginsPerMinute,
  };
  const { url } = await startSystem(t, { face, options });
  return { ask: quickClient(t, url), store };
}
