/**
 * Threat: a token that nobody, or somebody else, has signed is believed because it came from the token endpoint. Only the
 * provider's published keys under public-key algorithms verify anybody, and no token says where its key is to be found.
 */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { exportJWK } from 'jose';
import {
  keyedWith,
  publicSecrets,
  readJws,
  signed,
  signingInput,
  withHeader,
} from '../support/forged-tokens.ts';
import { startProvider, type Behaviour } from '../support/provider.ts';
import { makeSigningKey, type TokenShape } from '../support/provider-tokens.ts';
import { runs } from '../support/runs.ts';
import { kari, ola, startSystem, type System } from '../support/system.ts';
import { assertBelieved, assertRefused, redeemUnder } from '../support/redemption.ts';

type Rewrite = NonNullable<TokenShape['rewrite']>;

/** The same forgery as ID token and as signed userinfo. */
const places: Record<string, (shape: TokenShape) => Behaviour> = {
  'ID token': (idToken) => ({ idToken }),
  userinfo: (userinfoToken) => ({ userinfo: 'jwt', userinfoToken }),
};

async function assertEach(system: System, forgeries: Record<string, TokenShape>): Promise<void> {
  for (const [name, shape] of Object.entries(forgeries))
    for (const [place, behave] of Object.entries(places))
      assertRefused(await redeemUnder(system, behave(shape)), `${place}: ${name}`);
}

test('unsigned tokens, under every spelling of none', async (t) => {
  const system = await startSystem(t);
  const spellings = ['none', 'None', 'NONE', 'nOnE', ' none', 'none ', '', null, 'null', 'RS256 none'];
  const unsigned =
    (alg: string | null, signature: string): Rewrite =>
    (token) => {
      const { header, claims } = readJws(token);
      return `${signingInput({ ...header, alg }, claims)}.${signature}`;
    };
  const real = await makeSigningKey();
  await assertEach(system, {
    'idtoken-sig-none, invalid-null-alg': { alg: 'none' },
    ...Object.fromEntries(
      spellings.flatMap((alg) => [
        [`alg ${String(alg)} without a signature`, { rewrite: unsigned(alg, '') }],
        [`alg ${String(alg)} with a signature`, { rewrite: unsigned(alg, 'AAAA') }],
      ]),
    ),
    'RS256 without a signature': { rewrite: unsigned('RS256', '') },
    'no alg at all': { rewrite: (token) => signed({ typ: 'JWT' }, readJws(token).claims, real) },
    'two parts': { rewrite: (token) => token.split('.').slice(0, 2).join('.') },
    'four parts': { rewrite: (token) => `${token}.AAAA` },
    'JSON serialization': {
      rewrite: (token) => {
        const [header, payload, signature] = token.split('.');
        return JSON.stringify({ payload, signatures: [{ protected: header, signature }] });
      },
    },
  });
});

test('HS256 keyed with what everybody knows, and with the client secret', async (t) => {
  const system = await startSystem(t);
  const secrets = Object.entries(publicSecrets).map(([name, secret]): [string, TokenShape] => [
    `invalid-sig-hs256: ${name}`,
    { rewrite: keyedWith(secret) },
  ]);
  await assertEach(system, {
    ...Object.fromEntries(secrets),
    'the client secret': { rewrite: keyedWith(() => 'portal-secret') },
    'the client id': { rewrite: keyedWith(() => 'portal') },
  });
});

test('foreign keys: under a published kid, in the token itself, or at an address that the token names', async (t) => {
  const system = await startSystem(t);
  const elsewhere = await startProvider();
  t.after(() => elsewhere.stop());
  const own = await makeSigningKey();
  const with_ = (header: Record<string, unknown>): TokenShape => ({
    rewrite: (token, key) => {
      const { claims } = readJws(token);
      return signed({ alg: 'RS256', kid: key.kid, ...header }, claims, own);
    },
  });
  await assertEach(system, {
    'invalid-sig-rs256': { brokenSignature: true },
    'invalid-signature': { foreignKey: true },
    'another kid': { kid: 'nobody' },
    'kid in the token itself': with_({ jwk: own.jwk }),
    'kid of the key in the token itself': with_({ jwk: own.jwk, kid: own.kid }),
    'jku elsewhere': with_({ jku: `${elsewhere.url}/jwks.json`, kid: own.kid }),
    'x5u elsewhere': with_({ x5u: `${elsewhere.url}/jwks.json`, kid: own.kid }),
    'x5c in the token itself': with_({ x5c: ['MIIB'], kid: own.kid }),
    'kid as a path': with_({ kid: '../../../../dev/null' }),
    'kid as an address': with_({ kid: `${elsewhere.url}/jwks.json` }),
    'kid as an object': with_({ kid: { toString: 'key-1' } }),
    'kid __proto__': with_({ kid: '__proto__' }),
  });
  assert.equal(elsewhere.requests.length, 0, 'nothing is fetched from where a token says');
});

test('invalid-alternate-alg: the published key under algorithms that it is not for', async (t) => {
  const system = await startSystem(t);
  const digests = { RS384: 'RSA-SHA384', RS512: 'RSA-SHA512' };
  const under = (alg: string, digest = 'RSA-SHA256'): TokenShape => ({
    rewrite: (token, key) => {
      const { header, claims } = readJws(token);
      return signed({ ...header, alg }, claims, key, digest);
    },
  });
  await assertEach(system, {
    ...Object.fromEntries(Object.entries(digests).map(([alg, digest]) => [alg, under(alg, digest)])),
    ...Object.fromEntries(
      ['PS256', 'ES256', 'EdDSA', 'RS1', 'HS256', 'rs256', 'RSA-OAEP'].map((alg) => [
        `alg ${alg}`,
        under(alg),
      ]),
    ),
    'a member that is critical and unknown': { rewrite: withHeader({ crit: ['made-up'], 'made-up': 1 }) },
    'a payload that is not encoded': { rewrite: withHeader({ crit: ['b64'], b64: false }) },
    'critical members, of which there are none': { rewrite: withHeader({ crit: [] }) },
  });
  for (const [place, behave] of Object.entries(places))
    assertBelieved(await redeemUnder(system, behave({ rewrite: withHeader({ extra: 1 }) })), place);

  // a key that names no algorithm, at a provider that announces RS256
  const unnamed = { ...system.provider.signingJwk() };
  delete unnamed.alg;
  const fresh = await startSystem(t, { provider: system.provider });
  const behaviour = { jwks: { keys: [unnamed] }, idToken: under('RS384', 'RSA-SHA384') };
  assertRefused(await redeemUnder(fresh, behaviour), 'RS384 where RS256 is announced');
});

test('the signature of one token under the claims of another', async (t) => {
  const system = await startSystem(t);
  let stolen = '';
  const take: Rewrite = (token) => (stolen = token);
  for (const [place, behave] of Object.entries(places)) {
    assertBelieved(await redeemUnder(system, behave({ rewrite: take })), place);
    const spliced = await redeemUnder(
      system,
      behave({
        claims: { name: 'Eve' },
        rewrite: (token) => [...token.split('.').slice(0, 2), stolen.split('.')[2]].join('.'),
      }),
    );
    assertRefused(spliced, `${place}: spliced`);
  }
  assertBelieved(
    await redeemUnder(system, places['ID token']!({ rewrite: take })),
    'a token of an own login',
  );
  assertRefused(
    await redeemUnder(system, { idToken: { rewrite: () => stolen } }),
    'replayed in another login',
  );
  assertRefused(
    await redeemUnder(system, { userinfo: 'jwt', userinfoToken: { claims: ola } }),
    'signed well, about somebody else',
  );
});

test('key sets: no kid among several, keys for encryption, keys that are secret, rotation', async (t) => {
  const provider = await startProvider({ person: kari });
  t.after(() => provider.stop());
  const own = await makeSigningKey();
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const unfit: Record<string, Behaviour> = {
    'kid-absent-multiple-jwks': { idToken: { kid: null }, jwks: { keys: [own.jwk, provider.signingJwk()] } },
    'only a key for encryption': { jwks: { keys: [{ ...provider.signingJwk(), use: 'enc' }] } },
    'only a key for another algorithm': { jwks: { keys: [{ ...provider.signingJwk(), alg: 'PS256' }] } },
    'only a key of another type under the kid': {
      jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: provider.signingJwk().kid! }] },
    },
    'a secret key under the kid': {
      jwks: { keys: [{ kty: 'oct', k: 'c2VjcmV0', kid: provider.signingJwk().kid! }] },
      idToken: { rewrite: keyedWith(() => 'secret') },
    },
    'no key': { jwks: { keys: [] } },
    'keys that are none': { jwks: { keys: [null, 1, 'x'] as never } },
  };
  for (const [name, behaviour] of Object.entries(unfit)) {
    // a system for each, since a key set that was good once is remembered
    const system = await startSystem(t, { provider });
    assertRefused(await redeemUnder(system, behaviour), name);
  }
  const system = await startSystem(t, { provider });
  assertBelieved(await redeemUnder(system, { idToken: { kid: null } }), 'kid-absent-single-jwks');
  await provider.rotateKeys();
  assertBelieved(await redeemUnder(system, {}), 'signing-key-rotation');
});

test('the ID token of a public algorithm under any header is believed only with its own signature', async (t) => {
  const system = await startSystem(t);
  const own = await makeSigningKey();
  const header = fc.record(
    {
      alg: fc.constantFrom<unknown>('RS256', 'none', 'HS256', 'ES256', 'PS256', '', null, ['RS256'], 1),
      kid: fc.constantFrom<unknown>('key-1', 'nobody', '', null, 1),
      typ: fc.constantFrom<unknown>('JWT', 'at+jwt', 'jwt', 1),
      jwk: fc.constant(own.jwk),
      jku: fc.constant('http://127.0.0.1:9/jwks.json'),
      crit: fc.constantFrom<unknown>([], ['exp'], 'exp'),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(header, async (over) => {
      const rewrite: Rewrite = (token) => signed(over, readJws(token).claims, own);
      assertRefused(await redeemUnder(system, { idToken: { rewrite } }), JSON.stringify(over));
    }),
    { numRuns: runs(30) },
  );
});
