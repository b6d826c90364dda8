import { GatewayError, isGatewayError, type ProblemCode } from '../errors.ts';

/** What of a failed exchange the client is told, by the error's `code`; every other code is `upstream_unreachable`. */
const CODES: Readonly<Record<string, ProblemCode>> = {
  UND_ERR_CONNECT_TIMEOUT: 'upstream_timeout',
  UND_ERR_HEADERS_TIMEOUT: 'upstream_timeout',
  ETIMEDOUT: 'upstream_timeout',
  // what undici refuses to write is what the client sent: a name, value, target or length that is none
  UND_ERR_INVALID_ARG: 'request_malformed',
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: 'request_malformed',
  UND_ERR_DESTROYED: 'draining',
  UND_ERR_CLOSED: 'draining',
};

const DETAILS: Partial<Record<ProblemCode, string>> = {
  upstream_timeout: 'The chat server did not answer in time.',
  request_malformed: 'The request cannot be forwarded as it was sent.',
  draining: 'The gateway is shutting down.',
};

/**
 * Path and query below the upstream's base path.
 * @param basePath without a trailing slash; empty at the root
 * @param target canonical, begins with `/`
 */
export function joinTarget(basePath: string, target: string): string {
  return basePath + target;
}

/**
 * An address below the upstream's own, as browsers reach it: below `publicUrl`. Every other address, relative ones
 * included, stays as it is. A legacy server redirects to the name that it knows itself by.
 */
export function publicLocation(
  upstream: { origin: string; basePath: string },
  publicUrl: string,
  location: string,
): string {
  const own = upstream.origin + upstream.basePath;
  if (!location.toLowerCase().startsWith(own.toLowerCase())) return location;
  const rest = location.slice(own.length);
  return rest === '' || /^[/?#]/.test(rest) ? publicUrl + rest : location;
}

/**
 * The client's view of a failure of undici, `node:http`, TLS or a socket: `upstream_timeout`, `upstream_unreachable`
 * and, where the gateway itself could not send, `request_malformed` or `draining`. The failure is kept as `cause`.
 */
export function upstreamError(error: unknown): GatewayError {
  if (isGatewayError(error)) return error;
  const code = CODES[errorCode(error)] ?? 'upstream_unreachable';
  const detail = DETAILS[code] ?? 'The chat server cannot be reached, or its answer cannot be read.';
  return new GatewayError(code, detail, { cause: error });
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
