import { describeError, type Logger } from '../observe/logger.ts';
import type { Sealer } from '../session/seal.ts';
import { createSealedRecords } from '../session/sealed-records.ts';
import type { StateStore } from '../session/state-store.ts';
import { createTouchGate } from '../session/touch-gate.ts';

/** In which places chats run, over all processes: one mark in the store for each place, and none for a chat. */
export interface QueueUse {
  /** Somebody was admitted to this place. Tells the store at most once a minute, and nobody waits for that. */
  note(place: string): void;
  /** Which of these places have a mark. One round trip. */
  running(places: readonly string[]): Promise<string[]>;
  /** Stops looking after what runs. */
  close(): void;
}

/** What the marks stand on. */
export interface QueueUseParts {
  readonly state: StateStore;
  readonly sealer: Sealer;
  /** After the last request of a chat its identity lives this long. */
  readonly idleSeconds: number;
  /** Places in which an answer or an upgraded socket runs in this process. */
  readonly open: () => Iterable<string>;
  readonly logger: Pick<Logger, 'warn'>;
}

const MINUTE_MS = 60_000;

/** Marks in the given store. A mark outlives the last request of its chats by the idle time, and by a minute at most. */
export function createQueueUse({ state, sealer, idleSeconds, open, logger }: QueueUseParts): QueueUse {
  const records = createSealedRecords(state, sealer);
  const gate = createTouchGate(MINUTE_MS);
  const name = (place: string) => sealer.key('queue-in-use', place);
  const lifeMs = idleSeconds * 1000 + MINUTE_MS;

  async function mark(place: string): Promise<void> {
    try {
      await records.write(name(place), true, Date.now() + lifeMs);
    } catch (error) {
      gate.reopen(place);
      logger.warn({ cause: describeError(error) }, 'a queue could not be marked as in use');
    }
  }

  function note(place: string): void {
    if (gate.due(place)) void mark(place);
  }

  // a socket makes no requests, and its identity does not end for being idle
  const keeper = setInterval(() => {
    for (const place of new Set(open())) note(place);
  }, MINUTE_MS).unref();

  return {
    note,
    async running(places) {
      const marks = await state.getMany(places.map(name));
      return places.filter((place, index) => records.open(name(place), marks[index]) !== undefined);
    },
    close: () => {
      clearInterval(keeper);
    },
  };
}
