import type { IncomingMessage } from 'node:http';
import type { Queue } from '../config/gateway-config.ts';
import type { RecordCache } from '../session/record-cache.ts';
import type { Sealer } from '../session/seal.ts';
import type { StateStore } from '../session/state-store.ts';
import { MARKER, takeCarriedToken, type CarriedToken } from './carried-token.ts';
import { createPageLogins, type PageLogins } from './page-logins.ts';
import { createRateLimit, type RateLimit } from './rate-limit.ts';
import { createTickets, type Tickets } from './tickets.ts';
import { createTokens, type TokenHolder, type Tokens } from './tokens.ts';

/** Chats in pages without cookies: ticket, login, token, and the token that a request carries. */
export interface Cookieless {
  readonly tickets: Tickets;
  readonly logins: PageLogins;
  readonly tokens: Tokens;
  /** Bounds `POST /login`. */
  readonly limitTickets: RateLimit;
  /** Bounds `POST /token`. */
  readonly limitTokens: RateLimit;
  /**
   * Takes the token out of a request, so that nobody behind sees it; to be called for every request, before anything
   * reads its headers. The subprotocol that an upgrade has to be answered with, when the upstream chooses none.
   */
  notice(req: IncomingMessage, upgrade?: boolean): string | undefined;
  /** Did a token come with this request, however broken? Its cookies then say nothing. */
  carries(req: IncomingMessage): boolean;
  /**
   * Whose token came with this request. Undefined when there is none, when it is none, when it is over, or when the page
   * is of another origin than that of the login.
   */
  holderOf(req: IncomingMessage): Promise<TokenHolder | undefined>;
  /** The same without asking the store, where it was asked before. */
  knownHolderOf(req: IncomingMessage): TokenHolder | undefined;
  /** Ends the token that came with this request. */
  forget(req: IncomingMessage): Promise<void>;
}

/** The parts on the given store. */
export function createCookieless(parts: {
  state: StateStore;
  sealer: Sealer;
  cache?: RecordCache | undefined;
  loginsPerMinute: number;
  publicOrigin: string;
}): Cookieless {
  const tokens = createTokens(parts);
  const carried = new WeakMap<IncomingMessage, CarriedToken>();
  const tokenOf = (req: IncomingMessage) => carried.get(req)?.token;
  return {
    tickets: createTickets(parts),
    logins: createPageLogins(parts),
    tokens,
    limitTickets: createRateLimit(parts.loginsPerMinute),
    limitTokens: createRateLimit(parts.loginsPerMinute),
    notice(req, upgrade = false) {
      const found = takeCarriedToken(req, upgrade);
      if (found !== undefined) carried.set(req, found);
      return found?.marked === true ? MARKER : undefined;
    },
    carries: (req) => carried.has(req),
    async holderOf(req) {
      const token = tokenOf(req);
      const holder = token === undefined ? undefined : await tokens.find(token);
      return fromItsPage(holder, req, parts.publicOrigin);
    },
    knownHolderOf(req) {
      const token = tokenOf(req);
      return token === undefined ? undefined : fromItsPage(tokens.known(token), req, parts.publicOrigin);
    },
    async forget(req) {
      const token = tokenOf(req);
      if (token !== undefined) await tokens.forget(token);
    },
  };
}

function fromItsPage(
  holder: TokenHolder | undefined,
  req: IncomingMessage,
  publicOrigin: string,
): TokenHolder | undefined {
  const origin = originOf(req, publicOrigin);
  return origin === undefined || origin === holder?.origin ? holder : undefined;
}

/**
 * The origin of the page that asks; undefined for clients that are no browsers. A browser leaves it out of a GET within
 * one origin, and says so (Fetch Metadata, section 2.3).
 */
function originOf({ headers }: IncomingMessage, publicOrigin: string): string | undefined {
  return headers.origin ?? (headers['sec-fetch-site'] === 'same-origin' ? publicOrigin : undefined);
}

/** Is the token for exactly this queue of this customer? */
export function isFor(holder: TokenHolder, queue: Queue): boolean {
  return holder.customerKey === queue.customerKey && holder.queueKey === queue.queueKey;
}
