import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConflictError } from '../../src/admin/conflict.ts';
import { createMemoryState } from '../../src/session/memory.ts';
import { connectRedis, createRedisState } from '../../src/session/redis.ts';
import type { StateStore } from '../../src/session/state-store.ts';
import { silentLogger } from '../session/loggers.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { ACTOR, insist, queuesOf, startDesk } from './rig.ts';

async function oneWins(first: StateStore, second: StateStore): Promise<void> {
  const desks = [startDesk(first), startDesk(second)];
  const outcomes = await Promise.allSettled(
    Array.from({ length: 50 }, (_, at) =>
      desks[at % 2]!.administration.change(
        [{ kind: 'queue.open', customerKey: '12345', queueKey: `q_${at}` }],
        {
          revision: 0,
          actor: ACTOR,
        },
      ),
    ),
  );
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
  for (const outcome of outcomes)
    if (outcome.status === 'rejected') assert.ok(outcome.reason instanceof ConflictError);
}

async function allInsist(first: StateStore, second: StateStore): Promise<void> {
  const desks = [startDesk(first), startDesk(second)];
  const keys = Array.from({ length: 50 }, (_, at) => `n_${at}`);
  await Promise.all(
    keys.map((queueKey, at) =>
      insist(desks[at % 2]!.administration, { kind: 'queue.open', customerKey: '12345', queueKey }),
    ),
  );
  for (const { follower } of desks) {
    await follower.look();
    const queues = queuesOf(follower.inForce.config);
    assert.ok(keys.every((key) => queues[key] === 'open'));
  }
}

const races = {
  'of changes made at once on one revision one wins, and the others are told': oneWins,
  'fifty who insist all get their change': allInsist,
};

for (const [name, race] of Object.entries(races)) {
  test(`${name} (memory)`, async () => {
    const state = createMemoryState();
    await race(state, state);
  });
  test(`${name} (two processes on Redis)`, { skip: redisMissing }, async (t) => {
    const redis = (await startRedis())!;
    const connect = () =>
      createRedisState(connectRedis({ url: redis.url, tlsRejectUnauthorized: true }, silentLogger));
    const states = [connect(), connect()] as const;
    t.after(async () => {
      await Promise.all(states.map((state) => state.close()));
      await redis.stop();
    });
    await race(...states);
  });
}
