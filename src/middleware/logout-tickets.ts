import { randomBytes } from 'node:crypto';
import {
  bindingCookie,
  cookieHash,
  expiredCookie,
  matchesHash,
  newCookieValue,
  readTransactionCookies,
  transactionId,
} from '../oidc/transaction-cookies.ts';
import type { Sealer } from '../session/seal.ts';
import { createSealedRecords } from '../session/sealed-records.ts';
import type { StateStore } from '../session/state-store.ts';
import { createRateLimit, type RateLimit } from './rate-limit.ts';

/** The log-out that a ticket stands for, checked when it was asked for. */
export interface TicketLogout {
  /** Of the portal that asked. */
  readonly origin: string;
  /** Undefined: the log-out ends on a page of the gateway's. */
  readonly returnTo: string | undefined;
  /** The login at the provider is to end too. */
  readonly provider: boolean;
}

/**
 * One-time values of 32 random bytes that stand in `/logout?ticket=`: a log-out that a portal on another site has asked
 * for, whose request brought no cookie. Each is bound to the browser that asked by a cookie as login transactions have.
 */
export interface LogoutTickets {
  /** Bounds `issue` for each client address. */
  readonly limit: RateLimit;
  /** A new ticket, good for one minute, and the `Set-Cookie` line that binds it. */
  issue(logout: TicketLogout): Promise<{ readonly ticket: string; readonly setCookie: string }>;
  /**
   * Takes the log-out of a ticket, for the browser that asked for it: of many callers, over all processes, one gets it.
   * Undefined for everybody else, who does not use it up.
   */
  take(
    ticket: string,
    cookieHeader: string | undefined,
  ): Promise<{ readonly logout: TicketLogout; readonly clearCookie: string } | undefined>;
}

interface Kept {
  readonly logout: TicketLogout;
  /** Hash of the cookie's value. */
  readonly browser: string;
}

const LIFE_MS = 60_000;
const SHAPE = /^[\w-]{43}$/;

/** Tickets in the given store, under names from which they cannot be found. */
export function createLogoutTickets(parts: {
  state: StateStore;
  sealer: Sealer;
  secureCookies: boolean;
  perMinute: number;
}): LogoutTickets {
  const { secureCookies } = parts;
  const records = createSealedRecords(parts.state, parts.sealer);
  const name = (ticket: string) => parts.sealer.key('logout-ticket', ticket);
  return {
    limit: createRateLimit(parts.perMinute),
    async issue(logout) {
      const ticket = randomBytes(32).toString('base64url');
      const now = Date.now();
      const value = newCookieValue(now);
      await records.write(name(ticket), { logout, browser: cookieHash(value) } satisfies Kept, now + LIFE_MS);
      return { ticket, setCookie: bindingCookie(transactionId(ticket), value, secureCookies) };
    },
    async take(ticket, cookieHeader) {
      if (!SHAPE.test(ticket)) return undefined;
      const id = transactionId(ticket);
      const cookie = readTransactionCookies(cookieHeader, secureCookies).find((found) => found.id === id);
      const kept = cookie && ((await records.read(name(ticket)))?.value as Kept | undefined);
      if (kept === undefined || !matchesHash(cookie?.value ?? '', kept.browser)) return undefined;
      const taken = (await records.take(name(ticket)))?.value as Kept | undefined;
      return taken && { logout: taken.logout, clearCookie: expiredCookie(id, secureCookies) };
    },
  };
}
