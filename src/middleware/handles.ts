import { randomBytes } from 'node:crypto';
import type { Sealer } from '../session/seal.ts';
import { createSealedRecords } from '../session/sealed-records.ts';
import type { StateStore } from '../session/state-store.ts';

/** The one-time values that stand in `authCode`: they say that a login has come back, and are worth nothing else. */
export interface Handles {
  /** A new handle, good for two minutes. */
  issue(): Promise<string>;
  /** Was this handle issued a moment ago? */
  isFresh(handle: string): Promise<boolean>;
  /**
   * Counts one more try to find the session that a fresh handle came with. False when there were ten, or when the handle
   * is none.
   */
  tryAgain(handle: string): Promise<boolean>;
}

interface HandleRecord {
  readonly tries: number;
}

const LIFE_MS = 120_000;
const MOST_TRIES = 10;
const SHAPE = /^[\w-]{43}$/;

/** Handles in the given store, under names from which they cannot be found. */
export function createHandles(parts: { state: StateStore; sealer: Sealer }): Handles {
  const records = createSealedRecords(parts.state, parts.sealer);
  const name = (handle: string) => parts.sealer.key('handle', handle);
  const read = async (handle: string) => (SHAPE.test(handle) ? records.read(name(handle)) : undefined);
  return {
    async issue() {
      const handle = randomBytes(32).toString('base64url');
      await records.write(name(handle), { tries: 0 } satisfies HandleRecord, Date.now() + LIFE_MS);
      return handle;
    },
    isFresh: async (handle) => (await read(handle)) !== undefined,
    async tryAgain(handle) {
      const found = await read(handle);
      if (found === undefined) return false;
      const record = found.value as HandleRecord;
      if (record.tries >= MOST_TRIES) return false;
      await records.write(name(handle), { tries: record.tries + 1 } satisfies HandleRecord, found.until);
      return true;
    },
  };
}
