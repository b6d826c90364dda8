import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createMemoryState } from '../../src/session/memory.ts';
import { connectRedis, createRedisState } from '../../src/session/redis.ts';
import type { StateStore } from '../../src/session/state-store.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { silentLogger } from '../session/loggers.ts';

const redis = await startRedis();
const connect = (url: string) =>
  createRedisState(connectRedis({ url, tlsRejectUnauthorized: true }, silentLogger));
const memory = createMemoryState();
const overRedis = redis && [connect(redis.url), connect(redis.url)];

after(async () => {
  await Promise.all([memory, ...(overRedis ?? [])].map((store) => store.close()));
  await redis?.stop();
});

interface Rig {
  readonly first: StateStore;
  /** What another process would use. */
  readonly second: StateStore;
}

const stores: { name: string; skip: string | false; rig: () => Rig }[] = [
  { name: 'memory', skip: false, rig: () => ({ first: memory, second: memory }) },
  {
    name: 'Redis',
    skip: redisMissing,
    rig: () => {
      const [first, second] = overRedis ?? [];
      assert.ok(first && second);
      return { first, second };
    },
  },
];

const contract: Record<string, (rig: Rig, key: string) => Promise<void>> = {
  'a value is read back, by every process': async ({ first, second }, key) => {
    await first.set(key, 'æ€\u{1f600}', 10_000);
    assert.equal(await first.get(key), 'æ€\u{1f600}');
    assert.equal(await second.get(key), 'æ€\u{1f600}');
  },
  'an empty value is a value': async ({ first }, key) => {
    await first.set(key, '', 10_000);
    assert.equal(await first.get(key), '');
    assert.deepEqual(await first.getMany([key]), ['']);
    assert.equal(await first.take(key), '');
  },
  'an absent key is undefined': async ({ first }, key) => {
    assert.equal(await first.get(key), undefined);
    assert.equal(await first.take(key), undefined);
    assert.deepEqual(await first.getMany([key, key]), [undefined, undefined]);
    assert.deepEqual(await first.getMany([]), []);
  },
  'the start of a value is read without the rest': async ({ first, second }, key) => {
    await first.set(key, 'abc'.repeat(10_000), 10_000);
    assert.equal(await second.start(key, 4), 'abca');
    assert.equal((await second.start(key, 40_000))?.length, 30_000);
    assert.equal(await second.start(`${key}-absent`, 4), undefined);
  },
  'many are read in the order of the keys': async ({ first }, key) => {
    await first.set(`${key}1`, 'one', 10_000);
    await first.set(`${key}3`, 'three', 10_000);
    assert.deepEqual(await first.getMany([`${key}3`, `${key}2`, `${key}1`]), ['three', undefined, 'one']);
  },
  'a life ends': async ({ first }, key) => {
    await first.set(key, 'short', 40);
    assert.equal(await first.get(key), 'short');
    await delay(80);
    assert.equal(await first.get(key), undefined);
    assert.equal(await first.take(key), undefined);
    assert.equal(await first.replace(key, 'short', 'x'), false);
    assert.equal(await first.add(key, 'next', 1000), true);
  },
  'a second set gives a new value and a new life': async ({ first }, key) => {
    await first.set(key, 'old', 40);
    await first.set(key, 'new', 10_000);
    await delay(80);
    assert.equal(await first.get(key), 'new');
  },
  'a life that is already over is no life for ever': async ({ first }, key) => {
    for (const over of [0, -5000, 0.3]) {
      await first.set(key, 'late', over);
      await delay(10);
      assert.equal(await first.get(key), undefined, String(over));
    }
  },
  'a life that is no number is refused': async ({ first }, key) => {
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY]) {
      await assert.rejects(first.set(key, 'x', wrong), TypeError);
      await assert.rejects(first.add(key, 'x', wrong), TypeError);
      await assert.rejects(first.touch([key], wrong), TypeError);
    }
  },
  'of 50 takers in two processes one gets the value': async ({ first, second }, key) => {
    await first.set(key, 'once', 10_000);
    const takers = Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? first : second).take(key));
    const got = (await Promise.all(takers)).filter((value) => value !== undefined);
    assert.deepEqual(got, ['once']);
  },
  'of 50 adders in two processes one writes': async ({ first, second }, key) => {
    const adders = Array.from({ length: 50 }, (_, index) =>
      (index % 2 === 0 ? first : second).add(key, `value ${index}`, 10_000),
    );
    const wrote = await Promise.all(adders);
    assert.equal(wrote.filter(Boolean).length, 1);
    assert.equal(await first.get(key), `value ${wrote.indexOf(true)}`);
  },
  'what was added dies in its time': async ({ first }, key) => {
    assert.equal(await first.add(key, 'lock', 40), true);
    assert.equal(await first.add(key, 'other', 40), false);
    await delay(80);
    assert.equal(await first.add(key, 'third', 10_000), true);
  },
  'replace writes over the expected value only': async ({ first, second }, key) => {
    assert.equal(await first.replace(key, '', 'x'), false, 'an absent key is not the empty value');
    await first.set(key, 'a', 10_000);
    assert.equal(await second.replace(key, 'b', 'c'), false);
    assert.equal(await first.get(key), 'a');
    assert.equal(await second.replace(key, 'a', 'b'), true);
    assert.equal(await first.get(key), 'b');
  },
  'discard deletes the expected value only': async ({ first, second }, key) => {
    assert.equal(await first.discard(key, ''), false, 'an absent key is not the empty value');
    await first.set(key, 'a', 10_000);
    assert.equal(await second.discard(key, 'b'), false);
    assert.equal(await first.get(key), 'a');
    assert.equal(await second.discard(key, 'a'), true);
    assert.equal(await first.get(key), undefined);
  },
  'replace keeps the remaining life': async ({ first }, key) => {
    await first.set(key, 'a', 80);
    assert.equal(await first.replace(key, 'a', 'b'), true);
    assert.equal(await first.get(key), 'b');
    await delay(120);
    assert.equal(await first.get(key), undefined);
  },
  'of 50 who replace the same value one does': async ({ first, second }, key) => {
    await first.set(key, 'start', 10_000);
    const all = Array.from({ length: 50 }, (_, index) =>
      (index % 2 === 0 ? first : second).replace(key, 'start', String(index)),
    );
    assert.equal((await Promise.all(all)).filter(Boolean).length, 1);
  },
  'remaining says how long a key has to live': async ({ first }, key) => {
    assert.equal(await first.remaining(key), 0);
    await first.set(key, 'x', 10_000);
    const left = await first.remaining(key);
    assert.ok(left > 8000 && left <= 10_000, `${left} ms`);
  },
  'touch gives all keys a new life and makes none': async ({ first }, key) => {
    await first.set(`${key}1`, 'one', 60);
    await first.set(`${key}2`, 'two', 60);
    await first.touch([`${key}1`, `${key}2`, `${key}3`], 10_000);
    await first.touch([], 10_000);
    await delay(100);
    assert.deepEqual(await first.getMany([`${key}1`, `${key}2`, `${key}3`]), ['one', 'two', undefined]);
  },
  'delete takes several, and absent ones too': async ({ first }, key) => {
    await first.set(`${key}1`, 'one', 10_000);
    await first.set(`${key}2`, 'two', 10_000);
    await first.delete([`${key}1`, `${key}2`, `${key}3`]);
    await first.delete([]);
    assert.deepEqual(await first.getMany([`${key}1`, `${key}2`]), [undefined, undefined]);
  },
  'ping resolves': async ({ first }) => {
    await first.ping();
  },
};

for (const { name, skip, rig } of stores) {
  for (const [outcome, check] of Object.entries(contract)) {
    test(`state on ${name}: ${outcome}`, { skip }, () => check(rig(), `contract:${randomUUID()}`));
  }
}

test('state in memory: the record written longest ago is dropped when the store is full', async (t) => {
  const state = createMemoryState({ maxEntries: 2 });
  t.after(() => state.close());
  await state.set('a', '1', 10_000);
  await state.set('b', '2', 10_000);
  await state.touch(['a'], 10_000);
  await state.set('c', '3', 10_000);
  assert.deepEqual(await state.getMany(['a', 'b', 'c']), ['1', undefined, '3']);
});

test('state in memory: what has expired makes room before anything that lives', async (t) => {
  const state = createMemoryState({ maxEntries: 2, sweepMs: 10 });
  t.after(() => state.close());
  await state.set('old', '1', 10_000);
  await state.set('short', '2', 20);
  await delay(60);
  await state.set('new', '3', 10_000);
  assert.deepEqual(await state.getMany(['old', 'short', 'new']), ['1', undefined, '3']);
});

test('state in memory: a closed store is an unavailable one', async () => {
  const state = createMemoryState();
  await state.close();
  await assert.rejects(state.get('a'), { code: 'session_store_unavailable' });
  await assert.rejects(state.ping(), { code: 'session_store_unavailable' });
});

for (const { name, skip, rig } of stores) {
  test(`records of a kind are counted, and neither others nor ended ones (${name})`, { skip }, async () => {
    const { first, second } = rig();
    const kind = `tally-${randomUUID()}`;
    assert.equal(await first.tally(kind), 0);
    await Promise.all(Array.from({ length: 1500 }, (_, n) => first.set(`${kind}:${n}`, 'x', 60_000)));
    await first.set(`${kind}-other:1`, 'x', 60_000);
    await first.delete([`${kind}:7`]);
    assert.equal(await second.tally(kind), 1499);
  });
}
