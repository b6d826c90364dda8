import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test, type TestContext } from 'node:test';
import type { GatewayOptions } from '../../src/config/options.ts';
import { createSealer } from '../../src/session/seal.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { reachInto } from '../support/redis-dump.ts';
import { startSystem } from '../support/system.ts';
import { createAdministrationFor } from './settings.ts';
import { ALONE, assertDone, configArgs, documentOf, run, SECRET } from './rig.ts';

const redis = await startRedis();
after(() => redis?.stop());
const skip = redisMissing;
const HOUR = 3_600_000;

interface Rotated {
  readonly assertionKeys: {
    readonly isNew?: boolean;
    readonly signsFrom?: string;
    readonly configured?: boolean;
  };
  readonly settings: string;
  readonly left: string[];
}

const newKey = () => randomBytes(32).toString('base64');

async function rotate(t: TestContext, options: Partial<GatewayOptions>, ...more: string[]) {
  const config = await configArgs(t, { ...ALONE, redisUrl: redis!.url, ...options });
  const said = await run(['keys', 'rotate', '--json', ...more, ...config]);
  assertDone(said);
  return { ...documentOf<Rotated>(said), config };
}

test(
  'a new key of the assertion is published at once and signs an hour later; a second call makes no other',
  { skip },
  async (t) => {
    await reachInto(t, redis!.url).client.flushall();
    const first = await rotate(t, {}, '--actor', 'anna');
    assert.equal(first.assertionKeys.isNew, true);
    const signsFrom = Date.parse(first.assertionKeys.signsFrom!);
    assert.ok(Math.abs(signsFrom - Date.now() - HOUR) < HOUR / 4);
    const second = await rotate(t, {});
    assert.deepEqual(second.assertionKeys, { isNew: false, signsFrom: first.assertionKeys.signsFrom });

    const system = await startSystem(t, { options: { redisUrl: redis!.url, sessionSecret: SECRET } });
    const { body } = await system.browser().fetch(`${system.url}/secure-chat/jwks.json`);
    assert.equal((JSON.parse(body) as { keys: object[] }).keys.length, 2);
    const list = await run(['audit', 'list', '--kind', 'keys_rotated', '--json', ...first.config]);
    const { entries } = documentOf<{ entries: { actor: string }[] }>(list);
    assert.deepEqual(
      entries.map(({ actor }) => actor),
      ['anna'],
    );
  },
);

test('what the present key signs stays good after the rotation', { skip }, async (t) => {
  await reachInto(t, redis!.url).client.flushall();
  const system = await startSystem(t, { options: { redisUrl: redis!.url, sessionSecret: SECRET } });
  const kids = async () =>
    (
      JSON.parse((await system.browser().fetch(`${system.url}/secure-chat/jwks.json`)).body) as {
        keys: { kid: string }[];
      }
    ).keys.map(({ kid }) => kid);
  const [before] = await kids();
  await rotate(t, {});
  const other = await startSystem(t, { options: { redisUrl: redis!.url, sessionSecret: SECRET } });
  const { keys } = JSON.parse((await other.browser().fetch(`${other.url}/secure-chat/jwks.json`)).body) as {
    keys: { kid: string }[];
  };
  assert.ok(keys.some(({ kid }) => kid === before));
  await other.browser().open(`${other.url}/queues/q_bank`);
  const assertion = String(other.upstream.requests.at(-1)!.headers['x-secure-chat-assertion']);
  const head = JSON.parse(Buffer.from(assertion.split('.')[0]!, 'base64url').toString()) as { kid: string };
  assert.equal(head.kid, before);
});

test(
  'settings and assertion keys are sealed with the first seal key, and stay readable without the old one',
  { skip },
  async (t) => {
    const { client } = reachInto(t, redis!.url);
    await client.flushall();
    const [old, fresh] = [newKey(), newKey()];
    const edit = {
      kind: 'queue.secure',
      customerKey: '12345',
      queueKey: 'q_open',
      authConnectionName: 'Signicat',
    } as const;
    await createAdministrationFor(t, { ...ALONE, redisUrl: redis!.url, sealKey: old }, edit);
    const one = await rotate(t, { sealKey: old });
    assert.match(one.left.join(), /there is one.*SEAL_KEY=new,old/);

    const two = await rotate(t, { sealKey: `${fresh},${old}` });
    assert.equal(two.settings, 'sealed with the first key');
    assert.match(two.left.join(), /last one still names the records/);
    assert.match(two.left.join(), /Pseudonyms are derived/);
    const sealer = createSealer([Buffer.from(fresh, 'base64')]);
    for (const name of ['administration:settings', 'assertion-keys:shared'])
      assert.equal(sealer.isOutdated((await client.get(`scg:${name}`))!), false, name);

    const dropped = await rotate(t, { sealKey: fresh, pseudonymKey: newKey() });
    assert.deepEqual(dropped.assertionKeys, two.assertionKeys);
    assert.doesNotMatch(dropped.left.join(), /Pseudonyms/);
    const list = await run(['queue', 'list', ...dropped.config]);
    assert.match(assertDone(list).stdout, /q_open +secure/);
  },
);

test('keys of the configuration are left to whoever holds them', { skip }, async (t) => {
  const { privateKey } = (await import('node:crypto')).generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...privateKey.export({ format: 'jwk' }), kty: 'EC' as const };
  await reachInto(t, redis!.url).client.flushall();
  const { assertionKeys, config } = await rotate(t, { assertionKeys: [jwk] });
  assert.deepEqual(assertionKeys, { configured: true });
  const { stdout } = await run(['keys', 'rotate', ...config]);
  assert.match(stdout, /in your configuration/);
  assert.ok(!stdout.includes(jwk.d!));
});

test('generated keys are what the configuration takes in production, and others each time', async (t) => {
  const lines = async () =>
    assertDone(await run(['keys', 'generate']))
      .stdout.trim()
      .split('\n');
  const [first, second] = [await lines(), await lines()];
  assert.equal(new Set([...first, ...second]).size, 6);
  const env = Object.fromEntries(
    first.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const { customers, upstream } = ALONE;
  const config = await configArgs(t, {
    customers,
    upstream,
    publicUrl: 'https://chat.example.no',
    redisUrl: 'rediss://redis.example.no',
  });
  const said = await run(['check', '--offline', '--production', ...config], { env });
  assertDone(said);
});
