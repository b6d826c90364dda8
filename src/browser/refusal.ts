/** What went wrong between the page and the gateway. Never holds a token, a handle or a verifier. */
export interface SecureChatError extends Error {
  /** The gateway's problem code (`rate_limited`, `return_to_refused` ...), or `gateway_unreachable`. */
  readonly code: string;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
}

/** An error of the client's own kind. No code where the gateway has named none: it is not the gateway that answers. */
export function refused(status: number, code = 'gateway_unreachable', cause?: unknown): SecureChatError {
  return Object.assign(new Error(`SecureChat: ${code}`), { code, status, cause });
}

/** The members of a problem document (RFC 9457) that count here. */
interface Problem {
  readonly code?: string;
  readonly loginUrl?: string;
}

/** The problem document of an answer, which is not used up by this; empty when it holds none. */
export async function problemOf(response: Response): Promise<Problem> {
  const members: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  return members ?? {};
}

/**
 * The code with which the gateway itself, not the chat server behind it, has kept a request from its queue: such a
 * request has gone nowhere. Undefined for every other answer.
 */
export async function refusalOf(response: Response, origin: string): Promise<string | undefined> {
  if (response.status !== 401 && response.status !== 409) return undefined;
  const { code, loginUrl } = await problemOf(response);
  return `${loginUrl}`.startsWith(`${origin}/`) ? code : undefined;
}
