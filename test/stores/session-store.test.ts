import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import session, { type SessionData, type Store } from 'express-session';
import { createMemoryState } from '../../src/session/memory.ts';
import { connectRedis, createRedisSessions } from '../../src/session/redis.ts';
import { createSealer } from '../../src/session/seal.ts';
import { SealedStore } from '../../src/session/sealed-store.ts';
import { StateSessionStore } from '../../src/session/state-session-store.ts';
import { silentLogger } from '../session/loggers.ts';
import { redisMissing, startRedis } from '../support/redis.ts';

const IDLE_SECONDS = 1;
const redis = await startRedis();
const link = redis && connectRedis({ url: redis.url, tlsRejectUnauthorized: true }, silentLogger);
const state = createMemoryState();
const key = randomBytes(32);

after(async () => {
  await link?.close();
  await state.close();
  await redis?.stop();
});

const inners: { name: string; skip: string | false; inner: () => Store }[] = [
  { name: 'memory', skip: false, inner: () => new StateSessionStore(state, IDLE_SECONDS) },
  {
    name: 'Redis',
    skip: redisMissing,
    inner: () => {
      assert.ok(link);
      return createRedisSessions(link, IDLE_SECONDS);
    },
  },
];

interface Rig {
  readonly store: Store;
  readonly inner: Store;
  readonly id: string;
}

const contract: Record<string, (rig: Rig) => Promise<void>> = {
  'a session is read back': async ({ store, id }) => {
    await set(store, id, { createdAt: 5, connections: ['æ'] });
    assert.deepEqual((await get(store, id))?.secureChat, { createdAt: 5, connections: ['æ'] });
  },
  'an unknown id is no session': async ({ store, id }) => {
    assert.equal((await get(store, id)) ?? undefined, undefined);
  },
  'a later set wins': async ({ store, id }) => {
    await set(store, id, { createdAt: 1, connections: [] });
    await set(store, id, { createdAt: 2, connections: [] });
    assert.equal((await get(store, id))?.secureChat?.createdAt, 2);
  },
  'a destroyed session is gone': async ({ store, id }) => {
    await set(store, id);
    await call((done) => {
      store.destroy(id, done);
    });
    assert.equal((await get(store, id)) ?? undefined, undefined);
  },
  'an idle session ends, a touched one and one whose cookie lives longer go on': async ({ store, id }) => {
    const longer = new session.Cookie();
    longer.maxAge = 5000;
    await set(store, `${id}idle`);
    await set(store, `${id}touched`);
    await call((done) => {
      store.set(`${id}longer`, { cookie: longer }, done);
    });
    await delay(600);
    await call((done) => store.touch?.(`${id}touched`, { cookie: new session.Cookie() }, done));
    await delay(500);
    assert.equal((await get(store, `${id}idle`)) ?? undefined, undefined);
    assert.ok(await get(store, `${id}touched`));
    assert.equal((await get(store, `${id}longer`))?.cookie.originalMaxAge, longer.originalMaxAge);
  },
  'what lies in the store tells neither content nor id': async ({ store, inner, id }) => {
    await set(store, id, { createdAt: 1, connections: ['canary'] });
    assert.equal((await get(inner, id)) ?? undefined, undefined);
    const name = createSealer([key]).key('session', id);
    assert.ok(!name.includes(id));
    const stored = JSON.stringify(await get(inner, name));
    assert.match(stored, /"sealed":"[\w-]{40,}"/);
    assert.doesNotMatch(stored, /canary|secureChat/);
    assert.ok(!stored.includes(id));
  },
  'a touch leaves nothing unsealed behind': async ({ store, inner, id }) => {
    await set(store, id, { createdAt: 1, connections: ['canary'] });
    const open = { cookie: new session.Cookie(), secureChat: { createdAt: 1, connections: ['canary'] } };
    await call((done) => store.touch?.(id, open, done));
    const stored = JSON.stringify(await get(inner, createSealer([key]).key('session', id)));
    assert.doesNotMatch(stored, /canary/);
    assert.equal((await get(store, id))?.secureChat?.connections[0], 'canary');
  },
  'a record that was moved to another session is no session': async ({ store, inner, id }) => {
    const sealer = createSealer([key]);
    const name = (id: string) => sealer.key('session', id);
    await set(store, id);
    const stolen = await get(inner, name(id));
    assert.ok(stolen);
    const other = randomUUID();
    await call((done) => {
      inner.set(name(other), { ...stolen, cookie: new session.Cookie() }, done);
    });
    assert.equal((await get(store, other)) ?? undefined, undefined);
  },
  'a tampered or foreign record is no session': async ({ store, inner, id }) => {
    const name = createSealer([key]).key('session', id);
    await set(new SealedStore(inner, createSealer([randomBytes(32), key])), id);
    assert.equal((await get(store, id)) ?? undefined, undefined, 'a foreign key');
    const records: object[] = [
      {},
      { sealed: 1 },
      { sealed: '' },
      { sealed: 'x'.repeat(80) },
      { secureChat: {} },
    ];
    for (const record of records) {
      await call((done) => {
        inner.set(name, { cookie: new session.Cookie(), ...record }, done);
      });
      assert.equal((await get(store, id)) ?? undefined, undefined, JSON.stringify(record));
    }
  },
  'a record sealed by an older key of the ring still opens': async ({ store, inner, id }) => {
    await set(store, id, { createdAt: 9, connections: [] });
    const rotated = new SealedStore(inner, createSealer([randomBytes(32), key]));
    assert.equal((await get(rotated, id))?.secureChat?.createdAt, 9);
  },
};

for (const { name, skip, inner } of inners) {
  for (const [outcome, check] of Object.entries(contract)) {
    test(`sessions on ${name}: ${outcome}`, { skip }, () => {
      const bare = inner();
      return check({ inner: bare, store: new SealedStore(bare, createSealer([key])), id: randomUUID() });
    });
  }
}

test('sessions on Redis: a key that holds something else is no session', { skip: redisMissing }, async () => {
  assert.ok(link);
  const id = randomUUID();
  const store = new SealedStore(createRedisSessions(link, IDLE_SECONDS), createSealer([key]));
  await link.run((client) =>
    client.set(`scg:${createSealer([key]).key('session', id)}`, 'not JSON', 'PX', 5000),
  );
  assert.equal((await get(store, id)) ?? undefined, undefined);
});

test('a store that fails is an unavailable one, whatever it fails with', async () => {
  class Broken extends session.Store {
    override get(_id: string, done: (error: unknown) => void): void {
      done(new Error('get'));
    }
    override set(_id: string, _session: SessionData, done?: (error?: unknown) => void): void {
      done?.(new Error('set'));
    }
    override destroy(_id: string, done?: (error?: unknown) => void): void {
      done?.(new Error('destroy'));
    }
    override touch(_id: string, _session: SessionData, done?: (error?: unknown) => void): void {
      done?.(new Error('touch'));
    }
  }
  const store = new SealedStore(new Broken(), createSealer([key]));
  const unavailable = { code: 'session_store_unavailable', status: 503 };
  await assert.rejects(get(store, 'id'), unavailable);
  await assert.rejects(set(store, 'id'), unavailable);
  await assert.rejects(
    call((done) => {
      store.destroy('id', done);
    }),
    unavailable,
  );
  await assert.rejects(
    call((done) => {
      store.touch('id', { cookie: new session.Cookie() }, done);
    }),
    unavailable,
  );
});

test('a touch shows the inner store the cookie and nothing else', async () => {
  const seen: string[][] = [];
  class Recording extends session.MemoryStore {
    override touch(_id: string, record: SessionData, done?: () => void): void {
      seen.push(Object.keys(record));
      done?.();
    }
  }
  const store = new SealedStore(new Recording(), createSealer([key]));
  const secureChat = { createdAt: 1, connections: [] };
  await call((done) => {
    store.touch('id', { cookie: new session.Cookie(), secureChat }, done);
  });
  assert.deepEqual(seen, [['cookie']]);
});

function get(store: Store, id: string): Promise<SessionData | null | undefined> {
  return new Promise((resolve, reject) => {
    store.get(id, (error: unknown, found) => {
      if (error instanceof Error) reject(error);
      else resolve(found);
    });
  });
}

function set(
  store: Store,
  id: string,
  secureChat: SessionData['secureChat'] = { createdAt: 0, connections: [] },
) {
  return call((done) => {
    store.set(id, { cookie: new session.Cookie(), secureChat }, done);
  });
}

function call(start: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => {
      if (error instanceof Error) reject(error);
      else resolve();
    });
  });
}
