import type { JWK } from 'jose';
import type { PrivateJwk } from '../config/gateway-config.ts';
import { describeError, type Logger } from '../observe/logger.ts';
import type { Sealer } from '../session/seal.ts';
import type { StateStore } from '../session/state-store.ts';
import { ROTATION, signingEntry, type KeyRing } from './rotation.ts';
import { readSharedKeys } from './shared-keys.ts';
import { importSigningKey, type SigningKey } from './signing-key.ts';

/** The keys of the signed assertion. */
export interface AssertionKeys {
  /**
   * The key that signs at this moment.
   *
   * @throws GatewayError `session_store_unavailable` when the shared keys were never read and cannot be.
   */
  signing(): Promise<SigningKey>;
  /** The public keys of everything that may be on its way: a JWK set (RFC 7517 section 5). Throws as `signing`. */
  published(): Promise<{ readonly keys: readonly JWK[] }>;
}

/** Keys of the configuration, or those that all processes share through the store. */
export interface AssertionKeysParts {
  /** Private P-256 keys, the first one signs, all of them are published. Empty: the shared ones are used. */
  readonly configured: readonly PrivateJwk[];
  readonly state: StateStore;
  readonly sealer: Sealer;
  readonly logger: Logger;
}

/** The store is asked again for the shared keys after this long: well before a new key signs. */
const REREAD_MS = 60_000;
/** Keys this old may have been replaced by others: whoever wants one waits for what the store says. */
const TOO_OLD_MS = 30 * 60_000;

/** The keys of one gateway. Nothing is read or made before it is needed. */
export function createAssertionKeys(parts: AssertionKeysParts): AssertionKeys {
  return parts.configured.length > 0 ? configuredKeys(parts.configured) : sharedKeys(parts);
}

function configuredKeys(jwks: readonly PrivateJwk[]): AssertionKeys {
  let imported: Promise<readonly SigningKey[]> | undefined;
  const all = () => (imported ??= Promise.all(jwks.map(importSigningKey)));
  return {
    async signing() {
      const [first] = await all();
      if (first === undefined) throw new TypeError('the configuration holds no key');
      return first;
    },
    published: async () => ({ keys: (await all()).map(({ publicJwk }) => publicJwk) }),
  };
}

interface Imported {
  readonly ring: KeyRing;
  readonly keys: ReadonlyMap<PrivateJwk, SigningKey>;
  readonly readAt: number;
}

function sharedKeys({ state, sealer, logger }: AssertionKeysParts): AssertionKeys {
  let last: Imported | undefined;
  let reading: Promise<Imported> | undefined;

  async function read(): Promise<Imported> {
    const ring = await readSharedKeys({ state, sealer, logger, times: ROTATION }, last?.ring);
    const keys = await Promise.all(ring.map(async ({ jwk }) => [jwk, await importSigningKey(jwk)] as const));
    last = { ring, keys: new Map(keys), readAt: Date.now() };
    return last;
  }

  const reread = () =>
    (reading ??= read().finally(() => {
      reading = undefined;
    }));

  /** What is known serves while it is read again, and also where it cannot be: a store that is down takes no key away. */
  async function current(): Promise<Imported> {
    if (last === undefined) return reread();
    const known = last;
    const age = Date.now() - known.readAt;
    // a clock that was set back makes it older, not younger
    if (age >= 0 && age <= REREAD_MS) return known;
    const again = reread().catch((error: unknown) => {
      logger.warn({ cause: describeError(error) }, 'the shared signing keys could not be read again');
      last = { ...known, readAt: Date.now() };
      return known;
    });
    return age >= 0 && age < TOO_OLD_MS ? known : again;
  }

  return {
    async signing() {
      const { ring, keys } = await current();
      const key = keys.get(signingEntry(ring, Date.now()).jwk);
      if (key === undefined) throw new TypeError('a key of the ring was not imported');
      return key;
    },
    published: async () => ({ keys: [...(await current()).keys.values()].map(({ publicJwk }) => publicJwk) }),
  };
}
