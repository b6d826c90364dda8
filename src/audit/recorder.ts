import type { Chain } from './chain.ts';
import { describeError, type Logger } from '../observe/logger.ts';
import type { AuditEntry } from './entry.ts';

/** Takes entries at once and appends them later, off the way of requests. */
export interface Recorder {
  put(entry: AuditEntry): void;
  /** Appends all that waits, when the store takes it; resolves in any case. */
  flush(): Promise<void>;
  /** Stops; `flush` first. */
  stop(): void;
}

/** What a recorder needs. */
export interface RecorderParts {
  readonly chain: Chain;
  readonly logger: Pick<Logger, 'error'>;
  /** An entry that says how many were lost, and since when. */
  readonly lost: (count: number, since: string) => AuditEntry;
}

const GATHER_MS = 100;
const RETRY_MS = 1000;
const BATCH = 500;
/** Entries that wait at most. */
const WAITING = 5000;

/**
 * Appends in batches, at the latest 100 ms after an entry came; while the store is away it tries again every second. 5000
 * entries wait, the ones after them are counted, and the record says how many they were.
 */
export function createRecorder({ chain, logger, lost }: RecorderParts): Recorder {
  let waiting: AuditEntry[] = [];
  /** Taken out for the store; stays the same until it is in. */
  let batch: AuditEntry[] = [];
  let dropped: { count: number; readonly since: string } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let stopped = false;
  let failing = false;

  function arm(ms: number): void {
    if (stopped) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      void flush();
    }, ms).unref();
  }

  async function drain(): Promise<void> {
    for (;;) {
      if (batch.length === 0) batch = waiting.splice(0, BATCH);
      if (batch.length === 0) {
        if (dropped === undefined) return;
        batch = [lost(dropped.count, dropped.since)];
        dropped = undefined;
      }
      await chain.append(batch);
      batch = [];
      failing = false;
    }
  }

  function flush(): Promise<void> {
    running ??= drain()
      .catch((error: unknown) => {
        if (!failing) logger.error({ cause: describeError(error) }, 'the audit record takes no entries');
        failing = true;
        arm(RETRY_MS);
      })
      .finally(() => {
        running = undefined;
      });
    return running;
  }

  return {
    put(entry) {
      if (stopped) return;
      if (waiting.length >= WAITING) {
        dropped ??= { count: 0, since: entry.at };
        dropped.count += 1;
        return;
      }
      waiting.push(entry);
      arm(GATHER_MS);
    },
    flush,
    stop() {
      stopped = true;
      clearTimeout(timer);
      waiting = [];
    },
  };
}
