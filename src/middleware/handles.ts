import { randomBytes } from 'node:crypto';
import type { Sealer } from '../session/seal.ts';
import { createSealedRecords } from '../session/sealed-records.ts';
import type { StateStore } from '../session/state-store.ts';

/** The one-time values that stand in `authCode`: they say that a login has come back, and are worth nothing else. */
export interface Handles {
  /** A new handle for this connection, good for two minutes. */
  issue(connectionId: string): Promise<string>;
  /** Was this handle issued a moment ago? */
  isFresh(handle: string): Promise<boolean>;
}

const LIFE_MS = 120_000;
const SHAPE = /^[\w-]{43}$/;

/** Handles in the given store, under names from which they cannot be found. */
export function createHandles(parts: { state: StateStore; sealer: Sealer }): Handles {
  const records = createSealedRecords(parts.state, parts.sealer);
  const name = (handle: string) => parts.sealer.key('handle', handle);
  return {
    async issue(connectionId) {
      const handle = randomBytes(32).toString('base64url');
      await records.write(name(handle), { connectionId }, Date.now() + LIFE_MS);
      return handle;
    },
    isFresh: async (handle) => SHAPE.test(handle) && (await records.read(name(handle))) !== undefined,
  };
}
