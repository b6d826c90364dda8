/** What each problem code means on the wire: HTTP status and the RFC 9457 `title`. The codes are the contract's. */
export const PROBLEMS = {
  login_required: { status: 401, title: 'Login required' },
  code_expired: { status: 401, title: 'The login came too late' },
  return_to_refused: { status: 400, title: 'Return address refused' },
  state_mismatch: { status: 400, title: 'This login was not started here' },
  transaction_expired: { status: 400, title: 'The login took too long' },
  queue_ambiguous: { status: 400, title: 'The request names more than one queue' },
  path_ambiguous: { status: 400, title: 'The address can be read in more than one way' },
  request_malformed: { status: 400, title: 'Malformed request' },
  queue_refused: { status: 403, title: 'Unknown queue' },
  identity_changed: { status: 409, title: 'Another person is logged in' },
  body_too_large: { status: 413, title: 'Body too large' },
  rate_limited: { status: 429, title: 'Too many logins' },
  provider_error: { status: 502, title: 'The login provider gave an unusable answer' },
  upstream_unreachable: { status: 502, title: 'The chat server cannot be reached' },
  provider_unavailable: { status: 503, title: 'The login provider cannot be reached' },
  session_store_unavailable: { status: 503, title: 'The session store cannot be reached' },
  draining: { status: 503, title: 'The gateway is shutting down' },
  upstream_timeout: { status: 504, title: 'The chat server did not answer in time' },
  // not in the contract's list: what any HTTP service has to be able to say of its own routes
  forbidden: { status: 403, title: 'Not allowed' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  internal_error: { status: 500, title: 'Internal error' },
} as const satisfies Record<string, { status: number; title: string }>;

/** One of the contract's problem codes. */
export type ProblemCode = keyof typeof PROBLEMS;

/**
 * A failure that a client may be told of. `code` is stable; `message` is the public `detail`, so it never holds a
 * secret, a token, a claim or anything of the network behind the gateway. Those belong in `cause`, which is logged by
 * class and code only.
 */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: ProblemCode;
  /** HTTP status of the answer. */
  readonly status: number;
  /** Where the visitor can log in for this queue; only on refusals that a login cures. */
  readonly loginUrl: string | undefined;

  constructor(code: ProblemCode, detail: string, options: { cause?: unknown; loginUrl?: string } = {}) {
    super(detail, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.status = PROBLEMS[code].status;
    this.loginUrl = options.loginUrl;
  }

  /** The same failure, with the way to log in. */
  withLoginUrl(loginUrl: string): GatewayError {
    return new GatewayError(this.code, this.message, { cause: this.cause, loginUrl });
  }
}

/**
 * A mistake of whoever builds the gateway into a program. Its message is a fixed sentence that names the cure, so that it
 * may be logged, which the message of an error from elsewhere may not.
 */
export class MisuseError extends TypeError {}

/** True for a failure of the gateway's own, whichever copy of the package made it. */
export function isGatewayError(error: unknown): error is GatewayError {
  return (
    error instanceof Error &&
    error.name === 'GatewayError' &&
    'code' in error &&
    Object.hasOwn(PROBLEMS, String(error.code))
  );
}
