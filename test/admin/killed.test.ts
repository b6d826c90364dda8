import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connectRedis, createRedisState } from '../../src/session/redis.ts';
import { silentLogger } from '../session/loggers.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { queuesOf, startDesk } from './rig.ts';
import { programOf } from '../support/program-of.ts';

const changer = programOf('test/admin/changer.ts');

test(
  'a process that is killed in the middle of a change leaves the old or the new, and nobody waiting',
  { skip: redisMissing },
  async (t) => {
    const redis = (await startRedis())!;
    const state = createRedisState(
      connectRedis({ url: redis.url, tlsRejectUnauthorized: true }, silentLogger),
    );
    t.after(async () => {
      await state.close();
      await redis.stop();
    });
    const desk = startDesk(state);
    let revision = 0;
    await Promise.all(
      Array.from({ length: 2 }, async (_, lane) => {
        for (let round = 0; round < 4; round += 1) {
          const child = spawn(process.execPath, [...changer, redis.url], {
            stdio: ['ignore', 'pipe', 'inherit'],
          });
          t.after(() => child.kill('SIGKILL'));
          await once(child.stdout, 'data');
          // at another point of the change each time, wherever that is
          await delay(lane * 3 + round * 2);
          const gone = once(child, 'exit');
          child.kill('SIGKILL');
          await gone;
          await desk.follower.look();
          assert.equal(desk.follower.standing, 'current');
          const { q_left, q_right } = queuesOf(desk.follower.inForce.config);
          assert.ok(q_left !== undefined && q_left === q_right, 'both queues, or none');
          const now = desk.follower.inForce.overlay.revision;
          assert.ok(now >= revision);
          revision = now;
        }
      }),
    );
    await desk.change({ kind: 'queue.open', customerKey: '12345', queueKey: 'q_after' });
    assert.equal(queuesOf(desk.follower.inForce.config)['q_after'], 'open');
  },
);
