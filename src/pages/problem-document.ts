import { PROBLEMS, type GatewayError, type ProblemCode } from '../errors.ts';

/** An RFC 9457 document as it goes over the wire. Nothing else is ever in it. */
export interface ProblemDocument {
  /** `urn:secure-chat:problem:<code>`: an identifier to compare, not an address to fetch. */
  readonly type: string;
  readonly title: string;
  /** HTTP status, repeated from the status line. */
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  readonly requestId: string;
  /** Where the browser logs in; with codes that a login cures only. */
  readonly loginUrl?: string;
}

/** Problems that logging in again cures. */
const CURED_BY_LOGIN: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'login_required',
  'code_expired',
  'state_mismatch',
  'transaction_expired',
  'identity_changed',
]);

/** Seconds after which a new attempt makes sense; the codes of 429 and 503 (RFC 9110, section 10.2.3). */
const RETRY_AFTER_SECONDS: Readonly<Partial<Record<ProblemCode, number>>> = {
  rate_limited: 60,
  provider_unavailable: 10,
  session_store_unavailable: 5,
  draining: 5,
};

/**
 * The document for a failure. `type`, `title` and `status` follow from its code, so that a host's own subclass cannot
 * change them; `detail` is its message, public by the rule of `GatewayError`; its `cause` stays here. `loginUrl` (the
 * error's own, or the one given here) goes along only where a login is the cure.
 */
export function problemDocument(
  error: GatewayError,
  requestId: string,
  extras: { readonly loginUrl?: string | undefined } = {},
): ProblemDocument {
  const { status, title } = PROBLEMS[error.code];
  const loginUrl = extras.loginUrl ?? error.loginUrl;
  return {
    type: `urn:secure-chat:problem:${error.code}`,
    title,
    status,
    detail: error.message,
    code: error.code,
    requestId,
    ...(loginUrl !== undefined && isCuredByLogin(error.code) ? { loginUrl } : {}),
  };
}

/** True for the problems that go away when the visitor logs in again. */
export function isCuredByLogin(code: ProblemCode): boolean {
  return CURED_BY_LOGIN.has(code);
}

/**
 * The headers that belong to a code, for document and page alike. A 401 must carry a challenge (RFC 9110, section
 * 15.5.2): the scheme is one that no browser knows, so that none opens a password dialog. 429 and 503 say when to come
 * back.
 */
export function problemHeaders(code: ProblemCode): Record<string, string> {
  const { status } = PROBLEMS[code];
  if (status === 401) return { 'WWW-Authenticate': `SecureChat realm="secure-chat", error="${code}"` };
  const seconds = RETRY_AFTER_SECONDS[code];
  if (seconds === undefined) return {};
  return { 'Retry-After': String(seconds) };
}
