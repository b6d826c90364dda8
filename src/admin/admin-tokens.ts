import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Audit } from '../audit/audit.ts';
import type { AdminToken } from '../config/admin-tokens.ts';
import { GatewayError } from '../errors.ts';
import { networkOf } from '../middleware/rate-limit.ts';
import { createSingleFlight } from '../session/once.ts';
import type { Administrator } from './administrator.ts';
import { deriveAdminToken, isAdminTokenShaped } from './hash-admin-token.ts';

/** Tells by their tokens who administers. */
export interface AdminTokens {
  /**
   * Whose token it is; undefined for a wrong one. Takes the same time for either, but for one that was right a moment ago.
   *
   * @param address The client's, for the throttle.
   * @throws GatewayError `rate_limited` after too many wrong ones, of this address or of all, or with too many at once.
   */
  readonly verify: (
    token: string,
    address: string,
    about?: { readonly requestId?: string | undefined },
  ) => Promise<Administrator | undefined>;
}

/** What tokens are verified with. */
export interface AdminTokenParts {
  readonly tokens: readonly AdminToken[];
  readonly audit: Pick<Audit, 'record'>;
  /** Milliseconds since 1970. Default: the clock. */
  readonly now?: () => number;
}

/** Wrong tokens a minute, in this process. */
const WRONG_PER_ADDRESS = 10;
const WRONG_IN_ALL = 100;
/** Attempts that may wait for the one that is being computed. */
const MAX_WAITING = 8;
/** A token that was right need not be hashed again for so long. */
const REMEMBERED_MS = 300_000;

/** The tokens of the configuration, for one process. One hash is computed at a time, so that guessing takes no second core. */
export function createAdminTokens({ tokens, audit, now = Date.now }: AdminTokenParts): AdminTokens {
  const throttle = createThrottle();
  const alone = createQueue();
  const flights = createSingleFlight<Administrator | undefined>();
  const remembered = new Map<string, { readonly administrator: Administrator; readonly until: number }>();
  // of no use outside this process
  const key = randomBytes(32);

  async function attempt(token: string, address: string): Promise<Administrator | undefined> {
    await throttle.count(address);
    if (!isAdminTokenShaped(token)) return undefined;
    const found = await alone(() => ownerOf(token, tokens));
    if (found === undefined) return undefined;
    await throttle.forgive(address);
    return { name: found.name, role: found.role, how: 'token' };
  }

  async function signIn(
    token: string,
    address: string,
    requestId: string | undefined,
  ): Promise<Administrator | undefined> {
    try {
      const administrator = await attempt(token, address);
      audit.record(
        administrator === undefined
          ? { kind: 'administrator_refused', code: 'login_required', requestId }
          : { kind: 'administrator_signed_in', actor: administrator.name, requestId },
      );
      return administrator;
    } catch (error) {
      if (error instanceof GatewayError)
        audit.record({ kind: 'administrator_refused', code: error.code, requestId });
      throw error;
    }
  }

  return {
    async verify(token, address, { requestId } = {}) {
      const digest = createHmac('sha256', key).update(token).digest('base64');
      const known = remembered.get(digest);
      if (known !== undefined && now() < known.until) return known.administrator;
      remembered.delete(digest);
      const administrator = await flights.run(`${digest} ${address}`, () =>
        signIn(token, address, requestId),
      );
      if (administrator !== undefined)
        remembered.set(digest, { administrator, until: now() + REMEMBERED_MS });
      return administrator;
    },
  };
}

/** All of them are computed, whichever it is. */
async function ownerOf(token: string, tokens: readonly AdminToken[]): Promise<AdminToken | undefined> {
  let owner: AdminToken | undefined;
  for (const one of tokens) {
    const derived = await deriveAdminToken(token, one.scrypt);
    if (timingSafeEqual(derived, one.scrypt.hash)) owner = one;
  }
  return owner;
}

/** Counts attempts before they are made, and takes the right ones back: many at once get no further than many in a row. */
function createThrottle() {
  const each = new RateLimiterMemory({ points: WRONG_PER_ADDRESS, duration: 60 });
  const all = new RateLimiterMemory({ points: WRONG_IN_ALL, duration: 60 });
  const take = async (limiter: RateLimiterMemory, name: string): Promise<void> => {
    try {
      await limiter.consume(name);
    } catch (refusal) {
      if (refusal instanceof Error) throw refusal;
      throw new GatewayError('rate_limited', 'Too many wrong tokens. Wait a minute and try again.');
    }
  };
  return {
    async count(address: string) {
      await take(each, networkOf(address));
      await take(all, 'all');
    },
    async forgive(address: string) {
      await each.reward(networkOf(address));
      await all.reward('all');
    },
  };
}

/** Work one after the other. */
function createQueue() {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  return async function alone<T>(work: () => Promise<T>): Promise<T> {
    if (waiting >= MAX_WAITING)
      throw new GatewayError('rate_limited', 'Too many sign-ins at once. Wait a moment and try again.');
    waiting += 1;
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    try {
      return await mine;
    } finally {
      waiting -= 1;
    }
  };
}
