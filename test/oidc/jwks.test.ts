import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createJwks } from '../../src/oidc/jwks.ts';
import { makeRig, PERSON, soon } from './rig.ts';

const UNKNOWN = { idToken: { kid: 'nobody' } };

test('the key set is read once for many logins', async (t) => {
  const rig = await makeRig(t);
  for (let i = 0; i < 5; i += 1) await rig.redeem();
  assert.equal(rig.provider.calls('jwks'), 1);
});

test('keys rotated right after a login work on the next login', async (t) => {
  const rig = await makeRig(t);
  await rig.redeem();
  await rig.provider.rotateKeys();
  assert.equal((await rig.redeem()).name, PERSON.name);
  assert.equal(rig.provider.calls('jwks'), 2);
});

test('a flood of unknown kids is one more read, not a flood (D12)', async (t) => {
  const rig = await makeRig(t);
  await rig.redeem();
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => rig.login()));
  rig.provider.behave(UNKNOWN);
  for (const outcome of outcomes.slice(0, 5)) await refuse(outcome);
  await Promise.all(outcomes.slice(5).map(refuse));
  assert.equal(rig.provider.calls('jwks'), 2);
  rig.provider.behave({});
  assert.equal((await rig.redeem()).name, PERSON.name);

  async function refuse(outcome: (typeof outcomes)[number]): Promise<void> {
    assert.ok(outcome.kind === 'code');
    await assert.rejects(rig.logins.redeem(rig.connection, outcome.waiting, soon()), {
      code: 'provider_error',
    });
  }
});

test('many first logins at once share one read', async (t) => {
  const rig = await makeRig(t);
  await Promise.all(Array.from({ length: 8 }, () => rig.redeem()));
  assert.equal(rig.provider.calls('jwks'), 1);
});

function clocked(answers: object[][]) {
  const clock = { now: Date.now() };
  const jwks = createJwks(() => clock.now);
  let reads = 0;
  const fetch = () =>
    Promise.resolve(Response.json({ keys: answers[Math.min(reads++, answers.length - 1)] }));
  const ask = async (): Promise<string[]> => {
    const set = (await (await jwks.answer(fetch)).json()) as { keys: { kid: string }[] };
    return set.keys.map(({ kid }) => kid).sort();
  };
  return { jwks, clock, ask, reads: () => reads };
}
const key = (kid: string) => ({ kty: 'RSA', kid, use: 'sig' });

test('unknown kids make one read in five seconds, and the next one after that', async () => {
  const { ask, clock, reads } = clocked([[key('a')]]);
  for (let i = 0; i < 20; i += 1) await ask();
  assert.equal(reads(), 2);
  clock.now += 4999;
  await ask();
  assert.equal(reads(), 2);
  clock.now += 1;
  await ask();
  assert.equal(reads(), 3);
});

test('keys that change their order and drop out of single answers stay known for five minutes', async () => {
  const { ask, clock } = clocked([
    [key('a'), key('b'), key('c')],
    [key('c'), key('a')],
    [key('b'), key('c')],
    [key('x'), key('y')],
  ]);
  assert.deepEqual(await ask(), ['a', 'b', 'c']);
  clock.now += 6000;
  assert.deepEqual(await ask(), ['a', 'b', 'c']);
  clock.now += 6000;
  assert.deepEqual(await ask(), ['a', 'b', 'c']);
  clock.now += 300_001;
  assert.deepEqual(await ask(), ['x', 'y']);
});

test('a provider with one key has one key: what it replaced is forgotten', async () => {
  const { ask, clock } = clocked([[key('a')], [key('b')]]);
  await ask();
  clock.now += 6000;
  assert.deepEqual(await ask(), ['b']);
});

test('what is known is dated so that an unknown kid is looked up, and is unknown after five minutes', async () => {
  const { jwks, ask, clock } = clocked([[key('a')]]);
  assert.equal(jwks.known(), undefined);
  await ask();
  const age = Math.floor(Date.now() / 1000) - (jwks.known()?.uat ?? 0);
  assert.ok(age >= 60 && age < 300, `${age} s`);
  clock.now += 300_000;
  assert.equal(jwks.known(), undefined);
});

test('a read that fails leaves what is known and is tried again', async () => {
  const clock = { now: 1_000_000 };
  const jwks = createJwks(() => clock.now);
  await jwks.answer(() => Promise.resolve(Response.json({ keys: [key('a')] })));
  const page = () => Promise.resolve(new Response('<p>', { status: 200 }));
  await assert.rejects(jwks.answer(page), { code: 'provider_error' });
  assert.equal(jwks.known()?.jwks.keys.length, 1);
});
