import { importJWK, type CryptoKey, type JWK } from 'jose';
import { AssertionRefused, refuse } from './assertion-refused.ts';

/** Finds the public key for the `kid` of an assertion, or throws an `AssertionRefused`. */
export type FindKey = (kid: string) => Promise<CryptoKey>;

/** When a key set that lives elsewhere is read. Milliseconds. */
export interface KeySetTimes {
  /** After this long it is read again before the next assertion. */
  readonly cacheMs: number;
  /** Pause between two reads that an unknown `kid` or a failed read causes. */
  readonly cooldownMs: number;
  /** While reads fail, the last good set serves for this long. */
  readonly staleMs: number;
}

type Keys = ReadonlyMap<string, CryptoKey>;

/** After a failed read with no keys at all to go on: nothing can be verified, so the pause is short. */
const PAUSE_WITHOUT_KEYS_MS = 1000;

/**
 * The keys of a key set that is read where `read` says. All that ask at once share one read.
 *
 * jose's `createRemoteJWKSet` is not used: it tries a failing address anew for every token, forgets good keys when a
 * read fails after their time, and puts no bound on the answer.
 *
 * @param now clock in milliseconds; the default does not jump when the machine's time is set
 */
export function createRemoteKeys(
  read: () => Promise<unknown>,
  { cacheMs, cooldownMs, staleMs }: KeySetTimes,
  now: () => number = () => performance.now(),
): FindKey {
  let keys: Keys | undefined;
  let readAt = -Infinity;
  let pausedUntil = -Infinity;
  let failure: unknown;
  let underWay: Promise<void> | undefined;

  async function load(): Promise<void> {
    try {
      keys = await importKeys(await read());
      readAt = now();
      pausedUntil = readAt + cooldownMs;
    } catch (error) {
      failure = error;
      const pause = isUsable() ? cooldownMs : Math.min(cooldownMs, PAUSE_WITHOUT_KEYS_MS);
      pausedUntil = now() + pause;
    }
  }

  const isUsable = (): boolean => keys !== undefined && now() - readAt < staleMs;

  /** Waits for the read under way; starts one unless a pause is on. */
  async function refresh(): Promise<void> {
    if (underWay === undefined && now() < pausedUntil) return;
    underWay ??= load().finally(() => {
      underWay = undefined;
    });
    await underWay;
  }

  return async (kid) => {
    if (!isUsable() || now() - readAt >= cacheMs) await refresh();
    if (isUsable() && keys?.has(kid) !== true) await refresh();
    if (!isUsable()) throw unavailable(failure);
    return keys?.get(kid) ?? unknownKey();
  };
}

/** The keys of a key set that is given. */
export function createFixedKeys(jwks: unknown): FindKey {
  let imported: Promise<Keys> | undefined;
  return async (kid) => {
    imported ??= importKeys(jwks);
    const keys = await imported.catch((error: unknown) => {
      throw unavailable(error);
    });
    return keys.get(kid) ?? unknownKey();
  };
}

/**
 * The keys of a JWK set (RFC 7517) that can have signed an assertion: public, EC on P-256, for ES256, with a `kid`.
 * Others are passed over. A `kid` that names two of them names none.
 *
 * @throws TypeError when it is no JWK set
 */
async function importKeys(jwks: unknown): Promise<Keys> {
  const list = isRecord(jwks) ? jwks['keys'] : undefined;
  if (!Array.isArray(list)) throw new TypeError('The answer is not a JWK set.');
  const usable = list.filter(isSigningKey);
  const once = usable.filter(({ kid }) => usable.filter((other) => other.kid === kid).length === 1);
  const pairs = await Promise.all(
    once.map(async ({ kid, kty, crv, x, y }) => {
      const key = await importJWK({ kty, crv, x, y }, 'ES256').catch(() => undefined);
      return key === undefined || key instanceof Uint8Array ? [] : [[kid, key] as const];
    }),
  );
  return new Map(pairs.flat());
}

type SigningKey = JWK & Record<'kid' | 'kty' | 'crv' | 'x' | 'y', string>;

function isSigningKey(value: unknown): value is SigningKey {
  if (!isRecord(value)) return false;
  const { kty, crv, alg = 'ES256', use = 'sig', key_ops: operations = ['verify'] } = value;
  return (
    kty === 'EC' &&
    crv === 'P-256' &&
    alg === 'ES256' &&
    use === 'sig' &&
    Array.isArray(operations) &&
    operations.includes('verify') &&
    // a private key that is published is nobody's any more
    !Object.hasOwn(value, 'd') &&
    ['kid', 'x', 'y'].every((name) => typeof value[name] === 'string' && value[name] !== '')
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unknownKey(): never {
  return refuse('assertion_signature', 'The assertion is signed with a key that the key set does not hold.');
}

function unavailable(cause: unknown): AssertionRefused {
  return new AssertionRefused('keys_unavailable', 'The key set of the gateway cannot be read.', { cause });
}
