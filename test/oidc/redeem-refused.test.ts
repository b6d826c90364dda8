import { test } from 'node:test';
import type { Behaviour } from '../support/provider.ts';
import { makeRig, refused } from './rig.ts';

const now = Math.floor(Date.now() / 1000);

/** The answers that D2 and D3 of the attack list name; its conformance modules are the source of most. */
const unbelievable: Record<string, Behaviour> = {
  'alg none': { idToken: { alg: 'none' } },
  'HS256 keyed with the public key': { idToken: { alg: 'HS256' } },
  'a foreign key under the published kid': { idToken: { foreignKey: true } },
  'a broken signature': { idToken: { brokenSignature: true } },
  'an unknown kid': { idToken: { kid: 'nobody' } },
  'wrong iss': { idToken: { claims: { iss: 'https://evil.example' } } },
  'no iss': { idToken: { claims: { iss: null } } },
  'wrong aud': { idToken: { claims: { aud: 'other' } } },
  'no aud': { idToken: { claims: { aud: null } } },
  'two audiences without azp': { idToken: { claims: { aud: ['portal', 'other'] } } },
  'another azp': { idToken: { claims: { azp: 'other' } } },
  'another azp beside two audiences': { idToken: { claims: { aud: ['portal', 'other'], azp: 'other' } } },
  'wrong nonce': { idToken: { claims: { nonce: 'other' } } },
  'no nonce': { idToken: { claims: { nonce: null } } },
  'no sub': { idToken: { claims: { sub: null } } },
  'empty sub': { idToken: { claims: { sub: '' } } },
  'sub as a number': { idToken: { claims: { sub: 7 } } },
  expired: { idToken: { claims: { exp: now - 300 } } },
  'no exp': { idToken: { claims: { exp: null } } },
  'exp 1e300': { idToken: { claims: { exp: 1e300 } } },
  'exp as text': { idToken: { claims: { exp: '9999999999' } } },
  'an hour-old iat': { idToken: { claims: { iat: now - 4000 } } },
  'iat in the future': { idToken: { claims: { iat: now + 600 } } },
  'no iat': { idToken: { claims: { iat: null } } },
  'nbf in the future': { idToken: { claims: { nbf: now + 600 } } },
  'auth_time in the future': { idToken: { claims: { auth_time: now + 600 } } },
  'auth_time as text': { idToken: { claims: { auth_time: 'yesterday' } } },
  'another at_hash': { idToken: { claims: { at_hash: 'A'.repeat(22) } } },
  'at_hash of no known length': { idToken: { claims: { at_hash: 'AAAA' } } },
  'at_hash that is no text': { idToken: { claims: { at_hash: 7 } } },
  'no ID token': { tokenParams: { id_token: null } },
  'a word for an ID token': { tokenParams: { id_token: 'token' } },
  'no access token': { tokenParams: { access_token: null } },
  'a token type that nobody knows': { tokenParams: { token_type: 'mac' } },
  'a page from the token endpoint': { token: 'html' },
  'an array from the token endpoint': { token: 'array' },
  'a redirect from the token endpoint': { token: 'redirect' },
  '10 MB from the token endpoint': { token: 'huge' },
  '404 from the token endpoint': { token: 404 },
  invalid_client: { token: { error: 'invalid_client', status: 401 } },
  invalid_request: { token: { error: 'invalid_request' } },
  'userinfo of another sub': { userinfoClaims: { sub: 'sub-eve' } },
  'userinfo without sub': { userinfoClaims: { sub: null } },
  'userinfo as a page': { userinfo: 'html' },
  'userinfo as an array': { userinfo: 'array' },
  'userinfo of 10 MB': { userinfo: 'huge' },
  'userinfo with a redirect': { userinfo: 'redirect' },
  'userinfo 401': { userinfo: 401 },
  'signed userinfo by a foreign key': { userinfo: 'jwt', userinfoToken: { foreignKey: true } },
  'signed userinfo with alg none': { userinfo: 'jwt', userinfoToken: { alg: 'none' } },
  'signed userinfo of another sub': { userinfo: 'jwt', userinfoClaims: { sub: 'sub-eve' } },
  'signed userinfo for another client': { userinfo: 'jwt', userinfoToken: { claims: { aud: 'other' } } },
  'a key set that is a page': { jwks: 'html' },
  'a key set that is an array': { jwks: 'array' },
  'a key set without a fitting key': { jwks: { keys: [] } },
};
for (const [name, behaviour] of Object.entries(unbelievable)) {
  test(`provider_error: ${name} (D2, D3)`, async (t) => {
    await refused(await makeRig(t), behaviour, 'provider_error');
  });
}
