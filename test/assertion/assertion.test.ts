import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair } from 'jose';
import { createAssertions, type AssertionSubject } from '../../src/assertion/assertion.ts';
import { importSigningKey } from '../../src/assertion/signing-key.ts';
import type { PrivateJwk } from '../../src/config/gateway-config.ts';
import { NOTHING_SHOWN, type ShownIdentity } from '../../src/proxy/shown-identity.ts';
import { anyCodePoint } from '../support/any-code-point.ts';
import { runs } from '../support/runs.ts';

const { privateKey } = await generateKeyPair('ES256', { extractable: true });
const key = await importSigningKey((await exportJWK(privateKey)) as PrivateJwk);
const keys = {
  signing: () => Promise.resolve(key),
  published: () => Promise.resolve({ keys: [key.publicJwk] }),
};

const NOON = Date.UTC(2026, 10, 22, 12);
const subject: AssertionSubject = {
  place: { customerKey: '12345', queueKey: 'q_bank', connectionName: 'Signicat' },
  authUserId: 'kari',
  expiresAt: NOON + 3_600_000,
  sessionId: 'session',
};
const shown: ShownIdentity = {
  chatId: 'kari',
  nickName: 'Kari Ødegård',
  variables: [
    {
      name: 'national_id',
      description: 'Personnummer',
      value: '170290*****',
      headerSuffix: 'Variable-national-id',
    },
    { name: 'name', description: undefined, value: 'Kari', headerSuffix: 'Variable-name' },
  ],
  acr: 'urn:signicat:oidc:method:nbid',
  amr: 'pwd otp',
  authTime: 4_102_444_800,
  truncated: [],
};

function atNoon(t: TestContext) {
  t.mock.timers.enable({ apis: ['Date'], now: NOON });
  const assertions = createAssertions('https://chat.example.no', keys);
  const sign = async (about: Partial<AssertionSubject> = {}, said: Partial<ShownIdentity> = {}) =>
    (await assertions.signer()).sign({ ...subject, ...about }, { ...shown, ...said });
  return { assertions, sign };
}

test('it says the contract: who, for whom, until when, and the same facts as the headers', async (t) => {
  const { sign } = atNoon(t);
  const assertion = await sign();
  assert.deepEqual(decodeProtectedHeader(assertion), { alg: 'ES256', typ: 'JWT', kid: key.kid });
  const { jti, ...claims } = decodeJwt(assertion);
  assert.match(jti!, /^[\w-]{22}$/);
  assert.deepEqual(claims, {
    iss: 'https://chat.example.no',
    aud: 'q_bank',
    sub: 'kari',
    iat: NOON / 1000,
    exp: NOON / 1000 + 60,
    customer: '12345',
    connection: 'Signicat',
    chatId: 'kari',
    nickName: 'Kari Ødegård',
    variables: [
      { name: 'national_id', description: 'Personnummer', value: '170290*****' },
      { name: 'name', value: 'Kari' },
    ],
    acr: 'urn:signicat:oidc:method:nbid',
    amr: ['pwd', 'otp'],
    auth_time: 4_102_444_800,
  });
});

test('what is absent is left out, and what was cut is named', async (t) => {
  const { sign } = atNoon(t);
  const claims = decodeJwt(await sign({}, { ...NOTHING_SHOWN }));
  assert.deepEqual(Object.keys(claims).sort(), [
    'aud',
    'connection',
    'customer',
    'exp',
    'iat',
    'iss',
    'jti',
    'sub',
    'truncated',
    'variables',
  ]);
  assert.deepEqual([claims['variables'], claims['truncated']], [[], ['*']]);
});

test('one assertion serves its session for half its life', async (t) => {
  const { sign } = atNoon(t);
  const first = await sign();
  t.mock.timers.tick(29_999);
  assert.equal(await sign(), first);
  t.mock.timers.tick(1);
  const second = await sign();
  assert.notEqual(second, first);
  assert.equal(decodeJwt(second).iat, NOON / 1000 + 30);
});

const others: readonly [string, Partial<AssertionSubject>, Partial<ShownIdentity>][] = [
  ['another session', { sessionId: 'other' }, {}],
  ['another queue', { place: { ...subject.place, queueKey: 'q_loan' } }, {}],
  ['another customer', { place: { ...subject.place, customerKey: '6' } }, {}],
  ['another connection', { place: { ...subject.place, connectionName: 'other' } }, {}],
  ['another person', { authUserId: 'ola' }, {}],
  ['another value', {}, { nickName: 'Ola' }],
  ['another method', {}, { acr: 'urn:signicat:oidc:method:sbid' }],
];
for (const [name, about, said] of others) {
  test(`an assertion is not used again for ${name}`, async (t) => {
    const { sign } = atNoon(t);
    assert.notEqual(await sign(about, said), await sign());
  });
}

test('requests at the same moment share one signature', async (t) => {
  const { sign } = atNoon(t);
  assert.equal(new Set(await Promise.all(Array.from({ length: 20 }, () => sign()))).size, 1);
});

test('an assertion never outlives the Identity', async (t) => {
  const { sign } = atNoon(t);
  const first = await sign({ expiresAt: NOON + 20_500 });
  assert.equal(decodeJwt(first).exp, NOON / 1000 + 20);
  t.mock.timers.tick(10_000);
  assert.notEqual(await sign({ expiresAt: NOON + 20_500 }), first);
});

test('a clock that was set back makes a new assertion', async (t) => {
  const { sign } = atNoon(t);
  const first = await sign();
  t.mock.timers.setTime(NOON - 3_600_000);
  assert.equal(decodeJwt(await sign()).iat, NOON / 1000 - 3600);
  assert.notEqual(await sign(), first);
});

test('the length is told exactly, before anything is signed', async (t) => {
  const { assertions } = atNoon(t);
  const signer = await assertions.signer();
  const text = fc.option(fc.string({ unit: anyCodePoint, maxLength: 60 }), { nil: undefined });
  const anyone = fc.record({
    chatId: text,
    nickName: text,
    acr: text,
    amr: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
    authTime: fc.option(fc.nat(), { nil: undefined }),
    truncated: fc.array(fc.string()),
    variables: fc.array(
      fc.record({
        name: fc.string(),
        description: text,
        value: fc.string({ unit: anyCodePoint }),
        headerSuffix: fc.constant('Variable-x'),
      }),
    ),
  });
  await fc.assert(
    fc.asyncProperty(anyone, fc.string({ unit: anyCodePoint }), async (said, queueKey) => {
      const about = { ...subject, place: { ...subject.place, queueKey } };
      assert.equal(signer.length(about, said), (await signer.sign(about, said)).length);
    }),
    { numRuns: runs(300) },
  );
});
