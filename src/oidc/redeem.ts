import { createHash, timingSafeEqual } from 'node:crypto';
import {
  ResponseBodyError,
  authorizationCodeGrant,
  fetchUserInfo,
  type Configuration,
  type IDToken,
} from 'openid-client';
import type { Claims } from '../claims/identity-types.ts';
import { GatewayError } from '../errors.ts';
import type { Client } from './client.ts';
import { ProviderUnavailable, providerError, providerFailure } from './provider-failure.ts';

/** A code with all that its redemption needs. A secret: it is kept sealed, and goes to the token endpoint only. */
export interface WaitingCode {
  readonly code: string;
  /** PKCE verifier (RFC 7636). Undefined, with the nonce, where a page built the authorization request. */
  readonly codeVerifier: string | undefined;
  readonly nonce: string | undefined;
  /** The `iss` that came with the code, if any. */
  readonly iss: string | undefined;
  readonly redirectUri: string;
}

/** Oldest `iat`, and farthest `exp`, that an ID token may carry, in seconds from now. */
const MAX_AGE = 3600;
const MAX_LIFE = 366 * 86_400;

const COMPARED = 'compared';

/** Facts of the login itself, which userinfo cannot change. */
const OF_THE_LOGIN = ['iss', 'sub', 'aud', 'acr', 'amr', 'auth_time'] as const;

/** `at_hash` is half a digest in base64url: its length tells which one (OpenID Connect Core, section 3.1.3.6). */
const DIGESTS = new Map([
  [22, 'sha256'],
  [32, 'sha384'],
  [43, 'sha512'],
]);

/**
 * Redeems a code: token call, ID token (signature, `iss`, `aud`, `azp`, `exp`, `iat`, `nonce`, `at_hash`; OpenID Connect
 * Core, section 3.1.3.7), userinfo of the same `sub`. Answers both merged: userinfo wins for personal claims, the ID
 * token alone says who was verified and how.
 *
 * @param deadline Milliseconds of `performance.now()` by which it is over.
 * @throws GatewayError `code_expired` when the provider calls the code invalid; `provider_unavailable`, with `notSent`
 * true while the code is still good; `provider_error` for every answer that cannot be believed.
 */
export async function redeem(client: Client, waiting: WaitingCode, deadline: number): Promise<Claims> {
  const configuration = await configured(client, deadline);
  const { idToken, accessToken } = await callToken(client, configuration, waiting);
  const userinfo = await callUserinfo(configuration, accessToken, idToken.sub);
  return merge(idToken, userinfo);
}

async function configured(client: Client, deadline: number): Promise<Configuration> {
  try {
    return await client.configure(deadline);
  } catch (error) {
    const failure = providerFailure(error, 'The connection cannot be used as it is configured.');
    if (failure.code !== 'provider_unavailable') throw failure;
    throw new ProviderUnavailable(failure.message, { notSent: true, cause: failure.cause });
  }
}

async function callToken(client: Client, configuration: Configuration, waiting: WaitingCode) {
  try {
    const tokens = await authorizationCodeGrant(configuration, responseUrl(configuration, waiting), {
      ...(waiting.codeVerifier === undefined ? {} : { pkceCodeVerifier: waiting.codeVerifier }),
      ...(waiting.nonce === undefined ? {} : { expectedNonce: waiting.nonce }),
      // the state was compared at the callback; openid-client insists on comparing one
      expectedState: COMPARED,
      idTokenExpected: true,
    });
    const idToken = tokens.claims();
    if (idToken === undefined) throw providerError('The provider sent no ID token.');
    checkIdToken(idToken, client.connection);
    checkAccessTokenHash(idToken.at_hash, tokens.access_token);
    return { idToken, accessToken: tokens.access_token };
  } catch (error) {
    if (error instanceof ResponseBodyError && error.error === 'invalid_grant') {
      throw new GatewayError(
        'code_expired',
        'The login came too late: the provider takes its code no longer.',
      );
    }
    throw providerFailure(error, 'The provider answered the redemption in a way that cannot be believed.');
  }
}

/** The authorization response as openid-client reads it; `state` and `iss` were compared when it came in. */
function responseUrl(configuration: Configuration, { redirectUri, code, iss }: WaitingCode): URL {
  const url = new URL(redirectUri);
  url.searchParams.set('code', code);
  url.searchParams.set('state', COMPARED);
  url.searchParams.set('iss', iss ?? configuration.serverMetadata().issuer);
  return url;
}

function checkIdToken(
  { sub, azp, iat, exp, auth_time }: IDToken,
  { clientId, clockToleranceSeconds }: Client['connection'],
): void {
  const now = Date.now() / 1000;
  if (sub === '') throw providerError('The ID token names nobody.');
  if (azp !== undefined && azp !== clientId)
    throw providerError('The ID token was issued to another client.');
  if (iat < now - MAX_AGE - clockToleranceSeconds || iat > now + clockToleranceSeconds) {
    throw providerError('The ID token was not issued now.');
  }
  if (exp > now + MAX_LIFE) throw providerError('The ID token does not end.');
  if (auth_time !== undefined && auth_time > now + clockToleranceSeconds) {
    throw providerError('The ID token tells of a login in the future.');
  }
}

function checkAccessTokenHash(told: unknown, accessToken: string): void {
  if (told === undefined) return;
  const digest = typeof told === 'string' ? DIGESTS.get(told.length) : undefined;
  if (typeof told === 'string' && digest !== undefined) {
    const whole = createHash(digest).update(accessToken).digest();
    const half = whole.subarray(0, whole.length / 2).toString('base64url');
    const [given, expected] = [Buffer.from(told), Buffer.from(half)];
    if (given.length === expected.length && timingSafeEqual(given, expected)) return;
  }
  throw providerError('The ID token belongs to another access token.');
}

async function callUserinfo(configuration: Configuration, accessToken: string, sub: string): Promise<Claims> {
  if (configuration.serverMetadata().userinfo_endpoint === undefined) return {};
  try {
    return await fetchUserInfo(configuration, accessToken, sub);
  } catch (error) {
    throw providerFailure(error, 'The userinfo answer cannot be believed.');
  }
}

function merge(idToken: Claims, userinfo: Claims): Claims {
  const personal = Object.entries(userinfo).filter(([name]) => !OF_THE_LOGIN.some((own) => own === name));
  return { ...idToken, ...Object.fromEntries(personal) };
}
