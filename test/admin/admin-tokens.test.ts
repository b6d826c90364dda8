import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditEvent } from '../../src/audit/audit.ts';
import { createAdminTokens } from '../../src/admin/admin-tokens.ts';
import { hashAdminToken, newAdminToken } from '../../src/admin/hash-admin-token.ts';
import { parseScryptHash, type AdminToken } from '../../src/config/admin-tokens.ts';
import { isGatewayError } from '../../src/errors.ts';

const CHEAP = { ln: 14, r: 8, p: 1 };
const TOKEN = 'a-token-of-anna-0123456789';

async function rig(...owners: [string, string][]) {
  const tokens = await Promise.all(
    owners.map(async ([name, token]): Promise<AdminToken> => ({
      name,
      role: 'administrator',
      scrypt: parseScryptHash(await hashAdminToken(token, CHEAP))!,
    })),
  );
  const audited: AuditEvent[] = [];
  let time = 1_000_000;
  const verifier = createAdminTokens({
    tokens,
    audit: { record: (event) => void audited.push(event) },
    now: () => time,
  });
  return { ...verifier, audited, later: (ms: number) => (time += ms) };
}

const refusal = (code: string) => (error: unknown) => isGatewayError(error) && error.code === code;

test('a hash has the form that the configuration takes, another salt each time, and nothing of the token', async () => {
  const token = newAdminToken();
  const [first, second] = [await hashAdminToken(token), await hashAdminToken(token)];
  assert.match(first, /^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.notEqual(first, second);
  assert.ok(parseScryptHash(first));
  assert.equal(first.includes(token), false);
});

test('short, plain and odd tokens are refused when they are hashed', async () => {
  for (const weak of [
    '',
    'short',
    'nineteen-characters',
    'abababababababababababab',
    `${TOKEN} x`,
    `${TOKEN}å`,
    `scg_${TOKEN}`,
  ])
    await assert.rejects(
      hashAdminToken(weak, CHEAP),
      (error: unknown) => error instanceof TypeError && (weak === '' || !error.message.includes(weak)),
      weak,
    );
});

test('the owner of a token is found among all, and a token of nobody finds none', async () => {
  const { verify } = await rig(['anna', TOKEN], ['bo', 'a-token-of-bo-9876543210-x']);
  assert.deepEqual(await verify('a-token-of-bo-9876543210-x', '192.0.2.1'), {
    name: 'bo',
    role: 'administrator',
    how: 'token',
  });
  assert.equal((await verify(TOKEN, '192.0.2.1'))?.name, 'anna');
  assert.equal(await verify(`${TOKEN}-`, '192.0.2.1'), undefined);
});

test('a sign-in and a refusal are recorded, and calls in between are not', async () => {
  const { verify, audited, later } = await rig(['anna', TOKEN]);
  await verify(TOKEN, '192.0.2.1', { requestId: 'r1' });
  await verify(TOKEN, '192.0.2.1');
  await verify('a-wrong-token-0123456789', '192.0.2.1', { requestId: 'r2' });
  later(300_000);
  await verify(TOKEN, '192.0.2.1', { requestId: 'r3' });
  assert.deepEqual(audited, [
    { kind: 'administrator_signed_in', actor: 'anna', requestId: 'r1' },
    { kind: 'administrator_refused', code: 'login_required', requestId: 'r2' },
    { kind: 'administrator_signed_in', actor: 'anna', requestId: 'r3' },
  ]);
});

test('many calls at once with a right token are one sign-in', async () => {
  const { verify, audited } = await rig(['anna', TOKEN]);
  const all = await Promise.all(Array.from({ length: 50 }, () => verify(TOKEN, '192.0.2.1')));
  assert.ok(all.every((one) => one?.name === 'anna'));
  assert.equal(audited.length, 1);
});

test('many guesses at once get no further than many in a row', async () => {
  const { verify } = await rig(['anna', TOKEN]);
  const guesses = await Promise.allSettled(
    Array.from({ length: 60 }, (_, n) => verify(`a-wrong-token-0123456789-${n}`, '192.0.2.1')),
  );
  const tried = guesses.filter(({ status }) => status === 'fulfilled').length;
  assert.ok(tried >= 1 && tried <= 10, String(tried));
  await assert.rejects(verify(TOKEN, '192.0.2.1'), refusal('rate_limited'));
});

test('an IPv6 subscriber has one throttle for all of a /64, and another address its own', async () => {
  const { verify } = await rig(['anna', TOKEN]);
  for (let n = 0; n < 10; n += 1) await verify(`a-wrong-token-0123456789-${n}`, `2001:db8::${n + 1}`);
  await assert.rejects(verify(TOKEN, '2001:db8::ffff'), refusal('rate_limited'));
  assert.equal((await verify(TOKEN, '2001:db8:0:1::1'))?.name, 'anna');
});

test('guessing from many addresses is throttled too', async () => {
  const { verify } = await rig(['anna', TOKEN]);
  for (let n = 0; n < 100; n += 1) await verify('short', `192.0.2.${n}`);
  await assert.rejects(verify(TOKEN, '198.51.100.1'), refusal('rate_limited'));
});

test('only so many wait for their hash', async () => {
  const { verify } = await rig(['anna', TOKEN]);
  const guesses = await Promise.allSettled(
    Array.from({ length: 30 }, (_, n) => verify(`a-wrong-token-0123456789-${n}`, `192.0.2.${n}`)),
  );
  assert.equal(guesses.filter(({ status }) => status === 'fulfilled').length, 8);
});
