import { GatewayError, isGatewayError } from '../errors.ts';

/** What a failure of the store is to a client: `session_store_unavailable`, whatever lies behind it. */
export function storeFailure(cause: unknown): GatewayError {
  if (isGatewayError(cause)) return cause;
  return new GatewayError(
    'session_store_unavailable',
    'The session store does not answer. Try again in a moment.',
    { cause },
  );
}
