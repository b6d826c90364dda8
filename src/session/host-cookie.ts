import type { Request } from 'express';
import type { IncomingMessage } from 'node:http';

/** The name of the cookie that carries a host's session, which express-session tells nobody. */
export interface HostCookie {
  /** Looks at a request that the host's session handler has seen. Does nothing once the name is known. */
  notice(req: IncomingMessage): void;
  is(name: string): boolean;
  isKnown(): boolean;
}

/**
 * Learns the name from the first request whose session id came with exactly one of its cookies: the handler took the id
 * from the cookie of that name, so no client can make it another.
 */
export function createHostCookie(): HostCookie {
  let known: string | undefined;
  return {
    notice(req) {
      const { sessionID } = req as Partial<Request>;
      const { cookie } = req.headers;
      if (known !== undefined || cookie === undefined || typeof sessionID !== 'string') return;
      const carriers = cookie.split(';').filter((pair) => carries(pair, sessionID));
      const [carrier] = carriers;
      if (carriers.length === 1 && carrier !== undefined)
        known = carrier.slice(0, carrier.indexOf('=')).trim();
    },
    is: (name) => name === known,
    isKnown: () => known !== undefined,
  };
}

function carries(pair: string, sessionId: string): boolean {
  const value = pair
    .slice(pair.indexOf('=') + 1)
    .trim()
    .replace(/^"|"$/g, '');
  return decoded(value).startsWith(`s:${sessionId}.`);
}

/** As express-session reads it, so that no spelling carries the id there and goes unnoticed here. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
