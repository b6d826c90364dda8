import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import { connectRedis, createRedisState } from '../../src/session/redis.ts';
import { silentLogger } from '../session/loggers.ts';
import { freePort, redisMissing, startRedis } from '../support/redis.ts';
import { reachInto } from '../support/redis-dump.ts';
import { startSystem } from '../support/system.ts';
import { until } from '../support/until.ts';
import { ALONE, assertDone, configArgs, documentOf, optionsBeside, run, runProcess, SECRET } from './rig.ts';

const redis = await startRedis();
after(() => redis?.stop());
const skip = redisMissing;

async function running(t: TestContext) {
  await reachInto(t, redis!.url).client.flushall();
  const system = await startSystem(t, { options: { redisUrl: redis!.url, sessionSecret: SECRET } });
  return { system, config: await configArgs(t, optionsBeside(system, redis!.url)) };
}

interface Listed {
  readonly revision: number;
  readonly queues: { queueKey: string; state: string; origin: string; by?: string }[];
}

test(
  'a queue that is made secure by the command line is secure in the running gateway, and open again',
  { skip },
  async (t) => {
    const { system, config } = await running(t);
    const status = async () => (await system.browser().fetch(`${system.url}/queues/q_open`)).status;
    assert.equal(await status(), 200);

    const secured = await runProcess([
      ...['queue', 'secure', 'Q_Open', '--connection', 'Signicat', '--actor', 'anna@bank.example', '--json'],
      ...config,
    ]);
    const { ok, queue } = documentOf<{ ok: boolean; queue: { state: string } }>(assertDone(secured));
    assert.deepEqual([ok, queue.state], [true, 'secure']);
    await until('the gateway to ask for a login', async () => (await status()) === 401);

    const { queues } = documentOf<Listed>(await run(['queue', 'list', '--json', ...config]));
    const listed = queues.find(({ queueKey }) => queueKey.toLowerCase() === 'q_open');
    assert.deepEqual(
      [listed?.state, listed?.origin, listed?.by],
      ['secure', 'administrator', 'anna@bank.example'],
    );
    const text = assertDone(await run(['queue', 'list', ...config])).stdout;
    assert.match(text, /^12345 +q_bank +secure +Signicat +file$/m);
    assert.match(text, /secure +Signicat +anna@bank\.example, \d{4}-/);

    assert.match(assertDone(await run(['queue', 'open', 'q_open', ...config])).stdout, /is open/);
    await until('the gateway to let everybody in', async () => (await status()) === 200);
  },
);

test('what lets down running chats is refused with the cure, and made with --force', { skip }, async (t) => {
  const { system, config } = await running(t);
  assert.equal((await system.browser().open(`${system.url}/queues/q_bank`)).status, 200);
  const refused = await run(['queue', 'open', 'q_bank', '--json', ...config]);
  assert.equal(refused.code, 1);
  const { error } = documentOf<{ error: { code: string; problems: object[] } }>(refused);
  assert.deepEqual([error.code, error.problems.length], ['configuration_invalid', 1]);
  assert.match(refused.stderr, /q_bank/);
  assert.match(refused.stderr, /force the change/);
  assertDone(await run(['queue', 'open', 'q_bank', '--force', ...config]));
  assert.match(assertDone(await run(['queue', 'list', ...config])).stdout, /q_bank +open/);
});

test('a reset that would open a secure queue in passing is refused', { skip }, async (t) => {
  const { config } = await running(t);
  assertDone(await run(['queue', 'secure', 'q_open', '--connection', 'Signicat', ...config]));
  const refused = await run(['queue', 'reset', 'q_open', ...config]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /queue\.open/);
  assertDone(await run(['queue', 'open', 'q_open', ...config]));
  assertDone(await run(['queue', 'reset', 'q_open', ...config]));
  assert.match(assertDone(await run(['queue', 'list', ...config])).stdout, /q_open +open +- +file/);
});

test('what others have written is printed without what a terminal would obey', { skip }, async (t) => {
  const { config } = await running(t);
  const actor = 'an\u001b[2Jna\u009b2J\u202e\nfile';
  assertDone(
    await run(['queue', 'secure', 'q_open', '--connection', 'Signicat', '--actor', actor, ...config]),
  );
  for (const args of [
    ['queue', 'list'],
    ['audit', 'list'],
    ['queue', 'list', '--json'],
  ]) {
    const { stdout } = assertDone(await run([...args, ...config]));
    assert.match(stdout, /an.*2Jna/);
    assert.doesNotMatch(stdout, /[\u001b\u009b\u202e]|^file/m);
  }
});

test('what is not there is named with what is', { skip }, async (t) => {
  const { config } = await running(t);
  const connection = await run(['queue', 'secure', 'q_open', '--connection', 'Signicta', ...config]);
  assert.equal(connection.code, 1);
  assert.match(connection.stderr, /--connection: "Signicat"/);
  const customer = await run(['queue', 'open', 'q_open', '--customer', '9', ...config]);
  assert.equal(customer.code, 1);
  assert.match(customer.stderr, /--customer: "12345"/);
});

test('of several customers with the queue one has to be named', { skip }, async (t) => {
  await reachInto(t, redis!.url).client.flushall();
  const [first] = ALONE.customers!;
  const both = { ...ALONE, redisUrl: redis!.url, customers: [first!, { ...first!, customerKey: '777' }] };
  const config = await configArgs(t, { ...both, queueRules: [{ path: '/:customerKey/:queueKey' }] });
  const refused = await run(['queue', 'secure', 'q_open', '--connection', 'Signicat', ...config]);
  assert.match(refused.stderr, /--customer: "12345", "777"/);
  assertDone(
    await run(['queue', 'secure', 'q_open', '--connection', 'Signicat', '--customer', '777', ...config]),
  );
  const { queues } = documentOf<{ queues: { customerKey: string; queueKey: string; state: string }[] }>(
    await run(['queue', 'list', '--json', ...config]),
  );
  assert.deepEqual(
    queues
      .filter(({ queueKey }) => queueKey === 'q_open')
      .map(({ customerKey, state }) => [customerKey, state]),
    [
      ['12345', 'open'],
      ['777', 'secure'],
    ],
  );
});

test('connections are listed with what they are and whether the secret is set', { skip }, async (t) => {
  const { system, config } = await running(t);
  const { stdout } = assertDone(await run(['connection', 'list', ...config]));
  assert.match(stdout, new RegExp(`^12345 +Signicat +portal +${system.provider.issuer} +set +2 +file$`, 'm'));
  const json = assertDone(await run(['connection', 'list', '--json', ...config]));
  assert.equal(documentOf<{ connections: object[] }>(json).connections.length, 1);
  assert.doesNotMatch(stdout + json.stdout, /portal-secret/);
});

test('Redis that is away is a failure that says so, not a wait without end', { skip }, async (t) => {
  const config = await configArgs(t, {
    ...ALONE,
    redisUrl: `redis://user:hunter2@127.0.0.1:${await freePort()}`,
  });
  const said = await run(['queue', 'list', '--json', ...config]);
  assert.equal(said.code, 1);
  assert.equal(documentOf<{ error: { code: string } }>(said).error.code, 'session_store_unavailable');
  assert.match(said.stderr, /ECONNREFUSED/);
  assert.doesNotMatch(said.stderr + said.stdout, /hunter2/);
});

test('settings that another key has sealed are not gone by, and it is said', { skip }, async (t) => {
  const { config } = await running(t);
  const state = createRedisState(
    connectRedis({ url: redis!.url, tlsRejectUnauthorized: true }, silentLogger),
  );
  t.after(() => state.close());
  await state.set('administration:settings', 'AQECAwQ', 60_000);
  const said = await run(['queue', 'list', ...config]);
  assert.equal(said.code, 1);
  assert.match(said.stderr, /sealed with another SEAL_KEY/);
});
