/** A request whose like was admitted a moment ago: as fast as it is, it gets what the first one got, or nothing. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { test, type TestContext } from 'node:test';
import { Redis } from 'ioredis';
import type { Edit } from '../../src/config/edits.ts';
import { codeOf } from '../support/problem-code.ts';
import { startProvider } from '../support/provider.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import {
  connection,
  identityOf,
  inEveryFace,
  kari,
  ola,
  startSystem,
  type System,
} from '../support/system.ts';
import { until } from '../support/until.ts';
import type { Browser } from '../support/browser.ts';

const ask = (system: System, visitor: Browser, path = '/queues/q_bank') => visitor.fetch(system.url + path);
const queue = { customerKey: '12345', queueKey: 'q_bank' };
const bank = { queueKey: 'q_bank', authConnectionName: 'Signicat' };

inEveryFace('the hundredth request says what the first one said, to its own queue', async (t, face) => {
  const system = await startSystem(t, { face });
  const visitor = system.browser();
  await visitor.open(`${system.url}/queues/q_bank`);
  await visitor.open(`${system.url}/queues/q_loan`);
  const seen = { q_bank: new Set<string>(), q_loan: new Set<string>() };
  for (let i = 0; i < 100; i += 1) {
    const queue = i % 2 === 0 ? 'q_bank' : 'q_loan';
    assert.equal((await ask(system, visitor, `/queues/${queue}?n=${i}`)).status, 200);
    const { 'x-secure-chat-assertion': assertion, ...headers } = identityOf(system.upstream);
    assert.equal(headers['x-secure-chat-queue'], queue);
    const claims = JSON.parse(Buffer.from(assertion!.split('.')[1]!, 'base64url').toString()) as {
      aud: string;
    };
    assert.equal(claims.aud, queue);
    seen[queue].add(JSON.stringify(headers));
  }
  assert.deepEqual([seen.q_bank.size, seen.q_loan.size], [1, 1]);
  assert.equal((await ask(system, visitor, '/queues/q_open')).status, 200);
  assert.deepEqual(identityOf(system.upstream), {});
});

inEveryFace('after a log-out, and as another person, nothing of before is left', async (t, face) => {
  const system = await startSystem(t, { face });
  const visitor = system.browser();
  await visitor.open(`${system.url}/queues/q_bank`);
  for (let i = 0; i < 5; i += 1) assert.equal((await ask(system, visitor)).status, 200);
  const cookie = visitor.cookies('127.0.0.1');
  assert.equal((await visitor.fetch(`${system.url}/secure-chat/logout`, { method: 'POST' })).status, 204);
  const thief = system.browser({ cookie });
  assert.equal(codeOf(await ask(system, thief)), 'login_required');
  system.provider.setPerson(ola);
  await visitor.open(`${system.url}/queues/q_bank`);
  for (let i = 0; i < 5; i += 1) {
    await ask(system, visitor);
    assert.equal(identityOf(system.upstream)['x-secure-chat-id'], 'ola-sub');
  }
});

test('one byte more in the cookie, and it is somebody else', async (t) => {
  const system = await startSystem(t);
  const visitor = system.browser();
  await visitor.open(`${system.url}/queues/q_bank`);
  for (let i = 0; i < 5; i += 1) assert.equal((await ask(system, visitor)).status, 200);
  const cookie = visitor.cookies('127.0.0.1');
  for (const changed of [`${cookie}x`, cookie.slice(0, -1), cookie.toLowerCase(), cookie.replace('=', '=x')])
    assert.equal((await ask(system, system.browser({ cookie: changed }))).status, 401, changed);
  // the same cookie with others around it is the same visitor
  assert.equal((await ask(system, system.browser({ cookie: `a=b; ${cookie}; c=d` }))).status, 200);
  // a token that is none says that the cookie does not count
  const bearer = { cookie, authorization: 'Bearer scg_x' };
  assert.equal((await ask(system, system.browser(bearer))).status, 401);
});

async function twoProcesses(t: TestContext) {
  const redis = (await startRedis())!;
  t.after(() => redis.stop());
  const provider = await startProvider({ person: kari });
  t.after(() => provider.stop());
  const options = {
    sessionSecret: 'one secret for all processes of this test',
    redisUrl: redis.url,
    customers: [{ customerKey: '12345', connections: [connection(provider)], queues: [bank] }],
  };
  const here = await startSystem(t, { provider, options });
  const there = await startSystem(t, { provider, options });
  const admin = new Redis(redis.url, { retryStrategy: () => null }).on('error', () => undefined);
  t.after(() => {
    admin.disconnect();
  });
  return { here, there, admin };
}

/** Commands that requests cause, counted from now on; each process looks at the settings of administrators once a second. */
async function countCommands(t: TestContext, { options }: Redis) {
  // not ioredis' own: a command that comes in one piece with the first reply is an error to it
  const socket = connect(options.port ?? 6379, options.host);
  t.after(() => socket.destroy());
  const seen: string[] = [];
  const lines = createInterface({ input: socket }).on('line', (line) => {
    const args = [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, arg = '']) => arg);
    const ofRecords = args
      .slice(1)
      .some((arg) => arg.startsWith('scg:') && !arg.startsWith('scg:administration:'));
    if (ofRecords) seen.push(args.join(' '));
  });
  const begun = once(lines, 'line');
  socket.write('MONITOR\r\n');
  assert.deepEqual(await begun, ['+OK']);
  return seen;
}

test(
  'two thousand requests ask Redis for next to nothing, and a log-out elsewhere is seen within a second',
  { skip: redisMissing },
  async (t) => {
    const { here, there, admin } = await twoProcesses(t);
    const visitor = here.browser();
    await visitor.open(`${here.url}/queues/q_bank`);
    const asked = await countCommands(t, admin);
    await until('a request that asks for nothing', async () => {
      const before = asked.length;
      for (let i = 0; i < 5; i += 1) assert.equal((await ask(here, visitor)).status, 200);
      return asked.length === before;
    });
    asked.length = 0;
    for (let i = 0; i < 200; i += 1) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => ask(here, visitor)));
      assert.ok(answers.every(({ status }) => status === 200));
    }
    assert.ok(asked.length <= 20, `for 2 000 requests: ${asked.join(', ')}`);

    const elsewhere = there.browser({ cookie: visitor.cookies('127.0.0.1') });
    assert.equal((await elsewhere.fetch(`${there.url}/secure-chat/logout`, { method: 'POST' })).status, 204);
    const endedAt = performance.now();
    let status = 200;
    while (status === 200) {
      const askedAt = performance.now();
      ({ status } = await ask(here, visitor));
      if (status === 200) assert.ok(askedAt - endedAt < 1000, 'a second later it is over');
    }
    assert.equal(status, 401);
  },
);

test(
  'a record that is taken away without a word to the processes opens nothing a second later',
  { skip: redisMissing },
  async (t) => {
    const { here, admin } = await twoProcesses(t);
    const visitor = here.browser();
    await visitor.open(`${here.url}/queues/q_bank`);
    for (let i = 0; i < 5; i += 1) assert.equal((await ask(here, visitor)).status, 200);
    await admin.del(await admin.keys('scg:identity:*'));
    const endedAt = performance.now();
    await until(
      'the end',
      async () => {
        const askedAt = performance.now();
        const { status } = await ask(here, visitor);
        assert.ok(status === 401 || askedAt - endedAt < 1000, `${status} after ${askedAt - endedAt} ms`);
        return status === 401;
      },
      2000,
    );
  },
);

const stronger: Edit = {
  kind: 'queue.secure',
  ...queue,
  authConnectionName: 'Signicat',
  requiredAcrValues: ['urn:strong'],
};

async function change({ gateway }: System, edit: Edit): Promise<void> {
  const administration = gateway.administration!;
  const { revision } = await administration.read();
  await administration.change([edit], { revision, actor: 'anna@bank.example', force: true });
}

inEveryFace('what was prepared under other settings is not used under these', async (t, face) => {
  const system = await startSystem(t, { face });
  const visitor = system.browser();
  await visitor.open(`${system.url}/queues/q_bank`);
  for (let i = 0; i < 5; i += 1) assert.equal((await ask(system, visitor)).status, 200);
  await change(system, stronger);
  assert.equal(codeOf(await ask(system, visitor)), 'login_required');
  await change(system, { kind: 'reset' });
  assert.equal((await ask(system, visitor)).status, 200);
  await change(system, {
    kind: 'connection',
    customerKey: '12345',
    authConnectionName: 'Signicat',
    settings: { maskedClaims: 'given_name' },
  });
  assert.equal(
    codeOf(await ask(system, visitor)),
    'login_required',
    'the value was masked as it no longer is',
  );
});

test(
  'what an administrator changes through another process ends what is known here',
  { skip: redisMissing },
  async (t) => {
    const { here, there } = await twoProcesses(t);
    const visitor = here.browser();
    await visitor.open(`${here.url}/queues/q_bank`);
    for (let i = 0; i < 5; i += 1) assert.equal((await ask(here, visitor)).status, 200);
    await change(there, stronger);
    await until('the change', async () => codeOf(await ask(here, visitor)) === 'login_required', 10_000);
    for (let i = 0; i < 5; i += 1) assert.equal(codeOf(await ask(here, visitor)), 'login_required');
  },
);
