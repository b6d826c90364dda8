import { randomBytes } from 'node:crypto';
import type { RecordCache } from '../session/record-cache.ts';
import type { Sealer } from '../session/seal.ts';
import { createSealedRecords } from '../session/sealed-records.ts';
import type { StateStore } from '../session/state-store.ts';

/** What a bearer token stands for: one session, for one queue, in pages of one origin. */
export interface TokenHolder {
  /** Not a browser's cookie session: it has no other way in than its tokens. */
  readonly sessionId: string;
  readonly connectionId: string;
  readonly customerKey: string;
  readonly queueKey: string;
  /** Of the page that started the login. */
  readonly origin: string;
}

/** Bearer tokens of pages without cookies: `scg_` and 32 random bytes in base64url (RFC 6750). */
export interface Tokens {
  /**
   * A new token, good for ten minutes.
   *
   * @param end End of the identity, milliseconds since 1970: no token outlives it.
   */
  issue(holder: TokenHolder, end: number): Promise<IssuedToken>;
  /** Whose token this is; undefined when it is none, or over. */
  find(token: string): Promise<TokenHolder | undefined>;
  /** The same without asking the store, for a token that was found before; undefined when the store has to be asked. */
  known(token: string): TokenHolder | undefined;
  forget(token: string): Promise<void>;
}

/** A token as its page gets it. */
export interface IssuedToken {
  readonly token: string;
  /** Whole seconds. */
  readonly expiresIn: number;
}

const LIFE_MS = 600_000;

/** Tokens in the given store, under names from which they cannot be found. */
export function createTokens(parts: {
  state: StateStore;
  sealer: Sealer;
  cache?: RecordCache | undefined;
}): Tokens {
  const { cache } = parts;
  const records = createSealedRecords(parts.state, parts.sealer);
  const name = (token: string) => parts.sealer.key('token', token);
  return {
    async issue(holder, end) {
      const token = `scg_${randomBytes(32).toString('base64url')}`;
      const now = Date.now();
      const until = Math.min(now + LIFE_MS, end);
      await records.write(name(token), holder, until);
      return { token, expiresIn: Math.max(0, Math.floor((until - now) / 1000)) };
    },
    async find(token) {
      const key = name(token);
      const read = cache?.read(key, (sealed) => records.open(key, sealed)) ?? records.read(key);
      return (await read)?.value as TokenHolder | undefined;
    },
    known: (token) => cache?.find(name(token))?.value as TokenHolder | undefined,
    forget: (token) => parts.state.delete([name(token)]),
  };
}
