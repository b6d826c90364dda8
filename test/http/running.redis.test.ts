/** What runs in one process, and what becomes of its session in another: both on one Redis, with their messages and without. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Redis } from 'ioredis';
import type { GatewayOptions } from '../../src/config/options.ts';
import type { Browser } from '../support/browser.ts';
import { openRaw, type RawClient } from '../support/raw-client.ts';
import { redisMissing, startRedis, type TestRedis } from '../support/redis.ts';
import { startProvider } from '../support/provider.ts';
import { connection, kari, ola, startSystem, type System } from '../support/system.ts';
import { until } from '../support/until.ts';

const skip = redisMissing;
const WEBSOCKET = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

async function twoProcesses(t: TestContext, over: { connection?: object; session?: object } = {}) {
  const redis = (await startRedis())!;
  t.after(() => redis.stop());
  const provider = await startProvider({ person: kari });
  t.after(() => provider.stop());
  const options: Partial<GatewayOptions> = {
    sessionSecret: 'one secret for all processes of this test',
    redisUrl: redis.url,
    customers: [
      {
        customerKey: '12345',
        connections: [connection(provider, { ...over.connection })],
        queues: [{ queueKey: 'q_bank', authConnectionName: 'Signicat' }],
      },
    ],
    ...(over.session && { session: over.session }),
  };
  const upstream = (_req: unknown, res: { write(text: string): void }) => {
    res.write('data:');
  };
  const [here, there] = [
    await startSystem(t, { provider, options, upstream }),
    await startSystem(t, { provider, options }),
  ];
  return { redis, provider, here, there };
}

/** A stream and a WebSocket of this visitor in this process. */
async function run(system: System, visitor: Browser): Promise<RawClient[]> {
  const port = Number(new URL(system.url).port);
  const open = async (path: string, lines: readonly string[]) => {
    const client = await openRaw(port);
    const head = [`GET ${path} HTTP/1.1`, 'Host: a', `Cookie: ${visitor.cookies('127.0.0.1')}`, ...lines];
    client.write(`${head.join('\r\n')}\r\n\r\n`);
    return client;
  };
  const stream = await open('/queues/q_bank/stream', []);
  const socket = await open('/queues/q_bank/ws', WEBSOCKET);
  await Promise.all([stream.until('data:'), socket.until('HTTP/1.1 101')]);
  return [stream, socket];
}

const logIn = async (system: System, visitor: Browser) => {
  const { status } = await visitor.open(
    `${system.url}/secure-chat/login?queueKey=q_bank&returnTo=/secure-chat/session`,
  );
  assert.equal(status, 200);
};
const enter = async (system: System, visitor: Browser) => {
  assert.equal((await visitor.fetch(`${system.url}/queues/q_bank`)).status, 200);
};
const logOut = async (system: System, visitor: Browser) => {
  assert.equal((await visitor.fetch(`${system.url}/secure-chat/logout`, { method: 'POST' })).status, 204);
};
const allClosed = (clients: readonly RawClient[]) => Promise.all(clients.map(({ closed }) => closed));
/** The end of a test: whatever still runs would keep its servers waiting. */
const stillOpen = (clients: readonly RawClient[]) => {
  assert.ok(allOpen(clients), 'nobody else’s');
  for (const { socket } of clients) socket.destroy();
};
const allOpen = (clients: readonly RawClient[]) => clients.every(({ socket }) => !socket.destroyed);

/** A client for what an operator could do. */
function adminOf(t: TestContext, redis: TestRedis): Redis {
  const admin = new Redis(redis.url, { retryStrategy: () => null }).on('error', () => undefined);
  t.after(() => {
    admin.disconnect();
  });
  return admin;
}

/** Redis 7: nobody may use any channel any more; whoever listens is thrown out. */
async function silence(
  t: TestContext,
  { redis, here: { log } }: { redis: TestRedis; here: System },
): Promise<void> {
  await adminOf(t, redis).acl('SETUSER', 'default', 'resetchannels');
  await until('the process to know that it is deaf', () =>
    log.some(({ message }) => message.startsWith('Redis refuses to subscribe')),
  );
}

async function visitors(systems: { here: System; there: System }) {
  const [visitor, neighbour] = [systems.here.browser(), systems.here.browser()];
  for (const who of [visitor, neighbour]) {
    await logIn(systems.there, who);
    await enter(systems.there, who);
  }
  return {
    visitor,
    running: await run(systems.here, visitor),
    others: await run(systems.here, neighbour),
  };
}

test('a log-out in one process ends what runs in another, and nobody else’s', { skip }, async (t) => {
  const systems = await twoProcesses(t);
  const { visitor, running, others } = await visitors(systems);
  await logOut(systems.there, visitor);
  await allClosed(running);
  stillOpen(others);
});

test('the same without a single message, by looking', { skip }, async (t) => {
  const systems = await twoProcesses(t);
  const { visitor, running, others } = await visitors(systems);
  await silence(t, systems);
  await logOut(systems.there, visitor);
  await allClosed(running);
  stillOpen(others);
});

test(
  'the connection that hears is cut at the moment of the log-out, which is seen all the same',
  { skip },
  async (t) => {
    const systems = await twoProcesses(t);
    const admin = adminOf(t, systems.redis);
    for (let round = 0; round < 3; round += 1) {
      const { visitor, running, others } = await visitors(systems);
      const [, killed] = await Promise.all([
        logOut(systems.there, visitor),
        admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub') as Promise<number>,
      ]);
      assert.ok(killed >= 1);
      await allClosed(running);
      stillOpen(others);
    }
  },
);

for (const [how, silent] of [
  ['by messages', false],
  ['by looking', true],
] as const) {
  for (const codeRedemption of ['queue-entry', 'callback'] as const) {
    test(
      `a login in one process: what runs in another goes on for the same person and ends for the next, ${how}, redeemed at ${codeRedemption}`,
      { skip },
      async (t) => {
        const systems = await twoProcesses(t, { connection: { codeRedemption } });
        const { visitor, running, others } = await visitors(systems);
        if (silent) await silence(t, systems);
        await logIn(systems.there, visitor);
        const looks = countLooks(adminOf(t, systems.redis));
        await looks.more(4);
        assert.ok(allOpen(running), 'before the code is redeemed');
        await enter(systems.there, visitor);
        await looks.more(4);
        assert.ok(allOpen(running), 'the same person');
        systems.provider.setPerson(ola);
        await logIn(systems.there, visitor);
        // another person in the same browser: the chat of before is refused, the verification stands
        await visitor.fetch(`${systems.there.url}/queues/q_bank`);
        await allClosed(running);
        stillOpen(others);
      },
    );
  }
}

/** How often the processes have looked, by Redis' own count. */
function countLooks(admin: Redis) {
  const count = async () =>
    Number(/cmdstat_exists:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1] ?? 0) +
    Number(/cmdstat_mget:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1] ?? 0);
  return {
    async more(looks: number) {
      const before = await count();
      await until(`${looks} looks`, async () => (await count()) >= before + looks);
    },
  };
}

test(
  'what runs survives a Redis that is away for a moment, and the log-out that it missed ends it after',
  { skip },
  async (t) => {
    const systems = await twoProcesses(t);
    const { visitor, running, others } = await visitors(systems);
    systems.redis.pause();
    await until('a process that has noticed', () =>
      systems.here.log.some(({ message }) => message.includes('session store')),
    );
    assert.ok(allOpen([...running, ...others]));
    systems.redis.resume();
    await until('Redis again', async () => {
      const { status } = await visitor.fetch(`${systems.there.url}/secure-chat/readyz`);
      return status === 200;
    });
    assert.ok(allOpen([...running, ...others]));
    await logOut(systems.there, visitor);
    await allClosed(running);
    stillOpen(others);
  },
);
