import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { createVerifier, type VerifierOptions } from '../../src/verify/index.ts';
import { ISSUER, publishedKey, QUEUE, refused, sign } from './rig.ts';

const key = publishedKey();
const { server, verifierFor } = key;

const at = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

test('a good assertion gives the identity, typed and frozen', async () => {
  const now = Math.floor(Date.now() / 1000);
  const identity = await verifierFor().verify(
    await sign(key.signer, { claims: { iat: now, exp: now + 60 } }),
  );
  assert.deepEqual(identity, {
    issuer: ISSUER,
    customer: '12345',
    queue: QUEUE,
    connection: 'Signicat',
    sub: 'rH8fKzq2',
    chatId: 'rH8fKzq2',
    nickName: 'Åse Ødegård 🦊',
    variables: [
      { name: 'national_id', description: 'Fødselsnummer', value: '170290*****' },
      { name: 'email', description: undefined, value: 'a+b@example.no' },
    ],
    acr: 'urn:signicat:oidc:method:nbid',
    amr: ['pwd', 'otp'],
    authTime: 1794830400,
    truncated: [],
    issuedAt: now,
    expiresAt: now + 60,
    jti: 'b7e0',
  });
  for (const part of [identity, identity.variables, identity.variables[0], identity.amr, identity.truncated])
    assert.ok(Object.isFrozen(part));
});

test('what is optional may be absent, and one assertion may come several times', async () => {
  const absent = {
    chatId: undefined,
    nickName: undefined,
    acr: undefined,
    amr: undefined,
    auth_time: undefined,
  };
  const verifier = verifierFor();
  const assertion = await sign(key.signer, {
    claims: { ...absent, variables: [], truncated: ['name', 'address'] },
  });
  for (const { nickName, amr, authTime, truncated } of [
    await verifier.verify(assertion),
    await verifier.verify(assertion),
  ])
    assert.deepEqual([nickName, amr, authTime, truncated], [undefined, [], undefined, ['name', 'address']]);
});

test('the clocks may be five seconds apart, and no more', async () => {
  const verifier = verifierFor();
  await verifier.verify(await sign(key.signer, { claims: { iat: at(4), exp: at(64) } }));
  await verifier.verify(await sign(key.signer, { claims: { iat: at(-63), exp: at(-3) } }));
  await refused(
    verifier.verify(await sign(key.signer, { claims: { iat: at(8), exp: at(68) } })),
    'assertion_claims',
  );
  await refused(
    verifier.verify(await sign(key.signer, { claims: { iat: at(-66), exp: at(-6) } })),
    'assertion_expired',
  );
  const strict = verifierFor({ clockToleranceSeconds: 0 });
  await refused(
    strict.verify(await sign(key.signer, { claims: { iat: at(-62), exp: at(-2) } })),
    'assertion_expired',
  );
  const later = verifierFor({ now: () => Date.now() + 3_600_000 });
  await refused(later.verify(await sign(key.signer)), 'assertion_expired');
});

test('an assertion serves the queue, customer and connection that it was made for', async () => {
  const verifier = verifierFor({ audience: ['q_bank', 'q_loans'] });
  const bank = await sign(key.signer);
  const loans = await sign(key.signer, { claims: { aud: 'q_loans', customer: '777' } });
  assert.equal((await verifier.verify(bank)).queue, 'q_bank');
  assert.equal((await verifier.verify(loans, { audience: 'q_loans', customer: '777' })).customer, '777');
  await refused(verifier.verify(bank, { audience: 'q_loans' }), 'assertion_audience');
  await refused(verifier.verify(bank, { customer: '777' }), 'assertion_claims');
  await refused(verifier.verify(bank, { connection: 'Other' }), 'assertion_claims');
  await refused(verifierFor({ customer: '777' }).verify(bank), 'assertion_claims');
  await refused(verifierFor({ connection: 'Other' }).verify(bank), 'assertion_claims');
  await verifierFor({ customer: '777' }).verify(bank, { customer: '12345' });
});

test('where every call names its queue, one that does not is a mistake of the program', async () => {
  const verifier = verifierFor({ audience: null });
  const bank = await sign(key.signer);
  assert.equal((await verifier.verify(bank, { audience: QUEUE })).queue, QUEUE);
  await assert.rejects(verifier.verify(bank), { name: 'TypeError', message: /audience is mandatory/ });
  const nothing = { audience: undefined } as unknown as { audience: string };
  const misspelt = { audence: QUEUE } as object;
  await assert.rejects(verifierFor().verify(bank, misspelt), { name: 'TypeError', message: /audence/ });
  await assert.rejects(verifierFor().verify(bank, nothing), { name: 'TypeError', message: /audience/ });
  await assert.rejects(verifierFor().verify(bank, { customer: '' }), {
    name: 'TypeError',
    message: /customer/,
  });
});

test('options that cannot be meant are a TypeError with a sentence', () => {
  const good = { issuer: ISSUER, audience: QUEUE };
  const wrong: readonly [unknown, RegExp][] = [
    [{}, /audience is mandatory/],
    [{ issuer: ISSUER }, /audience is mandatory/],
    [{ audience: QUEUE }, /issuer is mandatory/],
    [{ ...good, issuer: '' }, /issuer/],
    [{ ...good, issuer: 'chat.example.no' }, /issuer/],
    [{ ...good, issuer: 'https://user@chat.example.no' }, /issuer/],
    [{ ...good, audience: '' }, /audience/],
    [{ ...good, audience: [] }, /audience/],
    [{ ...good, audience: [undefined] }, /audience/],
    [{ ...good, customer: '' }, /customer/],
    [{ ...good, customer: undefined }, /customer/],
    [{ ...good, clockToleranceSeconds: 3600 }, /clockToleranceSeconds/],
    [{ ...good, clockToleranceSeconds: Number.NaN }, /clockToleranceSeconds/],
    [{ ...good, cooldownMs: -1 }, /cooldownMs/],
    [{ ...good, staleMs: 60_000 }, /staleMs is at least cacheMs/],
    [{ ...good, customerKey: '1' }, /customerKey is not an option/],
    [{ ...good, jwksUri: 'http://keys.localhost/jwks.json' }, /jwksUri is https/],
    [{ ...good, headerPrefix: '' }, /headerPrefix/],
    [{ ...good, headerPrefix: 'X Y' }, /headerPrefix/],
    [{ ...good, jwksUri: 'jwks.json' }, /jwksUri/],
    [{ ...good, jwksUri: 'ftp://chat.example.no/' }, /jwksUri/],
    [{ ...good, jwksUri: 'https://a:b@chat.example.no/' }, /jwksUri/],
    [{ ...good, jwksUri: 'http://10.0.0.5/jwks.json' }, /jwksUri is https/],
    [{ ...good, jwksUri: 'http://127.0.0.1.evil.example/' }, /jwksUri is https/],
    [{ ...good, issuer: 'http://10.0.0.5' }, /jwksUri is https/],
    [{ ...good, jwks: { keys: [] }, jwksUri: 'https://chat.example.no/' }, /exclude/],
  ];
  for (const [options, message] of wrong)
    assert.throws(
      () => createVerifier(options as VerifierOptions),
      { name: 'TypeError', message },
      inspect(options),
    );
  createVerifier({ ...good, jwksUri: 'http://10.0.0.5/jwks.json', dangerouslyAllowPlainHttpKeys: true });
  createVerifier({ ...good, jwksUri: new URL('https://keys.example.no/jwks.json') });
});

test('the issuer is compared as the gateway writes its publicUrl, and tells where the keys are', async () => {
  const base = server.url.replace('/secure-chat/jwks.json', '');
  const assertion = await sign(key.signer, { claims: { iss: base } });
  for (const issuer of [base, `${base}/`, base.replace('http', 'HTTP')])
    assert.equal((await createVerifier({ issuer, audience: QUEUE }).verify(assertion)).issuer, base);
});
