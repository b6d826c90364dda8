import type { Sealer } from '../session/seal.ts';
import { createSealedRecords } from '../session/sealed-records.ts';
import type { StateStore } from '../session/state-store.ts';

/**
 * Sessions that a login has just replaced. With several tabs at once a page may still be asked for with the cookie of
 * before; it is then asked for again, with the cookie that the browser has got meanwhile. The old session opens nothing.
 */
export interface Superseded {
  mark(sessionId: string): Promise<void>;
  has(sessionId: string): Promise<boolean>;
}

const LIFE_MS = 15_000;

/** Marks in the given store. */
export function createSuperseded(parts: { state: StateStore; sealer: Sealer }): Superseded {
  const records = createSealedRecords(parts.state, parts.sealer);
  const name = (sessionId: string) => parts.sealer.key('superseded', sessionId);
  return {
    mark: (sessionId) => records.write(name(sessionId), true, Date.now() + LIFE_MS),
    has: async (sessionId) => (await records.read(name(sessionId))) !== undefined,
  };
}
