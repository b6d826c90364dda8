import type { setJwksCache } from 'openid-client';
import { providerError } from './provider-failure.ts';

/** A key set with the second at which it was read, as oauth4webapi keeps it. */
type KnownKeys = Parameters<typeof setJwksCache>[1];
type Jwk = KnownKeys['jwks']['keys'][number];

/** The signing keys of one provider, read again for an unknown `kid`, but never in a flood. */
export interface Jwks {
  /** What is known, dated so that an unknown `kid` makes oauth4webapi ask once more; undefined when nothing fresh is. */
  known(): KnownKeys | undefined;
  /**
   * Answers a request for the key set: from the provider, or with what is known while the provider is spared.
   *
   * @param first The asker had no keys yet: a set that was read meanwhile will do. Otherwise its `kid` was in none.
   */
  answer(fetch: () => Promise<Response>, first?: boolean): Promise<Response>;
}

/** Life of a key set, as in oauth4webapi. */
const LIFE_MS = 300_000;

/** oauth4webapi reads a set again for an unknown `kid` only when the set is this old. */
const REFETCH_AGE_SECONDS = 60;

/** Pause between two reads that an unknown `kid` causes. */
const PAUSE_MS = 5000;

/**
 * The key set of one provider, shared by all redemptions. Signicat leaves keys out of single answers, so a key counts
 * for five minutes after it was last seen.
 *
 * @param now Clock in milliseconds.
 */
export function createJwks(now: () => number = Date.now): Jwks {
  let readAt = -Infinity;
  let repeatedAt = -Infinity;
  let keys: readonly Jwk[] = [];
  let seen: ReadonlyMap<string, { readonly key: Jwk; readonly at: number }> = new Map();
  let underWay: Promise<void> | undefined;

  const isFresh = (): boolean => now() - readAt < LIFE_MS;

  async function read(fetch: () => Promise<Response>): Promise<void> {
    const newest = await keysOf(await fetch());
    const at = now();
    const named = newest.flatMap((key) =>
      typeof key.kid === 'string' ? [[key.kid, { key, at }] as const] : [],
    );
    const remembered = [...seen].filter(([, entry]) => at - entry.at < LIFE_MS);
    seen = new Map([...remembered, ...named]);
    const here = new Set(newest.map(({ kid }) => kid));
    const missing = [...seen.values()].filter(({ key }) => !here.has(key.kid)).map(({ key }) => key);
    // a provider with one key may leave `kid` out of its tokens: a second candidate would make them ambiguous
    keys = newest.filter(({ use }) => use !== 'enc').length > 1 ? [...newest, ...missing] : newest;
    readAt = at;
  }

  function start(fetch: () => Promise<Response>): Promise<void> {
    underWay ??= read(fetch).finally(() => {
      underWay = undefined;
    });
    return underWay;
  }

  async function answer(fetch: () => Promise<Response>, first = false): Promise<Response> {
    if (underWay === undefined && isFresh()) {
      if (first || now() - repeatedAt < PAUSE_MS) return Response.json({ keys });
      repeatedAt = now();
    }
    const joined = underWay !== undefined;
    try {
      await start(fetch);
    } catch (error) {
      // another visitor's read; this one's own time may not be over
      if (!joined) throw error;
      await start(fetch);
    }
    return Response.json({ keys });
  }

  return {
    answer,
    known() {
      if (!isFresh()) return undefined;
      const age = Math.max(REFETCH_AGE_SECONDS, Math.floor((now() - readAt) / 1000));
      return { jwks: { keys: [...keys] }, uat: Math.floor(Date.now() / 1000) - age };
    },
  };
}

async function keysOf(response: Response): Promise<readonly Jwk[]> {
  const set: unknown = await response.json().catch(() => undefined);
  const list = typeof set === 'object' && set !== null && 'keys' in set ? set.keys : undefined;
  if (response.status !== 200 || !Array.isArray(list) || !list.every(isJwk)) {
    throw providerError("The provider's key set cannot be used.");
  }
  return list;
}

function isJwk(value: unknown): value is Jwk {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
