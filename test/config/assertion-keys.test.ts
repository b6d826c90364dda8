import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { test } from 'node:test';
import { fourLines, placesOf, resolved } from './examples.ts';

const key = (more: object = {}, namedCurve = 'P-256') => ({
  ...(generateKeyPairSync('ec', { namedCurve }).privateKey.export({ format: 'jwk' }) as JsonWebKey & {
    kty: 'EC';
  }),
  ...more,
});

test('assertionKeys are taken as a list and as a JWK set, in their order', () => {
  const keys = [key({ kid: 'new' }), key()];
  for (const assertionKeys of [keys, { keys }])
    assert.deepEqual(resolved({ ...fourLines, assertionKeys }).assertionKeys, keys);
  assert.deepEqual(resolved(fourLines).assertionKeys, []);
});

const one = key();
const thumbprint = ({ crv, kty, x, y }: JsonWebKey) =>
  createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
const refused: readonly [string, unknown, string][] = [
  ['an empty list', [], 'assertionKeys'],
  ['another curve', [key({}, 'P-384')], 'assertionKeys[0]'],
  ['another type', [{ kty: 'oct', k: 'AAAA' }], 'assertionKeys[0]'],
  ['a public key', [{ ...one, d: undefined }], 'assertionKeys[0]'],
  ['a private part of another key', [{ ...one, d: key().d }], 'assertionKeys[0]'],
  ['no key at all', { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'd' }] }, 'assertionKeys.keys[0]'],
  ['one key twice', [one, one], 'assertionKeys[1].kid'],
  ['two keys of one name', [key({ kid: 'a' }), key({ kid: 'a' })], 'assertionKeys[1].kid'],
  [
    'a name that another key has for its thumbprint',
    [one, key({ kid: thumbprint(one) })],
    'assertionKeys[1].kid',
  ],
  ['a key for another algorithm', [key({ alg: 'ES384' })], 'assertionKeys[0]'],
  ['a key for another use', [key({ use: 'enc' })], 'assertionKeys[0]'],
  ['a key that is not to sign', [key({ key_ops: ['verify'] })], 'assertionKeys[0]'],
  ['a name that is no text', [key({ kid: 7 })], 'assertionKeys[0].kid'],
  ['a name with a line break', [key({ kid: 'a\r\nb' })], 'assertionKeys[0].kid'],
];
for (const [name, assertionKeys, place] of refused) {
  test(`assertionKeys refuse ${name}`, () => {
    assert.deepEqual([...new Set(placesOf({ ...fourLines, assertionKeys }))], [place]);
  });
}
