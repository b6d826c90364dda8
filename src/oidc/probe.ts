import { randomBytes } from 'node:crypto';
import { genericGrantRequest, ResponseBodyError, WWWAuthenticateChallengeError } from 'openid-client';
import type { Connection } from '../config/gateway-config.ts';
import { isGatewayError } from '../errors.ts';
import { createClient } from './client.ts';
import { createProviderFetch } from './provider-fetch.ts';

/**
 * What a provider says of a connection. `accepted`: it knows client and secret; `refused`: it does not (or not by this
 * `authTokenAuthMethod`); `unreachable`: it did not answer; `unclear`: it answered something that says neither.
 */
export interface ProbeOutcome {
  readonly outcome: 'accepted' | 'refused' | 'unreachable' | 'unclear';
  /** Which call told. */
  readonly step: 'discovery' | 'token';
}

/**
 * Asks the provider to redeem a code that it has never issued (RFC 6749, section 5.2): the client is authenticated first, so
 * `invalid_grant` says that it was, and `invalid_client` that it was not. Nothing of the secret is in the outcome.
 *
 * @param redirectUri Address of the callback.
 */
export async function probeConnection(
  connection: Connection,
  { redirectUri, timeoutMs }: { readonly redirectUri: string; readonly timeoutMs: number },
): Promise<ProbeOutcome> {
  const { fetch, close } = createProviderFetch({ timeoutMs });
  let step: ProbeOutcome['step'] = 'discovery';
  try {
    const configuration = await createClient(connection, fetch).configure();
    step = 'token';
    await genericGrantRequest(configuration, 'authorization_code', {
      code: `probe-${secret()}`,
      redirect_uri: redirectUri,
      code_verifier: secret(),
    });
    return { outcome: 'unclear', step };
  } catch (error) {
    return { outcome: outcomeOf(error), step };
  } finally {
    await close();
  }
}

function outcomeOf(error: unknown): ProbeOutcome['outcome'] {
  for (
    let current = error, depth = 0;
    current instanceof Error && depth < 6;
    current = current.cause, depth += 1
  ) {
    if (current instanceof ResponseBodyError) return told(current.error);
    // a client that used the Authorization header may be answered with a challenge alone (RFC 6749, section 5.2)
    if (current instanceof WWWAuthenticateChallengeError) return 'refused';
    if (isGatewayError(current)) return current.code === 'provider_unavailable' ? 'unreachable' : 'unclear';
  }
  return 'unclear';
}

function told(error: string): ProbeOutcome['outcome'] {
  if (error === 'invalid_grant') return 'accepted';
  return error === 'invalid_client' || error === 'unauthorized_client' ? 'refused' : 'unclear';
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}
