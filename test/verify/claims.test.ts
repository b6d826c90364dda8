import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AssertionRefused } from '../../src/verify/index.ts';
import { runs } from '../support/runs.ts';
import { goodClaims, ISSUER, publishedKey, QUEUE, refused, sign, signText } from './rig.ts';

const key = publishedKey();
const { verifierFor } = key;

const at = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

const wrongClaims: readonly [name: string, code: string, claims: Record<string, unknown>][] = [
  ['another gateway', 'assertion_issuer', { iss: 'https://chat.evil.example' }],
  ['the issuer with a slash', 'assertion_issuer', { iss: `${ISSUER}/` }],
  ['a list of issuers', 'assertion_claims', { iss: [ISSUER] }],
  ['another queue', 'assertion_audience', { aud: 'q_loans' }],
  ['the queue in another case', 'assertion_audience', { aud: 'Q_BANK' }],
  ['the queue among others', 'assertion_claims', { aud: [QUEUE, 'q_loans'] }],
  ['a life of 61 seconds', 'assertion_claims', { iat: at(0), exp: at(61) }],
  ['an hour', 'assertion_claims', { iat: at(0), exp: at(3600) }],
  ['for ever', 'assertion_claims', { exp: 1e300 }],
  ['issued after its end', 'assertion_claims', { iat: at(3), exp: at(1) }],
  ['not yet', 'assertion_claims', { nbf: at(30) }],
  ['exp as text', 'assertion_claims', { exp: String(at(60)) }],
  ['exp null', 'assertion_claims', { exp: null }],
  ['variables as text', 'assertion_claims', { variables: '[]' }],
  ['a variable of an odd shape', 'assertion_claims', { variables: [{ name: 'a', value: 1 }] }],
  ['a variable that is null', 'assertion_claims', { variables: [null] }],
  ['nickName as an object', 'assertion_claims', { nickName: { length: 1 } }],
  ['amr as text', 'assertion_claims', { amr: 'pwd' }],
  ['auth_time as text', 'assertion_claims', { auth_time: 'now' }],
  ...['iss', 'aud', 'sub', 'iat', 'exp', 'jti', 'customer', 'connection', 'variables'].map(
    (name): [string, string, Record<string, unknown>] => [
      `without ${name}`,
      'assertion_claims',
      { [name]: undefined },
    ],
  ),
  ...['sub', 'jti', 'customer', 'connection', 'aud'].map(
    (name): [string, string, Record<string, unknown>] => [
      `empty ${name}`,
      'assertion_claims',
      { [name]: '' },
    ],
  ),
];

for (const [name, code, claims] of wrongClaims) {
  test(`signed, but ${name}: ${code}`, async () => {
    const assertion = await sign(key.signer, { claims });
    await refused(verifierFor().verify(assertion), code, assertion);
  });
}

test('a payload that is no JSON object is refused, whoever signed it', async () => {
  const payloads = ['', 'null', '[]', '"text"', '7', '{"iss":', Uint8Array.of(0x7b, 0xff, 0x7d)];
  for (const payload of payloads) {
    const assertion = await signText(key.signer, payload);
    await refused(verifierFor().verify(assertion), 'assertion_malformed');
  }
  const [start = '', end = ''] = JSON.stringify(goodClaims()).split('Signicat');
  const latin1 = Buffer.concat([Buffer.from(start), Buffer.of(0xe5), Buffer.from(end)]);
  await refused(verifierFor().verify(await signText(key.signer, latin1)), 'assertion_malformed');
  const inherited = JSON.stringify({ ...goodClaims(), sub: undefined }).replace(
    '{',
    '{"__proto__":{"sub":"evil"},',
  );
  await refused(verifierFor().verify(await signText(key.signer, inherited)), 'assertion_claims');
});

test('any payload under a true signature is an identity of the expected queue or refused', async () => {
  const verifier = verifierFor();
  const odd = fc.oneof(fc.jsonValue(), fc.constant(undefined));
  const name = fc.constantFrom(...Object.keys(goodClaims()), 'truncated', 'nbf');
  await fc.assert(
    fc.asyncProperty(fc.dictionary(name, odd, { minKeys: 1, maxKeys: 3 }), async (claims) => {
      const outcome = await verifier
        .verify(await sign(key.signer, { claims }))
        .catch((error: unknown) => error);
      if (outcome instanceof Error) {
        assert.ok(outcome instanceof AssertionRefused);
        return;
      }
      const { queue, issuer, sub, variables, amr } = outcome as Awaited<ReturnType<typeof verifier.verify>>;
      assert.deepEqual([queue, issuer], [QUEUE, ISSUER]);
      assert.notEqual(sub, '');
      for (const text of [sub, ...amr, ...variables.map(({ value }) => value)])
        assert.equal(typeof text, 'string');
    }),
    { numRuns: runs(200) },
  );
});
