import { performance } from 'node:perf_hooks';
import { createHash } from 'node:crypto';
import type { Administrator } from '../admin/administrator.ts';
import { readClaim } from '../claims/names.ts';
import type { Claims } from '../claims/identity-types.ts';
import type { AdminOidc } from '../config/admin-oidc.ts';
import { GatewayError } from '../errors.ts';
import { authorizationUrl } from '../oidc/authorization-url.ts';
import { createClient } from '../oidc/client.ts';
import { createProviderFetch } from '../oidc/provider-fetch.ts';
import { redeem } from '../oidc/redeem.ts';
import { readAuthorizationResponse } from '../oidc/response.ts';
import { createTransactions, type LoginTransaction } from '../oidc/transactions.ts';
import type { Sealer } from '../session/seal.ts';
import type { StateStore } from '../session/state-store.ts';

/** How a sign-in at the provider ended. */
export type SignInOutcome = { readonly clearCookies: readonly string[] } & (
  | { readonly kind: 'administrator'; readonly administrator: Administrator }
  /** Verified, but without a role; `claims` are the names of those that would give one. */
  | { readonly kind: 'no-role'; readonly claims: readonly string[] }
  /** The provider said no. */
  | { readonly kind: 'refused' }
);

/** The sign-in of administrators by OpenID Connect: interactive code flow with PKCE (RFC 7636) and nonce. */
export interface OidcSignIn {
  /** Where the browser is sent, and the cookies that bind the attempt to it. */
  begin(
    cookieHeader: string | undefined,
  ): Promise<{ readonly location: string; readonly setCookies: readonly string[] }>;
  /**
   * What the authorization response comes to.
   *
   * @param rawQuery What follows the `?`, undecoded.
   * @throws GatewayError `request_malformed`, `state_mismatch`, `transaction_expired`, `code_expired`, `provider_error`,
   * `provider_unavailable`.
   */
  finish(rawQuery: string, cookieHeader: string | undefined): Promise<SignInOutcome>;
}

/** What the sign-in stands on. */
export interface OidcSignInParts {
  readonly oidc: AdminOidc;
  readonly state: StateStore;
  readonly sealer: Sealer;
  readonly secureCookies: boolean;
  /** Address of `/admin/callback`. */
  readonly redirectUri: string;
  /** For each call to the provider. */
  readonly timeoutMs: number;
}

/** Token, keys and userinfo, each with the time of a call. */
const CALLS = 3;

/** The sign-in at the provider of `admin.oidc`. Asks nothing of it before somebody signs in. */
export function createOidcSignIn(parts: OidcSignInParts): OidcSignIn {
  const { oidc, state: store, sealer, secureCookies, redirectUri, timeoutMs } = parts;
  const { connection } = oidc;
  const { fetch } = createProviderFetch({ timeoutMs });
  const client = createClient(connection, fetch);
  const transactions = createTransactions({ store, sealer, secureCookies });

  async function claimsOf(
    transaction: LoginTransaction,
    code: string,
    iss: string | undefined,
  ): Promise<Claims> {
    const { codeVerifier, nonce } = transaction;
    const deadline = performance.now() + CALLS * timeoutMs;
    return redeem(client, { code, codeVerifier, nonce, iss, redirectUri }, deadline);
  }

  return {
    async begin(cookieHeader) {
      const { issuer, authorization_response_iss_parameter_supported: issPromised } = await client.metadata();
      const about = { connectionId: connection.id, customerKey: '', queueKey: '', returnTo: redirectUri };
      const begun = await transactions.begin(
        { ...about, display: 'page', retry: false, issuer, issPromised: issPromised === true },
        cookieHeader,
      );
      const { href } = await authorizationUrl(client, requestOf(parts, begun));
      return { location: href, setCookies: begun.setCookies };
    },
    async finish(rawQuery, cookieHeader) {
      const { state, code, error, iss } = readAuthorizationResponse(rawQuery);
      const { transaction, expired, clearCookies } = await transactions.take(state, cookieHeader);
      if (transaction.connectionId !== connection.id)
        throw new GatewayError('state_mismatch', 'This login is not one of an administrator.');
      if (expired) throw new GatewayError('transaction_expired', 'The sign-in took longer than ten minutes.');
      if (iss === undefined ? transaction.issPromised : iss !== transaction.issuer)
        throw new GatewayError(
          'state_mismatch',
          'The answer came from another provider than the one that was asked.',
        );
      if (error !== undefined) return { kind: 'refused', clearCookies };
      if (code === undefined)
        throw new GatewayError(
          'request_malformed',
          'The authorization response holds neither a code nor an error.',
        );
      return { clearCookies, ...administratorOf(oidc, await claimsOf(transaction, code, iss)) };
    },
  };
}

function requestOf(
  { oidc: { connection }, redirectUri }: OidcSignInParts,
  {
    state,
    nonce,
    codeVerifier,
  }: { readonly state: string; readonly nonce: string; readonly codeVerifier: string },
): URLSearchParams {
  return new URLSearchParams({
    response_type: 'code',
    client_id: connection.clientId,
    redirect_uri: redirectUri,
    scope: connection.scope,
    state,
    nonce,
    code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...(connection.acrValues === undefined ? {} : { acr_values: connection.acrValues }),
  });
}

/** The role whose claim these claims have; the one that may more wins. */
export function administratorOf(
  { nameClaim, requiredClaims }: AdminOidc,
  claims: Claims,
):
  | { readonly kind: 'administrator'; readonly administrator: Administrator }
  | { readonly kind: 'no-role'; readonly claims: readonly string[] } {
  const found = requiredClaims.find(({ name, values }) =>
    textsOf(readClaim(claims, name)).some((text) => values.includes(text)),
  );
  if (found === undefined)
    return { kind: 'no-role', claims: [...new Set(requiredClaims.map(({ name }) => name))] };
  const [name = ''] = [readClaim(claims, nameClaim), claims.sub].flatMap(nameOf);
  if (name === '') return { kind: 'no-role', claims: [nameClaim] };
  return { kind: 'administrator', administrator: { name, role: found.role, how: 'oidc' } };
}

/** A claim with several values is an array, or one text as it is: never parts of a text. */
function textsOf(value: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((one) => typeof one === 'string');
}

const MAX_NAME = 100;

/** What may stand in pages, log and audit record. */
function nameOf(value: unknown): string[] {
  const text =
    typeof value === 'string'
      ? value
          .replaceAll(/[\p{C}\p{Z}]+/gu, ' ')
          .trim()
          .slice(0, MAX_NAME)
      : '';
  return text === '' ? [] : [text];
}
