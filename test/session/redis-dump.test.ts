import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import session from 'express-session';
import { Redis } from 'ioredis';
import { createBrowserRecords } from '../../src/session/browser-records.ts';
import { createStores } from '../../src/session/stores.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { silentLogger } from './loggers.ts';

const SESSION_ID = 'canary-session-id-0123456789abcd';

async function dump(url: string): Promise<Map<string, string>> {
  const client = new Redis(url);
  const all = new Map<string, string>();
  for await (const keys of client.scanStream()) {
    for (const key of keys as string[]) all.set(key, (await client.get(key)) ?? '');
  }
  for (const key of all.keys()) assert.ok((await client.pttl(key)) > 0, `${key} would stay for ever`);
  await client.quit();
  return all;
}

test(
  'a dump of Redis holds no session id, no connection, no handle and no plaintext, and everything in it dies',
  { skip: redisMissing },
  async (t) => {
    const redis = await startRedis();
    assert.ok(redis);
    const config = {
      redis: { url: redis.url, tlsRejectUnauthorized: true },
      session: {
        cookieName: 'scg',
        secrets: ['s'.repeat(32)],
        sealKeys: [randomBytes(32)],
        pseudonymKey: randomBytes(32),
        idleSeconds: 60,
        absoluteSeconds: 600,
      },
    };
    const stores = createStores(config, silentLogger);
    t.after(async () => {
      await stores.close();
      await redis.stop();
    });
    await stores.ping();
    const records = createBrowserRecords({ ...stores, idleSeconds: 60, absoluteSeconds: 600 });
    const now = Date.now();
    const text = (name: string) => `canary-${name}`;
    await new Promise((resolve, reject) => {
      const secureChat = { createdAt: now, connections: [text('connection')] };
      stores.sessions.set(SESSION_ID, { cookie: new session.Cookie(), secureChat }, (error: unknown) => {
        if (error instanceof Error) reject(error);
        else resolve(undefined);
      });
    });
    await records.saveIdentity(SESSION_ID, text('connection'), {
      identity: {
        chatId: text('chat'),
        nickName: text('nick'),
        variables: [{ name: text('name'), description: undefined, value: text('value') }],
        acr: undefined,
        amr: [],
        authTime: 1,
        subject: text('subject'),
        authUserId: text('sub'),
      },
      connectionId: text('connection'),
      verifiedAt: now,
      expiresAt: now + 60_000,
      queues: [text('queue')],
    });
    await records.putCode(SESSION_ID, text('connection'), { code: text('code') });
    await records.markExpired(SESSION_ID, text('connection'));
    await records.touch(SESSION_ID, [text('connection')]);

    let whileLocked = new Map<string, string>();
    await records.alone(SESSION_ID, text('other'), now + 5000, () => assert.fail('nothing waits'));
    await records.putCode(SESSION_ID, text('locked'), { code: text('code') });
    await records.alone(SESSION_ID, text('locked'), now + 5000, async () => {
      whileLocked = await dump(redis.url);
      return undefined;
    });

    assert.equal(whileLocked.size, 6);
    const kinds = [...whileLocked.keys()].map((key) => /^scg:([a-z-]+):[\w-]{43}$/.exec(key)?.[1]).sort();
    assert.deepEqual(kinds, ['code', 'code', 'code-expired', 'identity', 'redeem-lock', 'session']);
    const everything = [...whileLocked].flat().join('\n');
    const decoded = everything
      .split(/[^\w-]+/)
      .map((part) => Buffer.from(part, 'base64url').toString('latin1'));
    for (const haystack of [everything, ...decoded]) assert.doesNotMatch(haystack, /canary/);
  },
);

test('stores without Redis keep everything in memory, sealed alike', async () => {
  const session_ = {
    cookieName: 'scg',
    secrets: ['s'.repeat(32)],
    sealKeys: [randomBytes(32)],
    pseudonymKey: randomBytes(32),
    idleSeconds: 60,
    absoluteSeconds: 600,
  };
  const stores = createStores({ redis: undefined, session: session_ }, silentLogger);
  await stores.ping();
  await new Promise((resolve) => {
    stores.sessions.set('id', { cookie: new session.Cookie() }, resolve);
  });
  assert.match((await stores.state.get(stores.sealer.key('session', 'id'))) ?? '', /"sealed":"/);
  await stores.close();
  await assert.rejects(stores.ping(), { code: 'session_store_unavailable' });
});
