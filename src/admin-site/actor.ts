import type { IncomingMessage } from 'node:http';
import type { Administrator } from '../admin/administrator.ts';
import type { AdminTokens } from '../admin/admin-tokens.ts';
import { GatewayError } from '../errors.ts';
import type { Runtime } from '../middleware/runtime.ts';

/** An administrator's session in a browser, as a request's cookie names it. */
export interface SignedIn {
  readonly administrator: Administrator;
  /** What every change has to bring along beside the cookie: no other site can read it. */
  readonly csrfToken: string;
}

/** Finds the session of a request. */
export interface SessionFinder {
  /** Undefined where there is none, or no more. @throws GatewayError `session_store_unavailable`. */
  find(req: IncomingMessage): Promise<SignedIn | undefined>;
}

/** Whose request it is. */
export interface Actor {
  readonly administrator: Administrator;
  /** Of the session that the cookie names; undefined for a bearer token, which no browser sends by itself. */
  readonly csrfToken: string | undefined;
}

/** Ways in. */
export interface SignIns {
  readonly tokens: AdminTokens;
  /** Undefined where nobody can have a session. */
  readonly sessions: SessionFinder | undefined;
}

const BEARER = /^bearer(?:[ \t]+(.*?))?[ \t]*$/i;

/**
 * Who asks: by a bearer token or, without one, by the cookie of a session. A token that is wrong is never made up for by a
 * cookie.
 *
 * @throws GatewayError `rate_limited`, `request_malformed`, `session_store_unavailable`.
 */
export async function actorOf(
  runtime: Runtime,
  req: IncomingMessage,
  { tokens, sessions }: SignIns,
): Promise<Actor | undefined> {
  if (req.rawHeaders.filter((name, at) => at % 2 === 0 && /^authorization$/i.test(name)).length > 1)
    throw new GatewayError('request_malformed', 'There is more than one Authorization.');
  const bearer = BEARER.exec(req.headers.authorization ?? '');
  if (bearer === null) return sessions?.find(req);
  const { requestId } = runtime.contextOf(req);
  const administrator = await tokens.verify(bearer[1] ?? '', runtime.trust.address(req), { requestId });
  return administrator && { administrator, csrfToken: undefined };
}
