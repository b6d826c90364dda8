import type { Request } from 'express';
import type { IncomingMessage } from 'node:http';

/** The name of the cookie that carries a host's session, which express-session tells nobody. */
export interface HostCookie {
  /** Looks at a request that the host's session handler has seen. Does nothing once the name is known. */
  notice(req: IncomingMessage): void;
  /** While the name is not known, every cookie that looks like a signed session id is taken for it. */
  is(name: string, value?: string): boolean;
}

/**
 * Learns the name from the first request whose session id came with exactly one of its cookies: the handler took the id
 * from the cookie of that name, so no client can make it another.
 *
 * @param given A host has handed its session handler in, so there is such a cookie from the start.
 */
export function createHostCookie(given: boolean): HostCookie {
  let shared = given;
  let known: string | undefined;
  return {
    notice(req) {
      shared = true;
      const { sessionID } = req as Partial<Request>;
      const { cookie } = req.headers;
      if (known !== undefined || cookie === undefined || typeof sessionID !== 'string') return;
      const carriers = cookie.split(';').filter((pair) => carries(pair, sessionID));
      const [carrier] = carriers;
      if (carriers.length === 1 && carrier !== undefined)
        known = carrier.slice(0, carrier.indexOf('=')).trim();
    },
    is: (name, value) =>
      known === undefined ? shared && value !== undefined && looksSigned(value) : name === known,
  };
}

function carries(pair: string, sessionId: string): boolean {
  return decoded(pair.slice(pair.indexOf('=') + 1)).startsWith(`s:${sessionId}.`);
}

function looksSigned(value: string): boolean {
  return /^s:.+\./s.test(decoded(value));
}

/** As express-session reads it, so that no spelling carries the id there and goes unnoticed here. */
function decoded(written: string): string {
  const value = written.trim().replace(/^"|"$/g, '');
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
