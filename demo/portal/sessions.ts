import { randomBytes } from 'node:crypto';
import type { Request, Response } from 'express';

/** Whom the portal knows. */
export interface Customer {
  readonly name: string;
  readonly givenName: string;
  /** Kept for the logout at the provider. */
  readonly idToken: string;
}

/** One login under way. */
export interface PendingLogin {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** What the portal keeps of one browser. */
export interface PortalSession {
  readonly customer?: Customer;
  readonly pending?: PendingLogin;
  /** Proves that a logout was asked for on one of the portal's own pages. */
  readonly logoutToken?: string;
}

/** All servers of the demo live on one host, and cookies do not tell ports apart: hence a name of its own. */
const COOKIE = 'fjordbank_session';
const MAX_SESSIONS = 1000;

function readCookie(request: Request): string | undefined {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([name]) => name === COOKIE)?.[1];
}

/** The portal's own sessions: a random cookie and a record in memory. They have nothing to do with the gateway's. */
export class PortalSessions {
  readonly #records = new Map<string, PortalSession>();

  /** The browser's session, or undefined. */
  find(request: Request): PortalSession | undefined {
    return this.#records.get(readCookie(request) ?? '');
  }

  /** A new session under a new id, in place of the old one. */
  start(request: Request, response: Response, record: PortalSession): void {
    this.#records.delete(readCookie(request) ?? '');
    const id = randomBytes(24).toString('base64url');
    this.#records.set(id, record);
    for (const oldest of this.#records.keys()) {
      if (this.#records.size <= MAX_SESSIONS) break;
      this.#records.delete(oldest);
    }
    response.cookie(COOKIE, id, { httpOnly: true, sameSite: 'lax', path: '/' });
  }

  /** Forgets the browser. */
  end(request: Request, response: Response): void {
    this.#records.delete(readCookie(request) ?? '');
    response.clearCookie(COOKIE, { httpOnly: true, sameSite: 'lax', path: '/' });
  }
}
