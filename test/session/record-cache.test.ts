import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRecordCache, tellingCache, type RecordCacheLimits } from '../../src/session/record-cache.ts';
import { createMemoryState } from '../../src/session/memory.ts';
import type { StateStore } from '../../src/session/state-store.ts';
import type { StoreChanges } from '../../src/session/store-changes.ts';
import { until } from '../support/until.ts';
import { watched } from './record-rig.ts';

const FAR = Date.now() + 3_600_000;
const asRecord = (sealed: string | undefined) =>
  sealed === undefined ? undefined : { value: { sealed }, until: FAR, token: sealed };

/** A cache on a store in memory; what is told of the store, and until when, is the test's. */
function rig(limits: RecordCacheLimits = {}, state: StateStore = createMemoryState()) {
  const news = { toldUntil: Infinity, changed: (_key: string | undefined): void => undefined };
  const changes: StoreChanges = {
    listen: (listener) => void (news.changed = listener),
    toldUntil: () => news.toldUntil,
  };
  const { state: truth, calls } = watched(state);
  const cache = createRecordCache(truth, changes, limits);
  return { truth: state, state: tellingCache(state, cache), cache, news, calls };
}

test('what was read is known, as the same object, without asking the store', async () => {
  const { state, cache, calls } = rig();
  await state.set('identity:a', 'x', 60_000);
  assert.equal(cache.find('identity:a'), undefined);
  const read = await cache.read('identity:a', asRecord);
  assert.deepEqual(calls, ['get', 'remaining']);
  assert.equal(cache.find('identity:a'), read);
  assert.equal(cache.find('identity:a'), cache.find('identity:a'));
  assert.equal(calls.length, 2);
});

const changes: Record<string, (state: StateStore) => Promise<unknown>> = {
  set: (state) => state.set('k', 'y', 60_000),
  add: (state) => state.add('k', 'y', 60_000),
  replace: (state) => state.replace('k', 'x', 'y'),
  take: (state) => state.take('k'),
  delete: (state) => state.delete(['j', 'k']),
  touch: (state) => state.touch(['k'], 60_000),
};
for (const [name, change] of Object.entries(changes)) {
  test(`${name} by this process: not known any more, from before it is done`, async () => {
    const { state, cache } = rig();
    await state.set('k', 'x', 60_000);
    const known = await cache.read('k', asRecord);
    const changing = change(state);
    assert.equal(cache.find('k'), undefined);
    assert.equal(cache.holds(known as never), false);
    // what was read while the change was under way is not kept either
    const early = cache.read('k', asRecord);
    await Promise.all([changing, early]);
    if (name !== 'add') assert.equal(cache.find('k'), undefined);
  });
}

test('a change that is told while the record is being read is not overwritten by what was read', async () => {
  const { truth, cache, news } = rig();
  await truth.set('k', 'x', 60_000);
  const reading = cache.read('k', asRecord);
  news.changed('k');
  assert.equal((await reading)?.token, 'x');
  assert.equal(cache.find('k'), undefined);
  const again = cache.read('k', asRecord);
  news.changed(undefined);
  await again;
  assert.equal(cache.find('k'), undefined);
  await cache.read('k', asRecord);
  assert.equal(cache.find('k')?.token, 'x');
});

test('of two readings, the one that began after the change is kept', async () => {
  const gate: { open?: () => void } = {};
  const memory = createMemoryState();
  let reads = 0;
  const slow: StateStore = {
    ...memory,
    get: async (key) => {
      const value = await memory.get(key);
      if (++reads === 1) await new Promise<void>((resolve) => (gate.open = resolve));
      return value;
    },
  };
  const { cache, news } = rig({}, slow);
  await memory.set('k', 'old', 60_000);
  const first = cache.read('k', asRecord);
  await until('the first reading', () => gate.open !== undefined);
  await memory.set('k', 'new', 60_000);
  news.changed('k');
  await cache.read('k', asRecord);
  gate.open!();
  assert.equal((await first)?.token, 'old');
  assert.equal(cache.find('k')?.token, 'new');
});

test('without news of the store for the lease, and after its loss, nothing is known', async () => {
  const { truth, cache, news, calls } = rig({ leaseMs: 800 });
  await truth.set('k', 'x', 60_000);
  news.toldUntil = performance.now();
  await cache.read('k', asRecord);
  assert.ok(cache.find('k'));
  news.toldUntil = performance.now() - 801;
  assert.equal(cache.find('k'), undefined);
  news.toldUntil = performance.now();
  assert.ok(cache.find('k'), 'a late proof that nothing has changed');
  news.changed(undefined);
  assert.equal(cache.find('k'), undefined);
  news.toldUntil = -Infinity;
  calls.length = 0;
  await cache.read('k', asRecord);
  assert.equal(cache.find('k'), undefined);
  assert.deepEqual(calls, ['get'], 'and a reading costs what it did without a cache');
});

test('a record is known no longer than it lives: to its own end, and to its idle end', async () => {
  const { state, cache } = rig();
  await state.set('idle', 'x', 60);
  await state.set('ended', 'x', 60_000);
  await cache.read('idle', asRecord);
  const end = Date.now() + 60;
  await cache.read('ended', (sealed) => ({ ...asRecord(sealed)!, until: end }));
  await until('both to end', () => cache.find('idle') === undefined && cache.find('ended') === undefined);
  assert.ok(Date.now() >= end);
});

test('what is absent is asked for each time', async () => {
  const { cache, calls } = rig();
  for (let i = 0; i < 3; i += 1) assert.equal(await cache.read('k', asRecord), undefined);
  assert.equal(calls.filter((call) => call === 'get').length, 3);
});

test('bounded in number and size; what is used stays longest', async () => {
  const { state, cache } = rig({ maxRecords: 3, maxCharacters: 40 });
  const put = async (key: string, value: string) => {
    await state.set(key, value, 60_000);
    await cache.read(key, asRecord);
  };
  await put('a', 'x');
  await put('b', 'x');
  await put('c', 'x');
  assert.ok(cache.find('a'));
  await put('d', 'x');
  assert.ok(cache.find('a'));
  assert.equal(cache.find('b'), undefined);
  await put('e', 'y'.repeat(39));
  const left = ['a', 'c', 'd', 'e'].filter((key) => cache.find(key) !== undefined);
  assert.ok(left.length <= 2 && left.includes('e'), String(left));
  await put('f', 'z'.repeat(33_000));
  assert.equal(cache.find('f'), undefined, 'too long for any place');
});

test('a store in memory that drops a record for want of room tells of it', async () => {
  const dropped: string[] = [];
  const state = createMemoryState({ maxEntries: 1, dropped: (key) => dropped.push(key) });
  await state.set('a', 'x', 1000);
  await state.set('b', 'x', 1000);
  assert.deepEqual(dropped, ['a']);
  await state.close();
});
