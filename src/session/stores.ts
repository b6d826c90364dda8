import type { Store } from 'express-session';
import type { GatewayConfig } from '../config/gateway-config.ts';
import type { Logger } from '../observe/logger.ts';
import { createMemoryState } from './memory.ts';
import { createMemoryNews, type News } from './news.ts';
import { connectRedis, createRedisNews, createRedisSessions, createRedisState } from './redis.ts';
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
  /** Between the processes that share these stores. */
  readonly news: News;
  /** Resolves when the store answers, else rejects with `GatewayError('session_store_unavailable')`. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** On Redis where the configuration names one, else in this process' memory. Connects in the background. */
export function createStores(config: Pick<GatewayConfig, 'redis' | 'session'>, logger: Logger): Stores {
  const { idleSeconds, sealKeys } = config.session;
  const sealer = createSealer(sealKeys);
  const { state, records, news } = config.redis
    ? onRedis(config.redis, idleSeconds, logger)
    : inMemory(idleSeconds);
  return {
    state,
    sealer,
    sessions: new SealedStore(records, sealer),
    news,
    ping: () => state.ping(),
    close: () => {
      news.close();
      return state.close();
    },
  };
}

interface Parts {
  readonly state: StateStore;
  readonly records: Store;
  readonly news: News;
}

function onRedis(redis: NonNullable<GatewayConfig['redis']>, idleSeconds: number, logger: Logger): Parts {
  const link = connectRedis(redis, logger);
  return {
    state: createRedisState(link),
    records: createRedisSessions(link, idleSeconds),
    news: createRedisNews(redis, link),
  };
}

function inMemory(idleSeconds: number): Parts {
  const state = createMemoryState();
  return { state, records: new StateSessionStore(state, idleSeconds), news: createMemoryNews() };
}
