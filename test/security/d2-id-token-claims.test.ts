/**
 * Threat: a provider's answer that must not be believed becomes somebody's identity. Every case of the OpenID conformance
 * modules, as ID token and as userinfo, plain and encrypted, ends in 502 `provider_error` with nothing at the upstream.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { forgedJwes } from '../support/forged-jwes.ts';
import { startProvider, type Behaviour, type Provider } from '../support/provider.ts';
import { encryptFor } from '../support/provider-tokens.ts';
import { closesMidBody, gzipBomb, gzipped, redirectTo, says } from '../support/provider-troubles.ts';
import { mutate, mutation, readsAlike } from '../support/mutated-tokens.ts';
import { runs } from '../support/runs.ts';
import { claimRows } from '../support/unbelievable-claims.ts';
import { kari, startSystem, type System } from '../support/system.ts';
import { assertBelieved, assertRefused, redeemUnder } from '../support/redemption.ts';

const now = Math.floor(Date.now() / 1000);

async function systemOf(t: Parameters<typeof startSystem>[0]): Promise<System & { provider: Provider }> {
  const provider = await startProvider({ person: kari });
  t.after(() => provider.stop());
  return startSystem(t, {
    provider,
    connection: { authDecryptionKeys: [provider.decryptionKey] },
    options: { loginsPerMinute: 1_000_000 },
  });
}

test('ID-token claims: every row of the conformance table, plain and encrypted', async (t) => {
  const system = await systemOf(t);
  for (const [name, { claims, believed }] of Object.entries(claimRows(now, system.provider.issuer))) {
    for (const encryptIdToken of [false, true]) {
      const verdict = await redeemUnder(system, { encryptIdToken, idToken: { claims } });
      const row = `${name}${encryptIdToken ? ', encrypted' : ''}`;
      if (believed === true) assertBelieved(verdict, row);
      else assertRefused(verdict, row);
    }
  }
});

test('userinfo: of another person, of another issuer or of none, in every form', async (t) => {
  const system = await systemOf(t);
  const { issuer } = system.provider;
  const subs: Record<string, Behaviour> = {
    'userinfo-invalid-sub': { userinfoClaims: { sub: 'ola-sub' } },
    'userinfo without sub': { userinfoClaims: { sub: null } },
    'userinfo with an empty sub': { userinfoClaims: { sub: '' } },
    'userinfo with a sub in another case': { userinfoClaims: { sub: 'KARI-SUB' } },
    'userinfo with a sub in a list': { userinfoClaims: { sub: ['kari-sub'] } },
  };
  for (const [name, behaviour] of Object.entries(subs)) {
    assertRefused(await redeemUnder(system, behaviour), name);
    for (const userinfo of ['jwt', 'jwe', 'jwe-json'] as const)
      assertRefused(await redeemUnder(system, { ...behaviour, userinfo }), `${name}, ${userinfo}`);
  }
  const foreign: Record<string, Behaviour['userinfoToken']> = {
    'invalid-iss': { claims: { iss: 'https://evil.example' } },
    'invalid-aud': { claims: { aud: 'other' } },
    expired: { claims: { exp: now - 300 } },
    'from the future': { claims: { nbf: now + 900 } },
  };
  for (const [name, userinfoToken] of Object.entries(foreign))
    for (const userinfo of ['jwt', 'jwe'] as const)
      assertRefused(
        await redeemUnder(system, { userinfo, userinfoToken: userinfoToken! }),
        `${name}, ${userinfo}`,
      );
  for (const userinfo of ['jwt', 'jwe', 'jwe-json'] as const)
    assertBelieved(await redeemUnder(system, { userinfo }), `userinfo-signed, ${userinfo}`);
  assertBelieved(await redeemUnder(system, { userinfo: gzipped(kari) }), 'packed, as was asked for');
  // a signed ID token that is sent in place of userinfo is about the login, but it is addressed to the right client
  assertRefused(
    await redeemUnder(system, {
      userinfo: 'jwt',
      userinfoToken: { claims: { iss: `${issuer}x`, sub: 'ola-sub' } },
    }),
    'a token of another issuer',
  );
});

test('answers of the wrong shape: arrays, pages, nothing, other errors, too much', async (t) => {
  const system = await systemOf(t);
  const elsewhere = await startProvider();
  t.after(() => elsewhere.stop());
  const large = { ...kari, filler: 'x'.repeat(2_000_000) };
  const bodies = [
    '',
    'null',
    '[]',
    '"text"',
    '1',
    '{',
    '{"sub":"kari-sub"',
    '[{"sub":"kari-sub"}]',
    '\ufeff',
  ];
  const shapes: Record<string, Exclude<Behaviour['userinfo'], 'jwt' | 'jwe' | 'jwe-json' | undefined>> = {
    html: 'html',
    array: 'array',
    huge: 'huge',
    redirect: 'redirect',
    'status 204': 204,
    'status 400': 400,
    'status 401': 401,
    'status 404': 404,
    'a gzip bomb': gzipBomb,
    '2 MB about the right person': says(JSON.stringify(large)),
    '2 MB about the right person, packed': gzipped(large),
    'a page that says it is JSON': says('<!doctype html><p>Log in</p>'),
    'JSON that says it is a token': says(JSON.stringify(kari), 'application/jwt'),
    ...Object.fromEntries(bodies.map((body) => [`body ${body}`, says(body)])),
    ...Object.fromEntries(
      [301, 302, 303, 307, 308].map((status) => [`${status}`, redirectTo(`${elsewhere.url}/token`, status)]),
    ),
  };
  for (const [name, trouble] of Object.entries(shapes))
    for (const endpoint of ['token', 'userinfo'] as const)
      assertRefused(await redeemUnder(system, { [endpoint]: trouble }), `${endpoint}: ${name}`);
  for (const endpoint of ['token', 'userinfo'] as const)
    assertRefused(
      await redeemUnder(system, { [endpoint]: closesMidBody }),
      `${endpoint}: closed in mid-body`,
      'provider_unavailable',
    );
  assert.equal(elsewhere.requests.length, 0, 'no code, secret or token goes to another place');
});

test('token answers: what must be in them is, and what may be missing may', async (t) => {
  const system = await systemOf(t);
  const refused: Record<string, Behaviour> = {
    'no ID token': { tokenParams: { id_token: null } },
    'an empty ID token': { tokenParams: { id_token: '' } },
    'an ID token that is no text': { tokenParams: { id_token: { sub: 'kari-sub' } } },
    'no access token': { tokenParams: { access_token: null } },
    'an access token that is no text': { tokenParams: { access_token: ['x'] } },
    'another token type': { tokenParams: { token_type: 'mac' } },
    'no token type': { tokenParams: { token_type: null } },
    'error beside tokens': { token: { error: 'server_error' } },
    invalid_client: { token: { error: 'invalid_client', status: 401 } },
  };
  for (const [name, behaviour] of Object.entries(refused))
    assertRefused(await redeemUnder(system, behaviour), name);
  const believed: Record<string, Behaviour> = {
    'token-type-case-insensitivity': { tokenParams: { token_type: 'bEARER' } },
    'token-endpoint-response-without-expires_in': { tokenParams: { expires_in: null } },
    'no-scope-in-token-endpoint-response': { tokenParams: { scope: null } },
  };
  for (const [name, behaviour] of Object.entries(believed))
    assertBelieved(await redeemUnder(system, behaviour), name);
});

test('encrypted answers: 10 MB, bombs, other algorithms and other keys are refused, and the next login works', async (t) => {
  const system = await systemOf(t);
  const rewrites = await forgedJwes();
  for (const [name, rewrite] of Object.entries(rewrites)) {
    assertRefused(await redeemUnder(system, { idToken: { rewrite } }), `ID token: ${name}`);
    // for userinfo that is an allowed form (OpenID Connect Core, section 5.3.2)
    if (name === 'encrypted claims without a signature') continue;
    const behaviour = { userinfo: 'jwt', userinfoToken: { rewrite } } as const;
    assertRefused(await redeemUnder(system, behaviour), `userinfo: ${name}`);
  }
  assertBelieved(await redeemUnder(system, { encryptIdToken: true, userinfo: 'jwe' }), 'encrypted-idtoken');
});

test('a valid token with anything in it changed becomes nobody, signed or encrypted', async (t) => {
  const system = await systemOf(t);
  let tried = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(mutation, { minLength: 1, maxLength: 3 }),
      fc.constantFrom('id_token', 'id_token, encrypted', 'userinfo', 'userinfo, encrypted'),
      async (mutations, place) => {
        const seen = { alike: false };
        const rewrite = async (token: string) => {
          const whole = place.endsWith('encrypted') ? await encryptFor(token, true) : token;
          const mutated = mutations.reduce(mutate, whole);
          // other letters for the same bytes are the same token
          seen.alike = readsAlike(whole, mutated);
          return mutated;
        };
        const shape = { rewrite };
        const verdict = await redeemUnder(
          system,
          place.startsWith('id_token') ? { idToken: shape } : { userinfo: 'jwt', userinfoToken: shape },
        );
        if (seen.alike) return;
        tried += 1;
        assertRefused(verdict, place);
      },
    ),
    { numRuns: runs(40) },
  );
  assert.ok(tried > 25);
  assertBelieved(await redeemUnder(system, { encryptIdToken: true, userinfo: 'jwe' }), 'unchanged');
});

test('claims by reference are not fetched from where a token says', async (t) => {
  const system = await systemOf(t);
  const elsewhere = await startProvider();
  t.after(() => elsewhere.stop());
  const sources = { src: { endpoint: `${elsewhere.url}/userinfo`, access_token: 'at-elsewhere' } };
  const claims = { _claim_names: { name: 'src', national_id: 'src' }, _claim_sources: sources };
  assertBelieved(
    await redeemUnder(system, { userinfoClaims: claims, idToken: { claims } }),
    'distributed-claims',
  );
  const aggregated = { _claim_names: { given_name: 'src' }, _claim_sources: { src: { JWT: 'e30.e30.' } } };
  assertBelieved(await redeemUnder(system, { userinfoClaims: aggregated }), 'aggregated-claims');
  assert.equal(elsewhere.requests.length, 0);
});
