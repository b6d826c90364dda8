import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { type CryptoKey, exportSPKI, generateKeyPair, importJWK } from 'jose';
import { runs } from '../support/runs.ts';
import { encode, goodClaims, makeSigner, publishedKey, refused, sign, signText } from './rig.ts';

const key = publishedKey();
const { verifierFor } = key;

test('no other algorithm, type, header extension or signer is taken', async () => {
  const claims = goodClaims();
  const header = { alg: 'ES256', typ: 'JWT', kid: key.signer.kid };
  const hmac = (secret: string | Uint8Array, alg = 'HS256') => {
    const input = `${encode({ ...header, alg })}.${encode(claims)}`;
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
  };
  const spki = await exportSPKI((await importJWK(key.signer.jwk, 'ES256')) as CryptoKey);
  const rsa = await generateKeyPair('RS256');
  const foreign = await makeSigner(key.signer.kid);
  const selfMade = await makeSigner();
  const good = await sign(key.signer);
  const [, , signature] = good.split('.');
  const cases: readonly [name: string, assertion: string, codes: string][] = [
    ['none', `${encode({ ...header, alg: 'none' })}.${encode(claims)}.`, 'assertion_signature'],
    [
      'None with a signature',
      `${encode({ ...header, alg: 'None' })}.${encode(claims)}.${signature}`,
      'assertion_signature',
    ],
    [
      'no alg',
      `${encode({ typ: 'JWT', kid: key.signer.kid })}.${encode(claims)}.${signature}`,
      'assertion_signature',
    ],
    ['HS256 with the PEM', hmac(spki), 'assertion_signature'],
    ['HS256 with the JWK', hmac(JSON.stringify(key.signer.jwk)), 'assertion_signature'],
    ['HS256 called ES256', hmac(spki, 'ES256'), 'assertion_malformed'],
    [
      'RS256',
      await signText({ ...key.signer, privateKey: rsa.privateKey }, JSON.stringify(claims), { alg: 'RS256' }),
      'assertion_signature',
    ],
    ['a foreign key under our kid', await sign(foreign), 'assertion_signature'],
    ['a kid that nobody has', await sign(selfMade), 'assertion_signature'],
    [
      'its own key in the header',
      await sign(selfMade, { header: { jwk: selfMade.jwk } }),
      'assertion_signature',
    ],
    [
      'its own key under our kid',
      await sign(foreign, { header: { jwk: foreign.jwk, jku: 'http://127.0.0.1:1/' } }),
      'assertion_signature',
    ],
    ['no kid', await sign(key.signer, { header: { kid: undefined } }), 'assertion_malformed'],
    ['kid a list', await sign(key.signer, { header: { kid: [key.signer.kid] } }), 'assertion_malformed'],
    ['kid __proto__', await sign(key.signer, { header: { kid: '__proto__' } }), 'assertion_signature'],
    ['typ at+jwt', await sign(key.signer, { header: { typ: 'at+jwt' } }), 'assertion_malformed'],
    ['no typ', await sign(key.signer, { header: { typ: undefined } }), 'assertion_malformed'],
    ['crit', await sign(key.signer, { header: { crit: ['b64'], b64: true } }), 'assertion_malformed'],
    ['five parts', `${good}.a.b`, 'assertion_malformed'],
    ['two parts', good.split('.').slice(0, 2).join('.'), 'assertion_malformed'],
    ['no signature', good.slice(0, good.lastIndexOf('.') + 1), 'assertion_malformed'],
    ['two, joined', `${good}, ${good}`, 'assertion_malformed'],
    ['padding', `${good}==`, 'assertion_malformed'],
    ['a blank', ` ${good}`, 'assertion_malformed'],
    ['a line break', `${good}\n`, 'assertion_malformed'],
    ['Bearer', `Bearer ${good}`, 'assertion_malformed'],
    ['empty', '', 'assertion_missing'],
    ['text', 'x', 'assertion_malformed'],
    [
      'signed, but endless',
      await sign(key.signer, { claims: { acr: 'x'.repeat(50_000) } }),
      'assertion_malformed',
    ],
    ['a megabyte', 'a'.repeat(1_000_000), 'assertion_malformed'],
    ['zero signature', `${good.slice(0, good.lastIndexOf('.') + 1)}${'A'.repeat(86)}`, 'assertion_signature'],
  ];
  const verifier = verifierFor();
  for (const [name, assertion, code] of cases)
    await refused(verifier.verify(assertion), code, assertion).catch((error: unknown) => {
      throw new Error(name, { cause: error });
    });
  await refused(verifier.verify(undefined as unknown as string), 'assertion_missing');
  assert.equal((await verifier.verify(good)).sub, 'rH8fKzq2');
});

test('an assertion in which any one byte differs is refused', async () => {
  const verifier = verifierFor();
  const good = await sign(key.signer);
  const alphabet = Array.from(
    'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.+/=% ,\u0000é',
  );
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.nat({ max: good.length - 1 }), fc.constant(good.length - 1)),
      fc.constantFrom(...alphabet),
      fc.constantFrom('replace', 'insert', 'remove'),
      async (index, char, way) => {
        const tail = good.slice(way === 'insert' ? index : index + 1);
        const changed = good.slice(0, index) + (way === 'remove' ? '' : char) + tail;
        fc.pre(changed !== good);
        await refused(verifier.verify(changed), ['assertion_malformed', 'assertion_signature']);
      },
    ),
    { numRuns: runs(400) },
  );
});

test('no text at all is taken, nor crashes', async () => {
  const verifier = verifierFor();
  const part = fc.oneof(
    fc.json().map((json) => Buffer.from(json).toString('base64url')),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 5 }), async (parts) => {
      await refused(verifier.verify(parts.join('.')), [
        'assertion_missing',
        'assertion_malformed',
        'assertion_signature',
      ]);
    }),
    { numRuns: runs(300) },
  );
});
