import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createMemoryState } from '../../src/session/memory.ts';
import { createSingleFlight } from '../../src/session/once.ts';
import { connectRedis, createRedisState } from '../../src/session/redis.ts';
import type { StateStore } from '../../src/session/state-store.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { silentLogger } from './loggers.ts';
import { identity, recordsOn, soon, watched } from './record-rig.ts';

const redis = await startRedis();
const connect = (url: string) =>
  createRedisState(connectRedis({ url, tlsRejectUnauthorized: true }, silentLogger));
const overRedis = redis && [connect(redis.url), connect(redis.url)];

after(async () => {
  await Promise.all((overRedis ?? []).map((state) => state.close()));
  await redis?.stop();
});

const rigs: { name: string; skip: string | false; states: () => readonly [StateStore, StateStore] }[] = [
  {
    name: 'memory',
    skip: false,
    states: () => {
      const state = createMemoryState();
      return [state, state];
    },
  },
  {
    name: 'Redis',
    skip: redisMissing,
    states: () => {
      const [first, second] = overRedis ?? [];
      assert.ok(first && second);
      return [first, second];
    },
  },
];

for (const { name, skip, states } of rigs) {
  test(
    `alone on ${name}: of 50 first requests in two processes one redeems, and all see its identity`,
    { skip },
    async () => {
      const processes = states().map((state) => recordsOn(state));
      const id = randomUUID();
      let calls = 0;
      await processes[0]?.putCode(id, 'A', { code: 'x' });
      const enter = async (index: number) => {
        const records = processes[index % 2];
        assert.ok(records);
        return records.alone(id, 'A', soon(), async () => {
          const code = await records.takeCode(id, 'A');
          if (!code) return (await records.identity(id, 'A'))?.record;
          calls += 1;
          await delay(120);
          const record = identity();
          await records.saveIdentity(id, 'A', record);
          return record;
        });
      };
      const seen = await Promise.all(Array.from({ length: 50 }, (_, index) => enter(index)));
      assert.equal(calls, 1);
      assert.equal(seen.filter((record) => record?.identity.chatId === 'chat').length, 50);
      assert.equal((await processes[1]?.overview(id, ['A']))?.[0]?.waiting, false, 'the lock is gone');
    },
  );

  test(
    `alone on ${name}: a failed redemption fails for the winner, and the others get nothing`,
    { skip },
    async () => {
      const processes = states().map((state) => recordsOn(state));
      const id = randomUUID();
      await processes[0]?.putCode(id, 'A', { code: 'x' });
      const enter = async (index: number) => {
        const records = processes[index % 2];
        assert.ok(records);
        return records.alone(id, 'A', soon(), async () => {
          if (!(await records.takeCode(id, 'A'))) return undefined;
          await delay(60);
          throw new Error('refused');
        });
      };
      const ends = await Promise.allSettled(Array.from({ length: 10 }, (_, index) => enter(index)));
      assert.equal(ends.filter(({ status }) => status === 'rejected').length, 1);
      for (const end of ends) if (end.status === 'fulfilled') assert.equal(end.value, undefined);
      assert.equal((await processes[0]?.overview(id, ['A']))?.[0]?.waiting, false);
    },
  );

  test(`alone on ${name}: a logout during the redemption leaves no identity behind`, { skip }, async () => {
    const records = recordsOn(states()[0]);
    const id = randomUUID();
    await records.putCode(id, 'A', { code: 'x' });
    const outcome = await records.alone(id, 'A', soon(), async () => {
      await records.takeCode(id, 'A');
      await records.forget(id, ['A']);
      const record = identity();
      await records.saveIdentity(id, 'A', record);
      return record;
    });
    assert.equal(outcome, undefined);
    assert.equal(await records.identity(id, 'A'), undefined);
  });
}

test('alone writes nothing where nothing waits, and does not work', async () => {
  const { state, calls } = watched(createMemoryState());
  const outcome = await recordsOn(state).alone('s', 'A', soon(), () => assert.fail('worked'));
  assert.deepEqual([outcome, calls], [undefined, ['getMany']]);
});

test('alone gives an identity that is there already without any lock', async () => {
  const { state, calls } = watched(createMemoryState());
  const records = recordsOn(state);
  await records.saveIdentity('s', 'A', identity());
  calls.length = 0;
  assert.ok(await records.alone('s', 'A', soon(), () => assert.fail('worked')));
  assert.deepEqual(calls, ['getMany']);
});

test('alone waits for another no longer than its own deadline', async () => {
  const records = recordsOn(createMemoryState());
  await records.putCode('s', 'A', { code: 'x' });
  let finish = (): void => undefined;
  const slow = records.alone(
    's',
    'A',
    soon(),
    () =>
      new Promise((resolve) => {
        finish = () => {
          resolve(undefined);
        };
      }),
  );
  await delay(10);
  const start = Date.now();
  assert.equal(await records.alone('s', 'A', Date.now() + 200, () => assert.fail('worked')), undefined);
  assert.ok(Date.now() - start < 1000);
  finish();
  await slow;
});

test('alone works on the code that a failed redemption put back', async () => {
  const records = recordsOn(createMemoryState());
  await records.putCode('s', 'A', { code: 'x' });
  const first = records.alone('s', 'A', soon(), async () => {
    const code = await records.takeCode('s', 'A');
    await delay(80);
    await records.putCode('s', 'A', code ?? {});
    throw new Error('provider away');
  });
  const failed = assert.rejects(first);
  await delay(10);
  const second = await records.alone('s', 'A', soon(), async () => {
    assert.deepEqual(await records.takeCode('s', 'A'), { code: 'x' });
    return identity();
  });
  assert.equal(second?.identity.chatId, 'chat');
  await failed;
});

test('in one process the same key runs once at a time, other keys beside it, and errors reach all', async () => {
  const flights = createSingleFlight<number>();
  let runs = 0;
  const work = async () => {
    runs += 1;
    await delay(20);
    return runs;
  };
  assert.deepEqual(
    await Promise.all([flights.run('a', work), flights.run('a', work), flights.run('b', work)]),
    [2, 2, 2],
  );
  assert.equal(await flights.run('a', work), 3, 'nothing is remembered');
  const fail = () => flights.run('c', () => Promise.reject(new Error('no')));
  const ends = await Promise.allSettled([fail(), fail()]);
  assert.deepEqual(
    ends.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
});
