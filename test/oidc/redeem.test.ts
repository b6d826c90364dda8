import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Behaviour } from '../support/provider.ts';
import { makeRig, PERSON, refused, soon } from './rig.ts';

const now = Math.floor(Date.now() / 1000);

test('a code becomes claims: userinfo for the person, the ID token for the login', async (t) => {
  const rig = await makeRig(t);
  rig.provider.setPerson({
    ...PERSON,
    acr: 'urn:signicat:oidc:method:nbid',
    amr: ['nbid'],
    auth_time: now - 5,
  });
  const { acr, amr, ...personal } = await rig.redeem();
  assert.equal(acr, 'urn:signicat:oidc:method:nbid');
  assert.deepEqual(amr, ['nbid']);
  assert.equal(personal.auth_time, now - 5);
  assert.equal(personal.sub, PERSON.sub);
  assert.equal(personal.name, PERSON.name);
  assert.equal(personal['signicat.national_id'], '17029012345');
  assert.equal(rig.provider.calls('token'), 1);
});

test('userinfo cannot change who was verified and how', async (t) => {
  const rig = await makeRig(t);
  rig.provider.setPerson({ ...PERSON, acr: 'low', amr: ['pin'] });
  rig.provider.behave({
    userinfoClaims: { acr: 'high', amr: ['face'], auth_time: 1, aud: 'portal', iss: 'https://evil.example' },
    idToken: { claims: { name: 'Old Name' } },
  });
  const claims = await rig.redeem();
  assert.deepEqual([claims.acr, claims.amr, claims.iss], ['low', ['pin'], rig.provider.issuer]);
  assert.notEqual(claims.auth_time, 1);
  assert.equal(claims.name, PERSON.name);
});

test('an acr that only userinfo tells does not count', async (t) => {
  const rig = await makeRig(t);
  rig.provider.behave({ idToken: { claims: { acr: null } }, userinfoClaims: { acr: 'high' } });
  assert.equal((await rig.redeem()).acr, undefined);
});

test('without a userinfo endpoint the ID token alone gives the claims', async (t) => {
  const rig = await makeRig(t);
  rig.provider.behave({
    discovery: { userinfo_endpoint: null },
    idToken: { claims: { name: 'From The Token' } },
  });
  assert.equal((await rig.redeem()).name, 'From The Token');
  assert.equal(rig.provider.calls('userinfo'), 0);
});

const good: Record<string, Behaviour> = {
  'signed userinfo': { userinfo: 'jwt' },
  'an ID token without kid while there is one key': { idToken: { kid: null } },
  'an ID token without at_hash': { idToken: { claims: { at_hash: null } } },
  'amr as text, the way Signicat sends it': { idToken: { claims: { amr: 'nbid' } } },
  'aud as a list of one': { idToken: { claims: { aud: ['portal'] } } },
  'two audiences with azp': { idToken: { claims: { aud: ['portal', 'other'], azp: 'portal' } } },
  'a clock two minutes late': { idToken: { claims: { iat: now - 720, exp: now - 90 } } },
  'a clock nearly two minutes early': { idToken: { claims: { iat: now + 100, auth_time: now + 100 } } },
  'an end after 2038': { idToken: { claims: { exp: now + 300 * 86_400 } } },
};
for (const [name, behaviour] of Object.entries(good)) {
  test(`redeemed: ${name}`, async (t) => {
    const rig = await makeRig(t);
    rig.provider.behave(behaviour);
    assert.equal((await rig.redeem()).name, PERSON.name);
  });
}

const encrypted: Record<string, Behaviour> = {
  'encrypted ID token, nested': { encryptIdToken: true },
  'encrypted and signed userinfo': { userinfo: 'jwe' },
  'encrypted userinfo without a signature': { userinfo: 'jwe-json' },
  'everything encrypted': { encryptIdToken: true, userinfo: 'jwe' },
};
for (const [name, behaviour] of Object.entries(encrypted)) {
  test(`redeemed with authDecryptionKeys: ${name}`, async (t) => {
    const rig = await makeRig(t, {
      connection: ({ decryptionKey }) => ({ decryptionKeys: [{ kty: 'RSA', ...decryptionKey }] }),
    });
    rig.provider.behave(behaviour);
    assert.equal((await rig.redeem()).name, PERSON.name);
  });

  test(`provider_error without authDecryptionKeys: ${name}`, async (t) => {
    await refused(await makeRig(t), behaviour, 'provider_error');
  });
}

test('a decryption key without alg opens what it can', async (t) => {
  const rig = await makeRig(t, {
    connection: ({ decryptionKey: { kid, n, e, d, p, q, dp, dq, qi } }) => ({
      decryptionKeys: [{ kty: 'RSA', kid, n, e, d, p, q, dp, dq, qi }],
    }),
  });
  rig.provider.behave({ encryptIdToken: true, userinfo: 'jwe-json' });
  assert.equal((await rig.redeem()).name, PERSON.name);
});

test('an encrypted ID token is believed no more than a plain one (D2, D3)', async (t) => {
  const rig = await makeRig(t, {
    connection: ({ decryptionKey }) => ({ decryptionKeys: [{ kty: 'RSA', ...decryptionKey }] }),
  });
  await refused(rig, { encryptIdToken: true, idToken: { foreignKey: true } }, 'provider_error');
  await refused(rig, { encryptIdToken: true, idToken: { alg: 'none' } }, 'provider_error');
  await refused(
    rig,
    { encryptIdToken: true, idToken: { claims: { at_hash: 'A'.repeat(22) } } },
    'provider_error',
  );
  await refused(rig, { userinfo: 'jwe', userinfoToken: { foreignKey: true } }, 'provider_error');
  await refused(rig, { userinfo: 'jwe-json', userinfoClaims: { sub: 'other' } }, 'provider_error');
});

test('an ID token without kid is refused while several keys could fit', async (t) => {
  const rig = await makeRig(t);
  await rig.provider.rotateKeys({ keepOld: true });
  await refused(rig, { idToken: { kid: null } }, 'provider_error');
});

test('HS256 and none are refused though the document offers them', async (t) => {
  const rig = await makeRig(t);
  const offer = { id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'] };
  rig.provider.behave({ discovery: offer });
  assert.equal((await rig.redeem()).name, PERSON.name);
  await refused(rig, { idToken: { alg: 'HS256' } }, 'provider_error');
  await refused(rig, { idToken: { alg: 'none' } }, 'provider_error');
});

test('code_expired when the provider calls the code invalid', async (t) => {
  const rig = await makeRig(t);
  await refused(rig, { codeLifetimeMs: -1 }, 'code_expired');
  await refused(rig, { token: { error: 'invalid_grant' } }, 'code_expired');
});

test('a code is redeemed once: the second time it is code_expired', async (t) => {
  const rig = await makeRig(t);
  const outcome = await rig.login();
  assert.equal(outcome.kind, 'code');
  await rig.logins.redeem(rig.connection, outcome.waiting, soon());
  await assert.rejects(rig.logins.redeem(rig.connection, outcome.waiting, soon()), { code: 'code_expired' });
});

test('the verifier of another transaction redeems nothing (PKCE)', async (t) => {
  const rig = await makeRig(t);
  const [a, b] = [await rig.login(), await rig.login()];
  assert.ok(a.kind === 'code' && b.kind === 'code');
  const crossed = { ...a.waiting, codeVerifier: b.waiting.codeVerifier };
  await assert.rejects(rig.logins.redeem(rig.connection, crossed, soon()), { code: 'code_expired' });
});

for (const [name, behaviour] of Object.entries<Behaviour>({
  'token endpoint hangs': { token: 'hang' },
  'token endpoint cuts the connection': { token: 'drop' },
  'token endpoint 503': { token: 503 },
  'token endpoint 429': { token: 429 },
  'userinfo hangs': { userinfo: 'hang' },
  'userinfo cuts the connection': { userinfo: 'drop' },
  'userinfo 500': { userinfo: 500 },
  'key set 500': { jwks: 500 },
  'key set hangs': { jwks: 'hang' },
})) {
  test(`provider_unavailable, and the code counts as spent: ${name}`, async (t) => {
    await refused(await makeRig(t, { timeoutMs: 300 }), behaviour, 'provider_unavailable', false);
  });
}

test('provider_unavailable with the code still good when the provider cannot be reached', async (t) => {
  const rig = await makeRig(t);
  const outcome = await rig.login();
  assert.ok(outcome.kind === 'code');
  await rig.provider.down();
  await assert.rejects(rig.logins.redeem(rig.connection, outcome.waiting, soon()), {
    code: 'provider_unavailable',
    notSent: true,
  });
  await rig.provider.up();
  assert.equal((await rig.logins.redeem(rig.connection, outcome.waiting, soon())).name, PERSON.name);
});

test('a deadline that is over sends nothing', async (t) => {
  const rig = await makeRig(t);
  const outcome = await rig.login();
  assert.ok(outcome.kind === 'code');
  await assert.rejects(rig.logins.redeem(rig.connection, outcome.waiting, soon(-1)), {
    code: 'provider_unavailable',
    notSent: true,
  });
  assert.equal(rig.provider.calls('token'), 0);
});

test('a deadline shorter than the provider timeout ends a hanging call', async (t) => {
  const rig = await makeRig(t);
  const outcome = await rig.login();
  assert.ok(outcome.kind === 'code');
  rig.provider.behave({ token: 'hang' });
  const began = performance.now();
  await assert.rejects(rig.logins.redeem(rig.connection, outcome.waiting, soon(200)), {
    code: 'provider_unavailable',
  });
  assert.ok(performance.now() - began < 1500);
});

test('client_secret_post sends the secret in the body only, a public client none', async (t) => {
  const clients = { portal: { secret: 'portal-secret', method: 'client_secret_post' as const } };
  const post = await makeRig(t, {
    provider: { clients },
    connection: () => ({ tokenAuthMethod: 'client_secret_post' }),
  });
  assert.equal((await post.redeem()).name, PERSON.name);
  const open = await makeRig(t, {
    provider: { clients: { portal: {} } },
    connection: () => ({ clientSecret: undefined }),
  });
  assert.equal((await open.redeem()).name, PERSON.name);
});

test('a provider that wants the other method says invalid_client: provider_error', async (t) => {
  const rig = await makeRig(t, { connection: () => ({ tokenAuthMethod: 'client_secret_post' }) });
  await refused(rig, {}, 'provider_error');
});

test('claims named like members of Object stay data', async (t) => {
  const rig = await makeRig(t);
  rig.provider.setPerson(
    JSON.parse('{"sub":"sub-anna","__proto__":{"acr":"high"},"constructor":"x"}') as typeof PERSON,
  );
  const claims = await rig.redeem();
  assert.equal(Object.getPrototypeOf(claims), Object.prototype);
  assert.equal(claims.constructor, 'x');
  assert.ok(Object.hasOwn(claims, '__proto__'));
});
