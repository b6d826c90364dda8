import type { Store } from 'express-session';
import type { GatewayConfig } from '../config/gateway-config.ts';
import type { Logger } from '../observe/logger.ts';
import type { Journal } from './journal.ts';
import { createMemoryJournal } from './memory-journal.ts';
import { createMemoryState } from './memory.ts';
import { createMemoryWire, createStoreMessages, type MessageWire, type StoreMessages } from './messages.ts';
import { createRecordCache, tellingCache, type RecordCache } from './record-cache.ts';
import { createRedisJournal } from './redis-journal.ts';
import { connectRedis, createRedisSessions, createRedisState } from './redis.ts';
import { connectRedisWire } from './redis-messages.ts';
import { createSealer, type Sealer } from './seal.ts';
import { SealedStore } from './sealed-store.ts';
import { StateSessionStore } from './state-session-store.ts';
import type { StateStore } from './state-store.ts';
import type { StoreChanges } from './store-changes.ts';

/** Everything that outlives a request. */
export interface Stores {
  /** The gateway's own records. */
  readonly state: StateStore;
  /** What was read of them, while it is certain that it has not changed. */
  readonly cache: RecordCache;
  /** express-session's records, sealed. */
  readonly sessions: Store;
  readonly sealer: Sealer;
  /** Between all processes on this store. */
  readonly messages: StoreMessages;
  /** Where the audit record is kept. */
  readonly journal: Journal;
  /** Resolves when the store answers, else rejects with `GatewayError('session_store_unavailable')`. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** On Redis where the configuration names one, else in this process' memory. Connects in the background. */
export function createStores(config: Pick<GatewayConfig, 'redis' | 'session'>, logger: Logger): Stores {
  const { idleSeconds, sealKeys } = config.session;
  const sealer = createSealer(sealKeys);
  const {
    state: truth,
    records,
    wire,
    changes,
    journal,
  } = config.redis ? onRedis(config.redis, idleSeconds, logger) : inMemory(idleSeconds);
  const cache = createRecordCache(truth, changes);
  const state = tellingCache(truth, cache);
  const messages = createStoreMessages(wire, sealer, logger);
  return {
    state,
    cache,
    sealer,
    messages,
    journal,
    sessions: new SealedStore(records, sealer),
    ping: () => state.ping(),
    async close() {
      await messages.close();
      await state.close();
    },
  };
}

interface Parts {
  readonly state: StateStore;
  readonly records: Store;
  readonly wire: MessageWire;
  readonly changes: StoreChanges;
  readonly journal: Journal;
}

function onRedis(redis: NonNullable<GatewayConfig['redis']>, idleSeconds: number, logger: Logger): Parts {
  const link = connectRedis(redis, logger);
  const wire = connectRedisWire(redis, link, logger);
  return {
    state: createRedisState(link),
    records: createRedisSessions(link, idleSeconds),
    wire,
    changes: wire.changes,
    journal: createRedisJournal(link),
  };
}

function inMemory(idleSeconds: number): Parts {
  let changed: (key: string | undefined) => void;
  const state = createMemoryState({
    dropped: (key) => {
      changed(key);
    },
  });
  return {
    state,
    records: new StateSessionStore(state, idleSeconds),
    wire: createMemoryWire(),
    // all that changes it is in this process
    changes: { listen: (listener) => void (changed = listener), toldUntil: () => Infinity },
    journal: createMemoryJournal(),
  };
}
