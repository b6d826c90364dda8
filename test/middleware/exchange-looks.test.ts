import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createExchangeLooks } from '../../src/middleware/exchange-looks.ts';
import { createOpenExchanges } from '../../src/middleware/open-exchanges.ts';
import { createMemoryState } from '../../src/session/memory.ts';
import { createSealer } from '../../src/session/seal.ts';
import type { IdentityRecord } from '../../src/session/browser-records.ts';
import { until } from '../support/until.ts';
import { FakeExchange, later } from './fake-exchange.ts';

const sealer = createSealer([Buffer.alloc(32, 1)]);
const identityName = (sessionId: string) => sealer.key('identity', sessionId, 'c');

interface Found {
  record?: IdentityRecord;
  waiting?: boolean;
}

/** Looks every few milliseconds at a store in memory whose answers are counted, and can be held back. */
function rig(t: TestContext, { idleSeconds = 60, blindMs = 3_600_000 } = {}) {
  const memory = createMemoryState();
  const exchanges = createOpenExchanges();
  const counted: number[] = [];
  const touched: string[] = [];
  const found = new Map<string, Found>();
  const moved = new Map<string, string>();
  const circumstances = { away: false, blind: 0 };
  const looks = createExchangeLooks({
    exchanges,
    sealer,
    idleSeconds,
    blindMs,
    everyMs: 5,
    state: {
      count(keys) {
        counted.push(keys.length);
        return circumstances.away ? Promise.reject(new Error('away')) : memory.count(keys);
      },
      getMany: (keys) => memory.getMany(keys),
      touch(keys) {
        touched.push(...keys);
        return Promise.resolve();
      },
    },
    records: {
      overview: (sessionId, [connectionId = '']) => {
        const { record, waiting = false } = found.get(sessionId) ?? {};
        return Promise.resolve([{ connectionId, record, waiting }]);
      },
    },
    superseded: { successorOf: (sessionId) => Promise.resolve(moved.get(sessionId)) },
    blind: () => (circumstances.blind += 1),
  });
  t.after(async () => {
    looks.close();
    exchanges.close();
    await memory.close();
  });
  const run = async (sessionId: string) => {
    await memory.set(identityName(sessionId), 'sealed', 3_600_000);
    const exchange = new FakeExchange();
    exchanges.admit(sessionId, exchange, later);
    return exchange;
  };
  const more = (looked: number) => {
    const before = counted.length;
    return until('looks', () => counted.length >= before + looked);
  };
  return { memory, exchanges, counted, touched, found, moved, circumstances, looks, run, more };
}

const recordOf = (subject: string) => ({ identity: { subject } }) as IdentityRecord;

test('what is gone from the store is broken off, and nothing else', async (t) => {
  const { memory, run, more } = rig(t);
  const [mine, other] = [await run('s'), await run('t')];
  await more(3);
  assert.deepEqual([mine.destroyed, other.destroyed], [false, false]);
  await memory.delete([identityName('s')]);
  await until('the end', () => mine.destroyed);
  await more(3);
  assert.equal(other.destroyed, false);
});

test('several exchanges of one person are one name in one command, a thousand names at most', async (t) => {
  const { counted, run, more } = rig(t);
  for (let i = 0; i < 3; i += 1) await run('same');
  await more(2);
  assert.deepEqual([...new Set(counted)], [1]);
  for (let i = 0; i < 1500; i += 1) await run(`s${i}`);
  await until('all', () => counted.includes(1000) && counted.includes(501));
  assert.ok(Math.max(...counted) <= 1000);
});

test('a code that waits, or is being redeemed, keeps what runs until the person is known', async (t) => {
  const { memory, found, run, more } = rig(t);
  const [mine, witness] = [await run('s'), await run('w')];
  found.set('s', { waiting: true });
  await memory.delete([identityName('s')]);
  await more(5);
  assert.equal(mine.destroyed, false);
  found.set('s', { record: recordOf('kari') });
  await memory.set(identityName('s'), 'sealed', 3_600_000);
  await more(5);
  assert.equal(mine.destroyed, false);
  found.set('s', { record: recordOf('ola') });
  await memory.delete([identityName('s')]);
  await until('the end', () => mine.destroyed);
  assert.equal(witness.destroyed, false);
});

test('what moved while nobody heard is followed, and read before it is believed', async (t) => {
  const { memory, found, moved, run, more } = rig(t);
  const [mine, witness] = [await run('old'), await run('w')];
  moved.set('old', 'new');
  await memory.delete([identityName('old')]);
  await more(5);
  assert.equal(mine.destroyed, false, 'the login is under way');
  found.set('new', { record: recordOf('ola') });
  await memory.set(identityName('new'), 'sealed', 3_600_000);
  await until('the end', () => mine.destroyed);
  assert.equal(witness.destroyed, false);
});

test('an identity that is there under the new id is read once, for it may be of another person', async (t) => {
  const { memory, found, moved, run } = rig(t);
  const mine = await run('old');
  found.set('new', { record: recordOf('ola') });
  await memory.set(identityName('new'), 'sealed', 3_600_000);
  moved.set('old', 'new');
  await memory.delete([identityName('old')]);
  await until('the end', () => mine.destroyed, 5000);
});

test('what runs counts as use: its idle life begins anew, now and then', async (t) => {
  const { touched, run, more } = rig(t, { idleSeconds: 0.2 });
  const mine = await run('s');
  await until('two touches', () => touched.length >= 4);
  assert.deepEqual(touched.slice(0, 2), [identityName('s'), sealer.key('session', 's')]);
  await more(3);
  assert.equal(mine.destroyed, false);
});

test('a store that is away breaks nothing off, until it has been for too long', async (t) => {
  const { circumstances, run, more } = rig(t);
  const mine = await run('s');
  circumstances.away = true;
  await more(5);
  assert.equal(mine.destroyed, false);
  const impatient = rig(t, { blindMs: 50 });
  const theirs = await impatient.run('s');
  await impatient.more(2);
  impatient.circumstances.away = true;
  await until('the end', () => theirs.destroyed);
  assert.equal(impatient.circumstances.blind, 1);
});
