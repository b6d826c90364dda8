import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createMemoryState } from '../../src/session/memory.ts';
import { sessionKey } from '../../src/session/sealed-store.ts';
import type { StateStore } from '../../src/session/state-store.ts';
import { identity, recordsOn, sealer, watched } from './record-rig.ts';

test('an identity is read with exactly one look-up, by session id and connection', async () => {
  const { state, calls } = watched(createMemoryState());
  const records = recordsOn(state);
  const record = identity();
  await records.saveIdentity('s', 'A', record);
  calls.length = 0;
  assert.deepEqual((await records.identity('s', 'A'))?.record, record);
  assert.deepEqual(calls, ['get']);
  assert.equal(await records.identity('s', 'B'), undefined);
  assert.equal(await records.identity('t', 'A'), undefined);
  assert.equal(await records.identity('sA', ''), undefined);
});

test('an identity ends when it is idle', async () => {
  const records = recordsOn(createMemoryState(), 0.05);
  await records.saveIdentity('s', 'A', identity());
  assert.ok(await records.identity('s', 'A'));
  await delay(80);
  assert.equal(await records.identity('s', 'A'), undefined);
});

test('an identity ends at its absolute time, however often it is touched', async () => {
  const state = createMemoryState();
  const records = recordsOn(state);
  await records.saveIdentity('s', 'A', identity({ expiresAt: Date.now() + 60 }));
  await state.touch([sealer.key('identity', 's', 'A')], 60_000);
  assert.ok(await records.identity('s', 'A'));
  await delay(90);
  assert.equal(await records.identity('s', 'A'), undefined);
});

test('no caller makes an identity live longer than the absolute life', async () => {
  const records = recordsOn(createMemoryState(), 60, 10);
  const verifiedAt = Date.now() - 5000;
  await records.saveIdentity('s', 'A', identity({ verifiedAt, expiresAt: verifiedAt + 1e9 }));
  const found = await records.identity('s', 'A');
  assert.equal(found?.record.expiresAt, verifiedAt + 10_000);
  await records.replaceIdentity('s', 'A', found.token, identity({ verifiedAt, expiresAt: verifiedAt + 1e9 }));
  assert.equal((await records.identity('s', 'A'))?.record.expiresAt, verifiedAt + 10_000);
});

test('of two changes to one identity the second is refused until it has read the first', async () => {
  const records = recordsOn(createMemoryState());
  await records.saveIdentity('s', 'A', identity());
  const one = await records.identity('s', 'A');
  const two = await records.identity('s', 'A');
  assert.ok(one && two);
  assert.equal(await records.replaceIdentity('s', 'A', one.token, { ...one.record, queues: ['q1'] }), true);
  assert.equal(await records.replaceIdentity('s', 'A', two.token, { ...two.record, queues: ['q2'] }), false);
  assert.deepEqual((await records.identity('s', 'A'))?.record.queues, ['q1']);
});

test('a record that was copied to another browser, connection or kind does not open', async () => {
  const state = createMemoryState();
  const records = recordsOn(state);
  await records.saveIdentity('s', 'A', identity());
  const sealed = await state.get(sealer.key('identity', 's', 'A'));
  assert.ok(sealed);
  for (const [sessionId, connectionId] of [
    ['t', 'A'],
    ['s', 'B'],
  ] as const) {
    await state.set(sealer.key('identity', sessionId, connectionId), sealed, 1000);
    assert.equal(await records.identity(sessionId, connectionId), undefined);
  }
  await state.set(sealer.key('code', 's', 'A'), sealed, 1000);
  assert.equal(await records.takeCode('s', 'A'), undefined);
});

test('a waiting code is seen without being taken, taken once, and gone after its life', async () => {
  const records = recordsOn(createMemoryState());
  assert.equal((await records.overview('s', ['A']))[0]?.waiting, false);
  await records.putCode('s', 'A', { code: 'old' });
  await records.putCode('s', 'A', { code: 'new' });
  assert.equal((await records.overview('s', ['A']))[0]?.waiting, true);
  assert.equal((await records.overview('s', ['B']))[0]?.waiting, false);
  const taken = await Promise.all(Array.from({ length: 10 }, () => records.takeCode('s', 'A')));
  assert.deepEqual(taken.filter(Boolean), [{ code: 'new' }]);
  await records.putCode('s', 'A', { code: 'short' }, 30);
  await delay(50);
  assert.equal(await records.takeCode('s', 'A'), undefined);
});

test('an overview of all connections is one round trip', async () => {
  const { state, calls } = watched(createMemoryState());
  const records = recordsOn(state);
  await records.saveIdentity('s', 'A', identity());
  await records.putCode('s', 'B', { code: 'x' });
  calls.length = 0;
  const rows = await records.overview('s', ['A', 'B', 'C']);
  assert.deepEqual(calls, ['getMany']);
  const seen = rows.map(({ connectionId, record, waiting }) => [
    connectionId,
    record?.identity.chatId,
    waiting,
  ]);
  assert.deepEqual(seen, [
    ['A', 'chat', false],
    ['B', undefined, true],
    ['C', undefined, false],
  ]);
});

test('the mark of an expired code is taken once', async () => {
  const records = recordsOn(createMemoryState());
  assert.equal(await records.takeExpired('s', 'A'), false);
  await records.markExpired('s', 'A');
  const taken = await Promise.all([records.takeExpired('s', 'A'), records.takeExpired('s', 'A')]);
  assert.deepEqual(taken.sort(), [false, true]);
});

test('move takes identities and codes to the new id, and nothing is left under the old one', async () => {
  const state = createMemoryState();
  const records = recordsOn(state);
  const record = identity();
  await records.saveIdentity('old', 'A', record);
  await records.putCode('old', 'B', { code: 'waits' });
  await records.markExpired('old', 'B');
  await records.saveIdentity('old', 'C', identity({ connectionId: 'C' }));
  await records.move('old', 'new', ['A', 'B'], 'C');
  assert.deepEqual((await records.identity('new', 'A'))?.record, record);
  assert.equal(await records.takeExpired('new', 'B'), true);
  assert.deepEqual(await records.takeCode('new', 'B'), { code: 'waits' });
  assert.equal(await records.identity('new', 'C'), undefined, 'dropped');
  for (const row of await records.overview('old', ['A', 'B', 'C'])) {
    assert.deepEqual([row.record, row.waiting], [undefined, false], row.connectionId);
  }
});

test('move prolongs no code and no identity', async () => {
  const records = recordsOn(createMemoryState());
  await records.putCode('old', 'A', { code: 'x' }, 60);
  await records.saveIdentity('old', 'B', identity({ connectionId: 'B', expiresAt: Date.now() + 60 }));
  await records.move('old', 'new', ['A', 'B']);
  assert.ok((await records.overview('new', ['A']))[0]?.waiting);
  await delay(90);
  assert.equal(await records.takeCode('new', 'A'), undefined);
  assert.equal(await records.identity('new', 'B'), undefined);
});

test('forget leaves nothing of these connections', async () => {
  const records = recordsOn(createMemoryState());
  await records.saveIdentity('s', 'A', identity());
  await records.putCode('s', 'A', { code: 'x' });
  await records.markExpired('s', 'A');
  await records.forget('s', ['A', 'B']);
  assert.equal(await records.identity('s', 'A'), undefined);
  assert.equal(await records.takeCode('s', 'A'), undefined);
  assert.equal(await records.takeExpired('s', 'A'), false);
});

test('touch reaches the session and the identities, once for many requests', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  const { state, calls } = watched(createMemoryState());
  const records = recordsOn(state, 0.2);
  await state.set(sessionKey(sealer, 's'), 'session', 100);
  await records.saveIdentity('s', 'A', identity());
  calls.length = 0;
  await Promise.all(Array.from({ length: 100 }, () => records.touch('s', ['A'])));
  await records.touch('t', ['A']);
  assert.deepEqual(calls, ['touch', 'touch']);
  t.mock.timers.tick(130);
  assert.equal(await state.get(sessionKey(sealer, 's')), 'session');
  await records.touch('s', ['A']);
  t.mock.timers.tick(130);
  assert.ok(await records.identity('s', 'A'), 'touched twice, so alive after its first idle life');
});

test('a touch that failed is tried again by the next request', async () => {
  const state = createMemoryState();
  let fail = true;
  const failing: StateStore = {
    ...state,
    touch: (...args) => (fail ? Promise.reject(new Error('down')) : state.touch(...args)),
  };
  const { state: seen, calls } = watched(failing);
  const records = recordsOn(seen);
  await assert.rejects(records.touch('s', ['A']));
  fail = false;
  await records.touch('s', ['A']);
  await records.touch('s', ['A']);
  assert.deepEqual(calls, ['touch', 'touch']);
});
