import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import session from 'express-session';
import {
  connectRedis,
  createRedisSessions,
  createRedisState,
  type RedisLimits,
} from '../../src/session/redis.ts';
import { describeError } from '../../src/observe/logger.ts';
import type { StateStore } from '../../src/session/state-store.ts';
import { recordingLogger } from '../session/loggers.ts';
import { freePort, redisMissing, startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

const skip = redisMissing;
const UNAVAILABLE = { name: 'GatewayError', code: 'session_store_unavailable', status: 503 };
const PASSWORD = 'canary-password';

function rig(t: TestContext, url: string, limits: RedisLimits = {}) {
  const { logger, lines } = recordingLogger();
  const link = connectRedis({ url, tlsRejectUnauthorized: true }, logger, limits);
  t.after(() => link.close());
  return { link, state: createRedisState(link), lines };
}

async function ownRedis(t: TestContext, options: readonly string[] = []): Promise<TestRedis> {
  const redis = await startRedis(options);
  assert.ok(redis);
  t.after(() => redis.stop());
  return redis;
}

/** Every method of the contract, each of which has to fail closed. */
const everyCall: Record<string, (state: StateStore) => Promise<unknown>> = {
  get: (state) => state.get('k'),
  getMany: (state) => state.getMany(['k', 'l']),
  set: (state) => state.set('k', 'v', 1000),
  add: (state) => state.add('k', 'v', 1000),
  replace: (state) => state.replace('k', 'v', 'w'),
  discard: (state) => state.discard('k', 'v'),
  take: (state) => state.take('k'),
  delete: (state) => state.delete(['k']),
  touch: (state) => state.touch(['k', 'l'], 1000),
  ping: (state) => state.ping(),
};

/** Waits until this call succeeds. */
function succeeds(call: () => Promise<unknown>): Promise<void> {
  return until('a call that succeeds', () => call().then(() => true));
}

async function rejectsWithin(ms: number, work: Promise<unknown>, what: string): Promise<void> {
  const start = Date.now();
  await assert.rejects(work, UNAVAILABLE, what);
  assert.ok(Date.now() - start < ms, `${what} took ${Date.now() - start} ms`);
}

test('with no Redis at all every call fails with 503 within the time for the start, and later at once', async (t) => {
  const { state, link } = rig(t, `redis://127.0.0.1:${await freePort()}`, { startMs: 200 });
  await rejectsWithin(1000, state.get('k'), 'the first call');
  for (const [name, call] of Object.entries(everyCall)) await rejectsWithin(100, call(state), name);
  const sessions = createRedisSessions(link, 60);
  const read = new Promise((resolve, reject) => {
    sessions.get('id', (error: unknown, found) => {
      if (error instanceof Error) reject(error);
      else resolve(found);
    });
  });
  await rejectsWithin(100, read, 'a session');
});

test('a call during the first connect waits for it', { skip }, async (t) => {
  const redis = await ownRedis(t);
  const { state } = rig(t, redis.url);
  await state.set('k', 'at once', 1000);
  assert.equal(await state.get('k'), 'at once');
});

test(
  'a Redis that comes up a moment after the gateway is used as soon as it answers',
  { skip },
  async (t) => {
    const redis = await ownRedis(t);
    await redis.kill();
    const { state } = rig(t, redis.url, { startMs: 5000 });
    const early = state.set('k', 'v', 1000);
    await redis.restart();
    await early;
  },
);

test(
  'when Redis dies every call fails with 503 at once, and works again when it is back',
  { skip },
  async (t) => {
    const redis = await ownRedis(t);
    const { state } = rig(t, redis.url);
    await state.ping();
    await redis.kill();
    for (const [name, call] of Object.entries(everyCall)) await rejectsWithin(500, call(state), name);
    await redis.restart();
    await succeeds(() => state.ping());
    assert.equal(await state.take('k'), undefined);
  },
);

test(
  'a command in flight when Redis dies fails and is not sent again to the next one',
  { skip },
  async (t) => {
    const redis = await ownRedis(t);
    const { state } = rig(t, redis.url);
    await state.ping();
    redis.pause();
    const lost = rejectsWithin(1000, state.set('k', 'late', 60_000), 'the command in flight');
    await redis.kill();
    await lost;
    await redis.restart();
    await succeeds(() => state.ping());
    assert.equal(await state.get('k'), undefined);
  },
);

test('a paused Redis costs one time limit, then calls fail at once; it recovers', { skip }, async (t) => {
  const redis = await ownRedis(t);
  const { state } = rig(t, redis.url, { commandMs: 250 });
  await state.set('k', 'v', 60_000);
  redis.pause();
  await rejectsWithin(1000, state.get('k'), 'the call that finds out');
  await delay(150);
  for (const [name, call] of Object.entries(everyCall)) await rejectsWithin(100, call(state), name);
  redis.resume();
  await succeeds(() => state.ping());
  assert.equal(await state.get('k'), 'v');
});

test('on a read-only replica every write fails with 503', { skip }, async (t) => {
  const primary = await ownRedis(t);
  const replica = await ownRedis(t, [
    '--replicaof',
    '127.0.0.1',
    String(primary.port),
    '--repl-diskless-sync-delay',
    '0',
  ]);
  const { state } = rig(t, replica.url);
  for (const name of ['set', 'add', 'take', 'delete', 'touch']) {
    // a refused write makes the client look for the primary by a new connection
    await succeeds(() => state.get('k'));
    await assert.rejects(everyCall[name]?.(state) ?? Promise.resolve(), UNAVAILABLE, name);
  }
});

test(
  'a full Redis that evicts nothing fails writes with 503 and names the reason in the cause',
  { skip },
  async (t) => {
    const redis = await ownRedis(t, ['--maxmemory', '1', '--maxmemory-policy', 'noeviction']);
    const { state } = rig(t, redis.url);
    await assert.rejects(state.set('k', 'v', 1000), (error: unknown) => {
      assert.match(describeError(error), /^GatewayError\(session_store_unavailable\) < ReplyError\(OOM\)$/);
      return true;
    });
    assert.equal(await state.get('k'), undefined);
  },
);

test('a Redis that is still loading fails calls with 503', async (t) => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => socket.write('-LOADING Redis is loading the dataset in memory\r\n'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { state } = rig(t, `redis://127.0.0.1:${(server.address() as AddressInfo).port}`, { startMs: 200 });
  t.after(() => server.close());
  await rejectsWithin(1000, state.get('k'), 'get');
});

test(
  'an outage is one line in the log, its end another, and neither holds the address or the password',
  { skip },
  async (t) => {
    const redis = await ownRedis(t, ['--requirepass', PASSWORD]);
    const { state, lines } = rig(t, redis.url.replace('//', `//:${PASSWORD}@`));
    await state.ping();
    assert.deepEqual(lines, []);
    await redis.kill();
    await delay(400);
    await assert.rejects(state.ping(), UNAVAILABLE);
    assert.equal(lines.length, 1, lines.join('\n'));
    await redis.restart();
    await succeeds(() => state.ping());
    assert.equal(lines.length, 2, lines.join('\n'));
    assert.match(lines.join('\n'), /"level":"info".*is back/);
    assert.doesNotMatch(lines.join('\n'), new RegExp(`${PASSWORD}|127\\.0\\.0\\.1|${redis.port}`));
  },
);

test('a wrong password is 503, and no error carries it', { skip }, async (t) => {
  const redis = await ownRedis(t, ['--requirepass', 'right']);
  const { state, lines } = rig(t, redis.url.replace('//', `//:${PASSWORD}@`), { startMs: 300 });
  await assert.rejects(state.get('key-canary'), (error: Error) => {
    assert.equal((error as Error & { status?: number }).status, 503);
    assert.doesNotMatch(inspectDeep(error), new RegExp(`${PASSWORD}|key-canary`));
    return true;
  });
  assert.equal(lines.length, 1, lines.join('\n'));
  assert.doesNotMatch(lines.join('\n'), new RegExp(PASSWORD));
});

test('a command that is refused does not carry its key and value into the error', { skip }, async (t) => {
  const redis = await ownRedis(t, ['--maxmemory', '1', '--maxmemory-policy', 'noeviction']);
  const { state } = rig(t, redis.url);
  await assert.rejects(state.set('key-canary', 'value-canary', 1000), (error: unknown) => {
    assert.doesNotMatch(inspectDeep(error), /canary/);
    return true;
  });
});

test('a rediss address speaks TLS before anything else', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const connected = once(server, 'connection');
  rig(t, `REDISS://:${PASSWORD}@127.0.0.1:${(server.address() as AddressInfo).port}`);
  const [socket] = (await connected) as [Socket];
  const [first] = (await once(socket, 'data')) as [Buffer];
  assert.equal(first[0], 0x16, 'a TLS handshake record');
  socket.destroy();
});

test('express-session on a Redis that died gets an error, not an empty session', { skip }, async (t) => {
  const redis = await ownRedis(t);
  const { link, state } = rig(t, redis.url);
  await state.ping();
  await redis.kill();
  const store = createRedisSessions(link, 60);
  for (const start of [
    (done: (error?: unknown) => void) => {
      store.get('id', done);
    },
    (done: (error?: unknown) => void) => {
      store.set('id', { cookie: new session.Cookie() }, done);
    },
    (done: (error?: unknown) => void) => {
      store.destroy('id', done);
    },
    (done: (error?: unknown) => void) => store.touch?.('id', { cookie: new session.Cookie() }, done),
  ]) {
    const error = await new Promise((resolve) => start(resolve));
    assert.equal((error as { code?: string }).code, 'session_store_unavailable');
  }
});

function inspectDeep(value: unknown): string {
  const parts: string[] = [];
  for (let error = value; error instanceof Error; error = error.cause) {
    parts.push(error.message, String(error.stack), JSON.stringify(Object.entries(error)));
  }
  return parts.join('\n');
}
