import { GatewayError, isGatewayError } from '../errors.ts';

/** What body-parser and Express refuse is the client's fault, not the gateway's; undefined for every other failure. */
export function clientFault(error: unknown): GatewayError | undefined {
  if (!(error instanceof Error) || isGatewayError(error) || !('status' in error)) return undefined;
  if (error.status === 413)
    return new GatewayError('body_too_large', 'The body of this request is too large.', { cause: error });
  if (typeof error.status !== 'number' || error.status < 400 || error.status > 499) return undefined;
  return new GatewayError('request_malformed', 'The body of this request cannot be read.', { cause: error });
}
