import type { ClaimSet } from './provider-tokens.ts';

/** One row of the conformance table: claims laid over a good token (`null` removes), and whether it is to be believed. */
export interface ClaimsRow {
  readonly claims: ClaimSet;
  readonly believed?: boolean;
}

/**
 * ID-token claims by the names of the OpenID Foundation's conformance modules for clients (as openid-client runs them),
 * and the neighbours that those leave out.
 *
 * @param now Seconds since 1970.
 */
export function claimRows(now: number, issuer: string): Record<string, ClaimsRow> {
  return {
    'idtoken-sig-rs256': { claims: {}, believed: true },
    'invalid-iss': { claims: { iss: `${issuer}1` } },
    'invalid-iss: a slash more': { claims: { iss: `${issuer}/` } },
    'invalid-iss: another case': { claims: { iss: issuer.toUpperCase() } },
    'invalid-iss: a list with the right one': { claims: { iss: [issuer] } },
    'invalid-missing-iss': { claims: { iss: null } },
    'invalid-aud': { claims: { aud: 'portal1' } },
    'invalid-aud: another case': { claims: { aud: 'PORTAL' } },
    'invalid-aud: an object': { claims: { aud: { portal: true } } },
    'invalid-aud: an empty list': { claims: { aud: [] } },
    'missing-aud': { claims: { aud: null } },
    'valid-aud-as-array': { claims: { aud: ['portal'] }, believed: true },
    'invalid-secondary-aud': { claims: { aud: ['portal', 'other'] } },
    'invalid-secondary-aud: azp of the other': { claims: { aud: ['portal', 'other'], azp: 'other' } },
    'two audiences, azp is ours': { claims: { aud: ['portal', 'other'], azp: 'portal' }, believed: true },
    'one audience, azp of another': { claims: { azp: 'other' } },
    'azp is no text': { claims: { azp: ['portal'] } },
    'invalid-expired-exp': { claims: { exp: now - 300 } },
    'invalid-missing-exp': { claims: { exp: null } },
    'exp 1e300': { claims: { exp: 1e300 } },
    'exp is text': { claims: { exp: String(now + 600) } },
    'exp is negative': { claims: { exp: -1 } },
    'missing-iat': { claims: { iat: null } },
    'iat-is-week-in-past': { claims: { iat: now - 7 * 86_400 } },
    'iat in the future': { claims: { iat: now + 900 } },
    'iat is text': { claims: { iat: String(now) } },
    'iat is -1e300': { claims: { iat: -1e300 } },
    'nbf in the future': { claims: { nbf: now + 900 } },
    'nbf is text': { claims: { nbf: 'now' } },
    'nbf a moment ago': { claims: { nbf: now - 1 }, believed: true },
    'nonce-invalid': { claims: { nonce: 'another' } },
    'invalid-missing-nonce': { claims: { nonce: null } },
    'nonce is a list': { claims: { nonce: ['x'] } },
    'missing-sub': { claims: { sub: null } },
    'sub is empty': { claims: { sub: '' } },
    'sub is a number': { claims: { sub: 1 } },
    'sub is a list': { claims: { sub: ['kari-sub'] } },
    'sub of somebody else than userinfo': { claims: { sub: 'ola-sub' } },
    'missing-athash': { claims: { at_hash: null }, believed: true },
    'at_hash of another access token': { claims: { at_hash: 'A'.repeat(22) } },
    'at_hash is empty': { claims: { at_hash: '' } },
    'at_hash is a number': { claims: { at_hash: 1 } },
    'auth_time in the future': { claims: { auth_time: now + 900 } },
    'auth_time is text': { claims: { auth_time: 'now' } },
    'missing auth_time': { claims: { auth_time: null }, believed: true },
    'claims that nobody asked for': { claims: { constructor: 'x', extra: { deep: [1] } }, believed: true },
  };
}
