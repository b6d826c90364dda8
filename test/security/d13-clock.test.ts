/**
 * Threat: clocks that differ lose honest logins, or tokens out of time are believed. Two minutes either way are tolerated, that
 * can be configured, seconds are exact beyond 2038, and a token that never ends is refused.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ClaimSet } from '../support/provider-tokens.ts';
import { runs } from '../support/runs.ts';
import { identityOf, inEveryFace, kari, startSystem, type System } from '../support/system.ts';
import { assertBelieved, assertRefused, redeemUnder } from '../support/redemption.ts';

const seconds = () => Math.floor(Date.now() / 1000);

/** The times of a token whose provider's clock is off by so many seconds, while the token is of the moment. */
const skewed: Record<string, (by: number) => ClaimSet> = {
  'exp just over': (by) => ({ exp: seconds() - by }),
  'iat to come': (by) => ({ iat: seconds() + by }),
  'nbf to come': (by) => ({ nbf: seconds() + by }),
  'auth_time to come': (by) => ({ auth_time: seconds() + by }),
  'all of it ahead': (by) => ({ iat: seconds() + by, nbf: seconds() + by, auth_time: seconds() + by }),
};

async function assertTolerance(system: System, tolerance: number): Promise<void> {
  for (const [name, claims] of Object.entries(skewed)) {
    const within = await redeemUnder(system, { idToken: { claims: claims(Math.max(0, tolerance - 10)) } });
    // without any tolerance, a token that ends this very second is over
    if (tolerance > 0 || !('exp' in claims(0))) assertBelieved(within, `${name}, within ${tolerance} s`);
    assertRefused(
      await redeemUnder(system, { idToken: { claims: claims(tolerance + 20) } }),
      `${name}, beyond ${tolerance} s`,
    );
  }
}

test('two minutes either way are tolerated, and no more', async (t) => {
  await assertTolerance(await startSystem(t), 120);
});

test('the tolerance is what the configuration says', async (t) => {
  for (const clockToleranceSeconds of [0, 15, 600])
    await assertTolerance(
      await startSystem(t, { connection: { clockToleranceSeconds } }),
      clockToleranceSeconds,
    );
});

test('times that are none, or never, are refused', async (t) => {
  const system = await startSystem(t);
  const never = [1e300, 1e21, 2 ** 53, 2 ** 63, 253_402_300_800, -1, 0, null, '', 'never', [], {}, true];
  for (const exp of never)
    assertRefused(await redeemUnder(system, { idToken: { claims: { exp } } }), `exp ${JSON.stringify(exp)}`);
  for (const iat of [1e300, -1e300, 0, null, 'now', [seconds()], seconds() * 1000])
    assertRefused(await redeemUnder(system, { idToken: { claims: { iat } } }), `iat ${JSON.stringify(iat)}`);
  for (const auth_time of [1e300, 'now', [1], seconds() * 1000, {}])
    assertRefused(
      await redeemUnder(system, { idToken: { claims: { auth_time } } }),
      `auth_time ${JSON.stringify(auth_time)}`,
    );
  for (const raw of ['1e999', '-1e999', '1E400'])
    assertRefused(
      await redeemUnder(system, { idToken: { rewrite: (token) => withRawExp(token, raw) } }),
      `exp ${raw}, under a broken signature`,
    );
  assertBelieved(await redeemUnder(system, { idToken: { claims: { exp: seconds() + 86_400 } } }), 'a day');
});

/** JSON that `JSON.parse` reads as Infinity. */
function withRawExp(token: string, raw: string): string {
  const [header, payload = '', signature] = token.split('.');
  const text = Buffer.from(payload, 'base64url')
    .toString()
    .replace(/"exp":\d+/, `"exp":${raw}`);
  return [header, Buffer.from(text).toString('base64url'), signature].join('.');
}

test('auth_time reaches the upstream exactly, whenever it was', async (t) => {
  const { url, provider, upstream, browser } = await startSystem(t, {
    options: { loginsPerMinute: 1_000_000 },
  });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: seconds() }), async (authTime) => {
      provider.setPerson({ ...kari, auth_time: authTime });
      const visitor = browser();
      assert.equal((await visitor.open(`${url}/queues/q_bank`)).status, 200);
      assert.equal(identityOf(upstream)['x-secure-chat-auth-time'], String(authTime));
      const session = JSON.parse((await visitor.fetch(`${url}/secure-chat/session`)).body) as {
        authTime: number;
      };
      assert.equal(session.authTime, authTime);
    }),
    { numRuns: runs(20), examples: [[2 ** 31 - 1 > seconds() ? seconds() : 2 ** 31 - 1], [1]] },
  );
});

/** Moments at which clocks have gone wrong: end of 32 bits, a leap day, summer time and back. */
const MOMENTS = [
  '2038-01-19T03:14:07Z',
  '2038-01-19T03:14:08Z',
  '2040-02-29T12:00:00Z',
  '2027-03-28T01:00:00Z',
  '2027-10-31T01:00:00Z',
  '2106-02-07T06:28:16Z',
  '2999-12-31T23:59:59Z',
];

inEveryFace('the whole way works at every moment, summer time and 2038 included', async (t, face) => {
  const zone = process.env['TZ'];
  process.env['TZ'] = 'Europe/Oslo';
  t.after(() => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });
  t.mock.timers.enable({ apis: ['Date'], now: Date.parse(MOMENTS[0]!) });
  const { url, provider, upstream, browser } = await startSystem(t, { face });
  for (const moment of [...MOMENTS].sort()) {
    const now = Date.parse(moment);
    t.mock.timers.setTime(now);
    for (const back of [30, 7200]) {
      const authTime = now / 1000 - back;
      provider.setPerson({ ...kari, auth_time: authTime });
      const visitor = browser();
      assert.equal((await visitor.open(`${url}/queues/q_bank`)).status, 200, moment);
      assert.equal(identityOf(upstream)['x-secure-chat-auth-time'], String(authTime), moment);
      assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, 200, moment);
    }
    provider.behave({ idToken: { claims: { exp: now / 1000 - 140 } } });
    assert.equal((await browser().open(`${url}/queues/q_bank`)).status, 502, moment);
    provider.behave({});
  }
});
