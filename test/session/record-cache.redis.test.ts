/** The cache beside Redis: changes of other processes, and the ways in which their news can be lost. */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { createBrowserRecords, type BrowserRecords } from '../../src/session/browser-records.ts';
import { createStores, type Stores } from '../../src/session/stores.ts';
import { redisMissing, startRedis, type TestRedis } from '../support/redis.ts';
import { startRelay } from '../support/tcp-relay.ts';
import { until } from '../support/until.ts';
import { recordingLogger, silentLogger } from './loggers.ts';
import { identity } from './record-rig.ts';

const redis = await startRedis();
after(() => redis?.stop());
const skip = redis === undefined ? redisMissing : false;
const KEY = Buffer.alloc(32, 7);
/** What the contract of the cache gives, and what a busy machine may take to notice. */
const SECOND = 1000;

interface Process {
  readonly stores: Stores;
  readonly records: BrowserRecords;
  /** The identity as a request to a secure queue gets it. */
  readonly ask: (sessionId: string) => Promise<string | undefined>;
  readonly knows: (sessionId: string) => boolean;
}

/** What one process has. */
function processOn(t: TestContext, url: string, logger = silentLogger): Process {
  const stores = createStores(
    {
      redis: { url, tlsRejectUnauthorized: true },
      session: {
        cookieName: 'sid',
        secrets: ['s'],
        sealKeys: [KEY],
        idleSeconds: 60,
        absoluteSeconds: 600,
        pseudonymKey: KEY,
      },
    },
    logger,
  );
  t.after(() => stores.close());
  const records = createBrowserRecords({ ...stores, idleSeconds: 60, absoluteSeconds: 600 });
  const knows = (sessionId: string) => records.known(sessionId, 'A') !== undefined;
  return {
    stores,
    records,
    knows,
    ask: async (sessionId) => {
      const found = records.known(sessionId, 'A') ?? (await records.identity(sessionId, 'A'));
      return found?.record.identity.nickName;
    },
  };
}

const person = (nickName: string) => {
  const record = identity();
  return { ...record, identity: { ...record.identity, nickName } };
};
/** Until it is read from memory. */
const warm = (who: Process, sessionId: string) =>
  until('the identity to be known', async () => {
    await who.ask(sessionId).catch(() => undefined);
    return who.knows(sessionId);
  });
const client = (t: TestContext, url = redis!.url) => {
  const made = new Redis(url, { retryStrategy: () => null }).on('error', () => undefined);
  t.after(() => {
    made.disconnect();
  });
  return made;
};

test(
  'what another process changes or ends is seen at once, and asked for one time only',
  { skip },
  async (t) => {
    const [here, there] = [processOn(t, redis!.url), processOn(t, redis!.url)];
    await there.records.saveIdentity('one', 'A', person('Kari'));
    await warm(here, 'one');
    const admin = client(t);
    await admin.config('RESETSTAT');
    for (let i = 0; i < 2000; i += 1) assert.equal(await here.ask('one'), 'Kari');
    const stats = await admin.info('commandstats');
    assert.doesNotMatch(stats, /cmdstat_(?:get|mget|pttl|pexpire|eval):/, 'no look-up in 2 000');
    await there.records.saveIdentity('one', 'A', person('Ola'));
    await until('the other person', async () => (await here.ask('one')) === 'Ola');
    await warm(here, 'one');
    await there.records.forget('one', ['A']);
    await until('the end', async () => (await here.ask('one')) === undefined);
  },
);

test('own changes are seen by the very next look', { skip }, async (t) => {
  const here = processOn(t, redis!.url);
  await here.records.saveIdentity('own', 'A', person('0'));
  await warm(here, 'own');
  for (let i = 1; i < 200; i += 1) {
    await here.records.saveIdentity('own', 'A', person(String(i)));
    assert.equal(await here.ask('own'), String(i));
    assert.equal(await here.ask('own'), String(i));
  }
  await here.records.forget('own', ['A']);
  assert.equal(await here.ask('own'), undefined);
});

test('the end of the idle time, FLUSHALL and what an operator deletes are seen', { skip }, async (t) => {
  const own = (await startRedis())!;
  t.after(() => own.stop());
  const [here, admin] = [processOn(t, own.url), client(t, own.url)];
  const ends: Record<string, (name: string) => Promise<unknown>> = {
    expires: (name) => admin.pexpire(name, 100),
    deleted: (name) => admin.del(name),
    flushed: () => admin.flushall(),
    'flushed, this database': () => admin.flushdb(),
    renamed: (name) => admin.rename(name, 'scg:elsewhere'),
  };
  for (const [how, end] of Object.entries(ends)) {
    await here.records.saveIdentity('one', 'A', person('Kari'));
    await warm(here, 'one');
    const [name] = await admin.keys('scg:identity:*');
    await end(name!);
    await until(how, async () => (await here.ask('one')) === undefined);
  }
});

interface Trouble {
  readonly begin: () => unknown;
  readonly end: () => unknown;
}

/** Ways in which `here` does not hear. */
function troubles(own: TestRedis, relay: { swallow(): void; heal(): void }, admin: () => Redis) {
  const none = () => undefined;
  return {
    'the connection that hears is killed': {
      begin: () => admin().call('CLIENT', 'KILL', 'TYPE', 'pubsub'),
      end: none,
    },
    'every connection is killed': {
      begin: () => admin().call('CLIENT', 'KILL', 'TYPE', 'normal'),
      end: none,
    },
    'the network swallows all': {
      begin: () => {
        relay.swallow();
      },
      end: () => {
        relay.heal();
      },
    },
    'Redis stands still': {
      begin: () => {
        own.pause();
      },
      end: () => {
        own.resume();
      },
    },
    'Redis comes back empty': { begin: () => own.restart(), end: none },
  } satisfies Record<string, Trouble>;
}

for (const name of Object.keys(troubles(undefined as never, undefined as never, undefined as never))) {
  test(`${name}: nothing that has ended is known for longer than a second`, { skip }, async (t) => {
    const own = (await startRedis())!;
    t.after(() => own.stop());
    const relay = await startRelay(own.port);
    t.after(() => relay.stop());
    const [here, there] = [processOn(t, `redis://127.0.0.1:${relay.port}`), processOn(t, own.url)];
    const admin = () => client(t, own.url);
    const trouble = troubles(own, relay, admin)[name as keyof ReturnType<typeof troubles>] as Trouble;
    await there.records.saveIdentity('one', 'A', person('Kari'));
    await warm(here, 'one');
    await trouble.begin();
    // while Redis stands still nothing changes; whatever was is as old as the last news
    if (name !== 'Redis stands still')
      await until('the change', () => there.records.forget('one', ['A']).then(() => true));
    const endedAt = performance.now();
    while (performance.now() - endedAt < SECOND) {
      await delay(10);
    }
    // no answer is as good as the right one; a wrong one is not
    assert.equal(here.knows('one'), false);
    await trouble.end();
    if (name !== 'Redis stands still')
      await until('the end', async () => (await here.ask('one')) === undefined);
    const again = `${name} again`;
    await until('the store', () => there.records.saveIdentity(again, 'A', person('Ola')).then(() => true));
    await warm(here, again);
    await there.records.forget(again, ['A']);
    await until('its end', async () => (await here.ask(again)) === undefined);
  });
}

test('a server that does not tell of changes is asked each time, and named once', { skip }, async (t) => {
  const own = (await startRedis())!;
  t.after(() => own.stop());
  await client(t, own.url).acl('SETUSER', 'default', '-client|tracking');
  const { logger, lines } = recordingLogger();
  const [here, there] = [processOn(t, own.url, logger), processOn(t, own.url)];
  await until('the warning', () => lines.some((line) => line.includes('does not tell of changes')));
  await there.records.saveIdentity('one', 'A', person('Kari'));
  for (let i = 0; i < 20; i += 1) assert.equal(await here.ask('one'), 'Kari');
  assert.equal(here.knows('one'), false);
  await there.records.forget('one', ['A']);
  assert.equal(await here.ask('one'), undefined);
  await client(t, own.url).call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await until('it to hear again', () => here.stores.messages.heardUntil() > performance.now() - 300);
  assert.equal(lines.filter((line) => line.includes('does not tell of changes')).length, 1);
});

test('whatever happens in whatever order, no answer is older than a second', { skip }, async (t) => {
  const own = (await startRedis())!;
  t.after(() => own.stop());
  const relay = await startRelay(own.port);
  t.after(() => relay.stop());
  const writer = processOn(t, own.url);
  const readers = [processOn(t, own.url), processOn(t, `redis://127.0.0.1:${relay.port}`)];
  const admin = client(t, own.url);
  const sessions = ['a', 'b', 'c', 'd'];
  /** Each value with the time from which it was over for sure. */
  const overSince = new Map<string, number>();
  const present = new Map<string, string | undefined>();
  let count = 0;
  let answers = 0;
  let fromMemory = 0;
  let running = true;
  const change = async (session: string) => {
    const before = present.get(session);
    const next = randomInt(4) === 0 ? undefined : `${session}${(count += 1)}`;
    if (next === undefined) await writer.records.forget(session, ['A']);
    else await writer.records.saveIdentity(session, 'A', person(next));
    if (before !== undefined) overSince.set(before, performance.now());
    present.set(session, next);
  };
  const read = async (who: Process) => {
    while (running) {
      const session = sessions[randomInt(sessions.length)]!;
      const known = who.knows(session);
      // an answer of the store is the truth at the time of asking
      const askedAt = performance.now();
      const name = known ? who.records.known(session, 'A')?.record.identity.nickName : undefined;
      if (name !== undefined) {
        const since = overSince.get(name) ?? Infinity;
        assert.ok(askedAt - since < SECOND, `${name} was over for ${askedAt - since} ms`);
        fromMemory += 1;
      } else await who.ask(session).catch(() => undefined);
      answers += 1;
      if (answers % 20 === 0) await delay(1);
    }
  };
  const reading = readers.flatMap((who) => [read(who), read(who)]);
  for (let round = 0; round < 60; round += 1) {
    await Promise.all(sessions.filter(() => randomInt(2) === 0).map(change));
    const dice = randomInt(12);
    if (dice === 0) await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    if (dice === 1) relay.swallow();
    if (dice === 2 || round % 10 === 9) relay.heal();
    if (dice === 3) await admin.flushall();
    if (dice === 3)
      for (const [session, name] of present) {
        if (name !== undefined) overSince.set(name, performance.now());
        present.set(session, undefined);
      }
    await delay(randomInt(80));
  }
  running = false;
  relay.heal();
  await Promise.all(reading);
  assert.ok(fromMemory > 100, `${fromMemory} of ${answers}`);
});
