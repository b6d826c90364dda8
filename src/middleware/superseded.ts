import type { Sealer } from '../session/seal.ts';
import { createSealedRecords } from '../session/sealed-records.ts';
import type { StateStore } from '../session/state-store.ts';

/**
 * Sessions that a login has just replaced. With several tabs at once a page may still be asked for with the cookie of
 * before; it is then asked for again, with the cookie that the browser has got meanwhile. The old session opens nothing.
 */
export interface Superseded {
  mark(sessionId: string, successor: string): Promise<void>;
  /** For 15 seconds. */
  has(sessionId: string): Promise<boolean>;
  /** The session that came after it, for 10 minutes: what runs in other processes goes on under that. */
  successorOf(sessionId: string): Promise<string | undefined>;
}

const FRESH_MS = 15_000;
const LIFE_MS = 600_000;

interface Mark {
  readonly successor: string;
  /** Milliseconds since 1970. */
  readonly freshUntil: number;
}

/** Marks in the given store. */
export function createSuperseded(parts: { state: StateStore; sealer: Sealer }): Superseded {
  const records = createSealedRecords(parts.state, parts.sealer);
  const name = (sessionId: string) => parts.sealer.key('superseded', sessionId);
  const read = async (sessionId: string) => (await records.read(name(sessionId)))?.value as Mark | undefined;
  return {
    mark: (sessionId, successor) =>
      records.write(
        name(sessionId),
        { successor, freshUntil: Date.now() + FRESH_MS } satisfies Mark,
        Date.now() + LIFE_MS,
      ),
    has: async (sessionId) => ((await read(sessionId))?.freshUntil ?? 0) > Date.now(),
    successorOf: async (sessionId) => (await read(sessionId))?.successor,
  };
}
