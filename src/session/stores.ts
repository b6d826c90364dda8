import type { Store } from 'express-session';
import type { GatewayConfig } from '../config/gateway-config.ts';
import type { Logger } from '../observe/logger.ts';
import type { Journal } from './journal.ts';
import { createMemoryJournal } from './memory-journal.ts';
import { createMemoryState } from './memory.ts';
import { createMemoryWire, createStoreMessages, type MessageWire, type StoreMessages } from './messages.ts';
import { createRedisJournal } from './redis-journal.ts';
import { connectRedis, createRedisSessions, createRedisState } from './redis.ts';
import { connectRedisWire } from './redis-messages.ts';
import { createSealer, type Sealer } from './seal.ts';
import { SealedStore } from './sealed-store.ts';
import { StateSessionStore } from './state-session-store.ts';
import type { StateStore } from './state-store.ts';

/** Everything that outlives a request. */
export interface Stores {
  /** The gateway's own records. */
  readonly state: StateStore;
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
  const { state, records, wire, journal } = config.redis
    ? onRedis(config.redis, idleSeconds, logger)
    : inMemory(idleSeconds);
  const messages = createStoreMessages(wire, sealer, logger);
  return {
    state,
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
  readonly journal: Journal;
}

function onRedis(redis: NonNullable<GatewayConfig['redis']>, idleSeconds: number, logger: Logger): Parts {
  const link = connectRedis(redis, logger);
  return {
    state: createRedisState(link),
    records: createRedisSessions(link, idleSeconds),
    wire: connectRedisWire(redis, link, logger),
    journal: createRedisJournal(link),
  };
}

function inMemory(idleSeconds: number): Parts {
  const state = createMemoryState();
  return {
    state,
    records: new StateSessionStore(state, idleSeconds),
    wire: createMemoryWire(),
    journal: createMemoryJournal(),
  };
}
