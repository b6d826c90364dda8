import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test, type TestContext } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { Redis } from 'ioredis';
import { exportJWK, generateKeyPair } from 'jose';
import { createAssertionKeys } from '../../src/assertion/keys.ts';
import type { PrivateJwk } from '../../src/config/gateway-config.ts';
import { createMemoryState } from '../../src/session/memory.ts';
import { connectRedis, createRedisState } from '../../src/session/redis.ts';
import { createSealer, type Sealer } from '../../src/session/seal.ts';
import type { StateStore } from '../../src/session/state-store.ts';
import { silentLogger as logger } from '../session/loggers.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

const redis = await startRedis();
after(() => redis?.stop());

const DAY = 86_400_000;
const HOUR = 3_600_000;
const MINUTE = 60_000;
const SHARED = 'assertion-keys:shared';

interface Rig {
  readonly name: string;
  readonly skip: string | false;
  /** As many processes' views of one store. */
  readonly open: (t: TestContext, count: number) => Promise<StateStore[]>;
}

const stores: Rig[] = [
  {
    name: 'memory',
    skip: false,
    open(t, count) {
      const state = createMemoryState();
      t.after(() => state.close());
      return Promise.resolve(Array<StateStore>(count).fill(state));
    },
  },
  {
    name: 'Redis',
    skip: redisMissing,
    async open(t, count) {
      await flushed(redis!.url);
      return Array.from({ length: count }, () => {
        const state = createRedisState(
          connectRedis({ url: redis!.url, tlsRejectUnauthorized: true }, logger),
        );
        t.after(() => state.close());
        return state;
      });
    },
  },
];

const newSealer = () => createSealer([randomBytes(32)]);
const keysOn = (state: StateStore, sealer: Sealer) =>
  createAssertionKeys({ configured: [], state, sealer, logger });
const kidsOf = async (keys: ReturnType<typeof keysOn>) => (await keys.published()).keys.map(({ kid }) => kid);

async function flushed(url: string): Promise<void> {
  const client = new Redis(url);
  await client.flushall();
  client.disconnect();
}

async function privateKey(kid?: string): Promise<PrivateJwk> {
  const { privateKey: key } = await generateKeyPair('ES256', { extractable: true });
  return { ...((await exportJWK(key)) as PrivateJwk), ...(kid !== undefined && { kid }) };
}

for (const { name, skip, open } of stores) {
  test(`ten processes that start at once share one key (${name})`, { skip }, async (t) => {
    const sealer = newSealer();
    const all = (await open(t, 10)).map((state) => keysOn(state, sealer));
    const kids = await Promise.all(all.map(async (keys) => (await keys.signing()).kid));
    assert.equal(new Set(kids).size, 1);
    for (const keys of all) assert.deepEqual(await kidsOf(keys), [kids[0]]);
  });

  test(`a restart keeps the key (${name})`, { skip }, async (t) => {
    const [state] = await open(t, 1);
    const sealer = newSealer();
    const before = await keysOn(state!, sealer).signing();
    assert.equal((await keysOn(state!, sealer).signing()).kid, before.kid);
  });

  test(`the store holds nothing of the key in clear (${name})`, { skip }, async (t) => {
    const [state] = await open(t, 1);
    const sealer = newSealer();
    const { publicJwk } = await keysOn(state!, sealer).signing();
    const record = (await state!.get(SHARED)) ?? '';
    const decoded = Buffer.from(record, 'base64url').toString('latin1');
    assert.notEqual(record, '');
    for (const text of [record, decoded]) assert.doesNotMatch(text, /"d"|"kty"|signsFrom/);
    assert.ok(!decoded.includes(publicJwk.x!));
    assert.ok((await state!.remaining(SHARED)) > 30 * DAY);
  });

  test(
    `of processes that rotate at once one makes the next key, and it waits an hour (${name})`,
    { skip },
    async (t) => {
      const sealer = newSealer();
      const states = await open(t, 5);
      const first = (await keysOn(states[0]!, sealer).signing()).kid;
      t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 30 * DAY - HOUR });
      const all = states.map((state) => keysOn(state, sealer));
      const signing = await Promise.all(all.map(async (keys) => (await keys.signing()).kid));
      assert.deepEqual(new Set(signing), new Set([first]));
      const published = await Promise.all(all.map(kidsOf));
      assert.equal(published[0]!.length, 2);
      for (const kids of published) assert.deepEqual(kids, published[0]);
      t.mock.timers.tick(HOUR);
      for (const keys of all) assert.equal((await keys.signing()).kid, published[0]![1]);
    },
  );

  test(`a running process learns of a new key within a minute (${name})`, { skip }, async (t) => {
    const sealer = newSealer();
    const [one, other] = await open(t, 2);
    const running = keysOn(one!, sealer);
    await running.signing();
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 30 * DAY - HOUR });
    const fresh = await kidsOf(keysOn(other!, sealer));
    assert.equal(fresh.length, 2);
    await until('the work in the background', async () => isDeepStrictEqual(await kidsOf(running), fresh));
  });

  test(`a store that lost the key gets it back from who knows it (${name})`, { skip }, async (t) => {
    const sealer = newSealer();
    const [one, other] = await open(t, 2);
    const running = keysOn(one!, sealer);
    const { kid } = await running.signing();
    await one!.delete([SHARED]);
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 2 * MINUTE });
    await running.signing();
    await until('the work in the background', async () => (await other!.get(SHARED)) !== undefined);
    assert.equal((await keysOn(other!, sealer).signing()).kid, kid);
  });

  test(
    `a ring that other seal keys have sealed stays theirs; those without share one of their own (${name})`,
    { skip },
    async (t) => {
      const states = await open(t, 6);
      const theirs = newSealer();
      const before = (await keysOn(states[5]!, theirs).signing()).kid;
      const sealer = newSealer();
      const kids = await Promise.all(
        states.map(async (state) => (await keysOn(state, sealer).signing()).kid),
      );
      assert.equal(new Set(kids).size, 1);
      assert.notEqual(kids[0], before);
      assert.equal((await keysOn(states[5]!, theirs).signing()).kid, before);
    },
  );

  test(
    `the signing keys outlive a rotation of the seal keys, step by step (${name})`,
    { skip },
    async (t) => {
      const [state] = await open(t, 1);
      const [a, b] = [randomBytes(32), randomBytes(32)];
      const kids: string[] = [];
      for (const ring of [[a], [a, b], [b, a], [a, b], [b, a], [b]])
        kids.push((await keysOn(state!, createSealer(ring)).signing()).kid);
      assert.equal(new Set(kids).size, 1);
    },
  );
}

test('a process that has slept over a rotation signs and publishes what the others do', async (t) => {
  const state = createMemoryState();
  t.after(() => state.close());
  const sealer = newSealer();
  const sleeper = keysOn(state, sealer);
  await sleeper.signing();
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 30 * DAY - HOUR });
  const awake = keysOn(state, sealer);
  await awake.signing();
  t.mock.timers.tick(2 * HOUR);
  const now = await keysOn(state, sealer).signing();
  assert.equal((await sleeper.signing()).kid, now.kid);
  assert.deepEqual(await kidsOf(sleeper), await kidsOf(awake));
});

test('a clock that was set back makes a ring older, not younger', async (t) => {
  const state = createMemoryState();
  t.after(() => state.close());
  const sealer = newSealer();
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  const keys = keysOn(state, sealer);
  await keys.signing();
  await keysOn(state, sealer).signing();
  await state.delete([SHARED]);
  t.mock.timers.setTime(Date.now() - 6 * HOUR);
  await keys.signing();
  assert.notEqual(await state.get(SHARED), undefined, 'it was read again');
});

test('a store that goes down does not take away the keys that were read', async (t) => {
  const state = createMemoryState();
  const warnings: string[] = [];
  const warning = { ...logger, warn: (_: unknown, message: string) => void warnings.push(message) };
  const keys = createAssertionKeys({ configured: [], state, sealer: newSealer(), logger: warning });
  const { kid } = await keys.signing();
  await state.close();
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 10 * MINUTE });
  assert.equal((await keys.signing()).kid, kid);
  await until('the work in the background', () => Promise.resolve(warnings.length > 0));
  assert.deepEqual(warnings, ['the shared signing keys could not be read again']);
  assert.equal((await keys.signing()).kid, kid);
  assert.deepEqual(await kidsOf(keys), [kid]);
});

test('without keys and without the store there is no assertion: session_store_unavailable', async () => {
  const state = createMemoryState();
  await state.close();
  const keys = keysOn(state, newSealer());
  await assert.rejects(keys.signing(), { code: 'session_store_unavailable' });
  await assert.rejects(keys.published(), { code: 'session_store_unavailable' });
});

test('configured keys need no store: the first signs, all are published, nothing private among it', async () => {
  const state = createMemoryState();
  await state.close();
  const configured = [await privateKey('new'), await privateKey()];
  const keys = createAssertionKeys({ configured, state, sealer: newSealer(), logger });
  assert.equal((await keys.signing()).kid, 'new');
  const { keys: published } = await keys.published();
  assert.equal(published.length, 2);
  for (const [index, jwk] of published.entries()) {
    assert.deepEqual(Object.keys(jwk).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
    assert.deepEqual([jwk.kty, jwk.crv, jwk.alg, jwk.use], ['EC', 'P-256', 'ES256', 'sig']);
    assert.equal(jwk.x, configured[index]!['x']);
  }
  assert.match(published[1]!.kid!, /^[\w-]{43}$/);
});
