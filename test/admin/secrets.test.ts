import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { createSealer } from '../../src/session/seal.ts';
import { createSealedRecords } from '../../src/session/sealed-records.ts';
import { createMemoryState } from '../../src/session/memory.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { reachInto } from '../support/redis-dump.ts';
import { startProvider } from '../support/provider.ts';
import { startSystem } from '../support/system.ts';
import { ACTOR, KEYS, other, signicat, startDesk } from './rig.ts';

const SECRET = 'planted-client-secret-9f2c';
const jwk = {
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
  kty: 'RSA' as const,
};
const SETTINGS = { authClientSecret: SECRET, authDecryptionKeys: [jwk], authRequestSigningKey: jwk };
const planted = [SECRET, jwk.d!, jwk.p!];

function assertNone(where: string, text: string): void {
  for (const secret of planted) assert.ok(!text.includes(secret), `${where} holds a secret`);
}

test('secrets are used, and shown as set or not set only', async () => {
  const state = createMemoryState();
  const desk = startDesk(state);
  await desk.change({ kind: 'connection', ...signicat, settings: SETTINGS });
  const [connection] = desk.follower.inForce.config.customers[0]!.connections;
  assert.equal(connection!.clientSecret, SECRET);
  assert.deepEqual([connection!.decryptionKeys.length, connection!.requestSigningKey?.['d']], [1, jwk.d]);
  const view = await desk.administration.read();
  const shown = view.customers[0]!.connections[0]!.settings.filter((setting) => 'secret' in setting);
  assert.deepEqual(
    shown.map(({ key, isSet, origin, by, ...rest }) => [key, isSet, origin, by, Object.keys(rest).sort()]),
    Object.keys(SETTINGS).map((key) => [key, true, 'administrator', ACTOR, ['at', 'isSetInFile', 'secret']]),
  );
  assertNone('the view', JSON.stringify(view) + inspect(view, { depth: null }));
  assertNone('the administration', inspect(desk.administration, { depth: null, showHidden: true }));
  assertNone('the log', desk.log.join('\n'));
  assert.equal(
    view.customers[0]!.connections[1]!.settings.some((setting) => setting.key === 'authClientSecret'),
    false,
  );
});

test('who opens the record has not opened the secrets in it', async () => {
  const state = createMemoryState();
  const desk = startDesk(state);
  await desk.change({ kind: 'connection', ...signicat, settings: SETTINGS });
  const records = createSealedRecords(state, createSealer(KEYS.slice(0, 1)));
  const record = JSON.stringify((await records.read('administration:settings'))!.value);
  assert.match(record, /authClientSecret/);
  assertNone('the record', record);
});

test('a sealed secret opens for its own connection and setting only', async () => {
  const state = createMemoryState();
  const desk = startDesk(state);
  await desk.change({ kind: 'connection', ...signicat, settings: { authClientSecret: SECRET } });
  const records = createSealedRecords(state, createSealer(KEYS.slice(0, 1)));
  const read = (await records.read('administration:settings'))!;
  const moved = JSON.parse(
    JSON.stringify(read.value).replace('"authConnectionName":"Signicat"', '"authConnectionName":"Other"'),
  ) as { revision: number };
  await records.replace(
    'administration:settings',
    read,
    { ...moved, revision: moved.revision + 1 },
    Date.now() + 60_000,
  );
  await desk.follower.look();
  assert.equal(desk.follower.standing, 'behind');
  assert.equal(desk.follower.inForce.config.customers[0]!.connections[1]!.clientSecret, undefined);
});

test('no error quotes what was written', async () => {
  const desk = startDesk(createMemoryState());
  const attempts: Record<string, unknown>[] = [
    { authClientSecret: [SECRET] },
    { authDecryptionKeys: [{ ...jwk, kty: 'none' }] },
    { authRequestSigningKey: { kty: 'oct', k: SECRET } },
    { authRequestSigningKey: { ...jwk, n: undefined } },
    { ...SETTINGS, authEndpoint: SECRET },
    { authClientSecrt: SECRET },
  ];
  for (const settings of attempts) {
    const error: unknown = await desk.change({ kind: 'connection', ...other, settings }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof Error);
    assertNone('the error', inspect(error, { depth: null, showHidden: true }));
  }
  assertNone('the log', desk.log.join('\n'));
});

test('a dump of Redis and the log hold none of them', { skip: redisMissing }, async (t) => {
  const redis = (await startRedis())!;
  t.after(() => redis.stop());
  const system = await startSystem(t, {
    options: { sessionSecret: 'a secret for tests that is long enough', redisUrl: redis.url },
  });
  await system.gateway.administration!.change([{ kind: 'connection', ...signicat, settings: SETTINGS }], {
    revision: 0,
    actor: ACTOR,
  });
  const dump = await reachInto(t, redis.url).read();
  assert.ok(dump.size > 0);
  for (const [key, value] of dump) {
    assertNone(key, key + value + Buffer.from(value, 'base64url').toString('latin1'));
    assert.ok(!value.includes('Signicat') && !value.includes(ACTOR));
  }
  assertNone('the log', JSON.stringify(system.log));
});

test('a secret is replaced while chats run, and waiting codes are redeemed with the new one', async (t) => {
  const system = await startSystem(t);
  const { url, provider, browser } = system;
  const [chatting, waiting] = [browser(), browser()];
  assert.equal((await chatting.open(`${url}/queues/q_bank`)).status, 200);
  await waiting.open(`${url}/secure-chat/login?queueKey=q_bank&returnTo=/portal`);
  provider.clients['portal'] = { secret: SECRET };
  await system.gateway.administration!.change(
    [{ kind: 'connection', ...signicat, settings: { authClientSecret: SECRET } }],
    { revision: 0, actor: ACTOR },
  );
  assert.equal((await chatting.fetch(`${url}/queues/q_bank`)).status, 200);
  assert.equal((await waiting.fetch(`${url}/queues/q_bank`)).status, 200);
});

test('a wrong secret is refused once, without a loop', async (t) => {
  const system = await startSystem(t);
  const { url, provider, browser } = system;
  await system.gateway.administration!.change(
    [{ kind: 'connection', ...signicat, settings: { authClientSecret: SECRET } }],
    { revision: 0, actor: ACTOR },
  );
  const visit = await browser().open(`${url}/queues/q_bank`);
  assert.equal(visit.status, 502);
  assert.equal(provider.calls('token'), 1);
});

test('a probe says whether the provider accepts the secret, and which call told', async (t) => {
  const provider = await startProvider();
  t.after(() => provider.stop());
  const system = await startSystem(t, { provider });
  const administration = system.gateway.administration!;
  const setSecret = async (authClientSecret: string) => {
    const { revision } = await administration.read();
    await administration.change([{ kind: 'connection', ...signicat, settings: { authClientSecret } }], {
      revision,
      actor: ACTOR,
    });
  };
  assert.deepEqual(await administration.probe(signicat), { outcome: 'accepted', step: 'token' });
  await setSecret(SECRET);
  assert.deepEqual(await administration.probe(signicat), { outcome: 'refused', step: 'token' });
  provider.behave({ token: { error: 'server_error', status: 400 } });
  assert.deepEqual(await administration.probe(signicat), { outcome: 'unclear', step: 'token' });
  provider.behave({ token: 'drop' });
  assert.deepEqual(await administration.probe(signicat), { outcome: 'unreachable', step: 'token' });
  provider.behave({ discovery: { issuer: 'https://elsewhere.example' } });
  assert.deepEqual(await administration.probe(signicat), { outcome: 'unclear', step: 'discovery' });
  await provider.down();
  assert.deepEqual(await administration.probe(signicat), { outcome: 'unreachable', step: 'discovery' });
  await provider.up();
  await assert.rejects(administration.probe({ ...signicat, authConnectionName: 'None' }));
});
