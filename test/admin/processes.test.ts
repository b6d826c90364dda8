import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import type { Edit } from '../../src/config/edits.ts';
import type { GatewayOptions } from '../../src/config/options.ts';
import { codeOf } from '../support/problem-code.ts';
import { startProvider } from '../support/provider.ts';
import { redisMissing, startRedis, type TestRedis } from '../support/redis.ts';
import { reachInto } from '../support/redis-dump.ts';
import { connection, identityOf, inEveryFace, kari, startSystem, type System } from '../support/system.ts';
import { until } from '../support/until.ts';
import { ACTOR, KEYS, open } from './rig.ts';

const skip = redisMissing;
const redis = await startRedis();
after(() => redis?.stop());

const NAME = 'scg:administration:settings';
const keyring = (...numbers: number[]) => numbers.map((n) => KEYS[n]!.toString('base64')).join(',');

async function ownRedis(t: TestContext, ...options: string[]): Promise<TestRedis> {
  const own = (await startRedis(options))!;
  t.after(() => own.stop());
  return own;
}

/** A process on this Redis; all of one test are at one provider. */
async function processes(t: TestContext, { url }: TestRedis, over: Partial<GatewayOptions> = {}) {
  const provider = await startProvider({ person: kari });
  t.after(() => provider.stop());
  const start = (more: Partial<GatewayOptions> = {}) =>
    startSystem(t, {
      provider,
      options: {
        sessionSecret: 'one secret for all processes of this test',
        redisUrl: url,
        ...over,
        ...more,
      },
    });
  return { provider, start };
}

async function change({ gateway }: System, ...edits: Edit[]): Promise<void> {
  const administration = gateway.administration!;
  const { revision } = await administration.read();
  await administration.change(edits, { revision, actor: ACTOR });
}

const secureOpen: Edit = { kind: 'queue.secure', ...open, authConnectionName: 'Signicat' };
const statusOf = async ({ url, browser }: System, queue: string) =>
  codeOf(await browser().fetch(`${url}/queues/${queue}`));

inEveryFace('a change is in force in this process when it is answered', async (t, face) => {
  const system = await startSystem(t, { face });
  const visitor = system.browser();
  assert.equal((await visitor.fetch(`${system.url}/queues/q_open`)).status, 200);
  await change(system, secureOpen);
  assert.equal(codeOf(await visitor.fetch(`${system.url}/queues/q_open`)), 'login_required');
  assert.equal((await visitor.open(`${system.url}/queues/q_open`)).status, 200);
  assert.equal(identityOf(system.upstream)['x-secure-chat-queue'], 'q_open');
  await system.gateway.administration!.change([{ kind: 'queue.open', ...open }, { kind: 'reset' }], {
    revision: (await system.gateway.administration!.read()).revision,
    actor: ACTOR,
    force: true,
  });
  assert.equal((await visitor.fetch(`${system.url}/queues/q_open`)).status, 200);
  assert.deepEqual(identityOf(system.upstream), {});
});

test('a change in one process reaches the other, and a process that starts later', { skip }, async (t) => {
  const { start } = await processes(t, await ownRedis(t));
  const [first, second] = [await start(), await start()];
  assert.equal(await statusOf(second, 'q_open'), '200');
  await change(first, secureOpen);
  await until(
    'the change in the other process',
    async () => (await statusOf(second, 'q_open')) === 'login_required',
    10_000,
  );
  const third = await start();
  assert.equal(await statusOf(third, 'q_open'), 'login_required', 'from its first request on');
  const [customer] = (await third.gateway.administration!.read()).customers;
  assert.deepEqual(
    customer!.queues.map(({ queueKey, state, origin }) => [queueKey, state, origin]),
    [
      ['q_bank', 'secure', 'file'],
      ['q_loan', 'secure', 'file'],
      ['q_open', 'secure', 'administrator'],
    ],
  );
});

test('where no message gets through, the look of each second finds the change', { skip }, async (t) => {
  const { start } = await processes(t, await ownRedis(t, '--rename-command', 'PUBLISH', ''));
  const [first, second] = [await start(), await start()];
  await change(first, secureOpen);
  assert.ok(first.log.some(({ message }) => message === 'other processes could not be told of a change'));
  await until(
    'the change in the other process',
    async () => (await statusOf(second, 'q_open')) === 'login_required',
    10_000,
  );
});

test('a request keeps the configuration that it began with', { skip }, async (t) => {
  const { provider, start } = await processes(t, await ownRedis(t));
  const system = await start();
  const visitor = system.browser();
  await visitor.open(`${system.url}/secure-chat/login?queueKey=q_bank&returnTo=/portal`);
  let release: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    provider.behave({
      token: (response) => {
        release = () => void response.writeHead(503).end();
        resolve();
      },
    });
  });
  const entering = visitor.fetch(`${system.url}/queues/q_bank`);
  await asked;
  await change(system, {
    kind: 'connection',
    ...bankConnection,
    settings: { authScope: 'openid profile x' },
  });
  release();
  assert.equal(codeOf(await entering), 'provider_unavailable');
  provider.behave({});
  assert.equal((await visitor.open(`${system.url}/queues/q_bank`)).status, 200);
  const scope = provider.requests
    .findLast(({ endpoint }) => endpoint === 'authorize')!
    .url.searchParams.get('scope');
  assert.equal(scope, 'openid profile x');
});

const bankConnection = { customerKey: '12345', authConnectionName: 'Signicat' };

test('while Redis is away a process goes on with what it has, and says so', { skip }, async (t) => {
  const own = await ownRedis(t);
  const { start } = await processes(t, own);
  const system = await start();
  await change(system, secureOpen);
  await own.kill();
  await until('the look that fails', () =>
    system.log.some(({ message }) => message === 'the settings of administrators cannot be read'),
  );
  assert.equal(await statusOf(system, 'q_open'), 'login_required');
  assert.equal((await system.gateway.administration!.read()).standing, 'behind');
  await own.restart();
  // an empty store: the process puts back what administrators have set
  const hand = reachInto(t, own.url);
  await until('the settings in the store', async () => (await hand.client.exists(NAME)) === 1);
  const second = await start();
  assert.equal(await statusOf(second, 'q_open'), 'login_required');
});

test(
  'started without Redis, a process lets nobody into any queue until it knows which are secure',
  { skip },
  async (t) => {
    const own = await ownRedis(t);
    const { start } = await processes(t, own);
    await change(await start(), secureOpen);
    await own.kill();
    const late = await start();
    const get = async (path: string) => codeOf(await late.browser().fetch(late.url + path));
    assert.equal(await get('/secure-chat/healthz'), '200');
    for (const path of [
      '/queues/q_open',
      '/queues/q_bank',
      '/portal?queueKey=q_open',
      '/Queues/Q_Open',
      '/queues/unknown',
      '/secure-chat/login?queueKey=q_open',
    ])
      assert.equal(await get(path), 'session_store_unavailable', path);
    assert.equal(await get('/portal'), '200', 'what names no queue goes on');
    assert.equal(await get('/secure-chat/readyz'), '503');
    await own.restart();
    await until('the first reading', async () => (await get('/queues/unknown')) === '200');
    assert.equal(await get('/secure-chat/readyz'), '200');
  },
);

test(
  'settings sealed with a key that is not here: a new process is held, one that runs goes on',
  { skip },
  async (t) => {
    const own = await ownRedis(t);
    const { start } = await processes(t, own, { sealKey: keyring(0) });
    const first = await start();
    await change(first, secureOpen);
    const stranger = await start({ sealKey: keyring(1) });
    assert.equal(await statusOf(stranger, 'q_open'), 'session_store_unavailable');
    assert.ok(stranger.log.some(({ message }) => /sealed with another SEAL_KEY/.test(message)));
    await assert.rejects(change(stranger, secureOpen));
    assert.equal(await statusOf(first, 'q_open'), 'login_required');
  },
);

test(
  'settings that do not fit the file of a new process hold it, and a reset from there cures it',
  { skip },
  async (t) => {
    const own = await ownRedis(t);
    const { provider, start } = await processes(t, own);
    const first = await start();
    const added = { customerKey: '12345', authConnectionName: 'Second' };
    const settings = { authClientId: 'portal', authEndpoint: provider.issuer };
    await change(
      first,
      { kind: 'connection', ...added, settings },
      { ...secureOpen, authConnectionName: 'Second' },
    );
    const customers = [
      {
        customerKey: '12345',
        connections: [connection(provider, { authConnectionName: 'Renamed' })],
        queues: [{ queueKey: 'q_bank', authConnectionName: 'Renamed' }],
      },
    ];
    await change(first, { kind: 'connection', ...bankConnection, settings: { authScope: 'openid x' } });
    const second = await start({ customers });
    assert.equal(await statusOf(second, 'q_open'), 'session_store_unavailable');
    assert.equal((await second.gateway.administration!.read()).standing, 'unknown');
    const line = second.log.find(({ message }) => /do not fit the configuration/.test(message))!;
    assert.match(
      String(line.fields['problems']),
      /customers\[0\]\.connections\[2\]\.authClientId|customers\[0\]\.connections\[1\]\.authClientId/,
    );
    const revision = (await first.gateway.administration!.read()).revision;
    await second.gateway.administration!.change([{ kind: 'reset.connection', ...bankConnection }], {
      revision,
      actor: ACTOR,
    });
    assert.equal(await statusOf(second, 'q_open'), 'login_required');
  },
);

test('an older record that is put back into the store is not believed', { skip }, async (t) => {
  const own = await ownRedis(t);
  const { start } = await processes(t, own);
  const system = await start();
  await change(system, { kind: 'queue.open', ...open });
  const hand = reachInto(t, own.url);
  const old = (await hand.client.get(NAME))!;
  await change(system, secureOpen);
  await hand.client.set(NAME, old);
  await until('the complaint', () =>
    system.log.some(({ message }) => /older than those in force/.test(message)),
  );
  assert.equal(await statusOf(system, 'q_open'), 'login_required');
});

test('a record that was tampered with, or is none, changes nothing', { skip }, async (t) => {
  const own = await ownRedis(t);
  const { start } = await processes(t, own);
  const system = await start();
  await change(system, secureOpen);
  const hand = reachInto(t, own.url);
  await hand.client.set(NAME, 'garbage');
  await until('the complaint', () => system.log.some(({ message }) => /another SEAL_KEY/.test(message)));
  assert.equal(await statusOf(system, 'q_open'), 'login_required');
});

test('the settings outlive a rotation of the seal keys', { skip }, async (t) => {
  const own = await ownRedis(t);
  const { start } = await processes(t, own);
  const first = await start({ sealKey: keyring(0) });
  await change(first, secureOpen, {
    kind: 'connection',
    ...bankConnection,
    settings: { authClientSecret: 'portal-secret' },
  });
  assert.equal(await statusOf(await start({ sealKey: keyring(1, 0) }), 'q_open'), 'login_required');
  const third = await start({ sealKey: keyring(1) });
  assert.equal((await third.browser().open(`${third.url}/queues/q_open`)).status, 200, 'the secret too');
  assert.equal(await statusOf(third, 'q_bank'), 'login_required');
});

test('a store nobody has set anything in stays empty', { skip }, async (t) => {
  const own = await ownRedis(t);
  const { start } = await processes(t, own);
  const system = await start();
  assert.equal(await statusOf(system, 'q_bank'), 'login_required');
  await system.gateway.administration!.read();
  assert.deepEqual([...(await reachInto(t, own.url).read()).keys()], []);
});
