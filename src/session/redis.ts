import { RedisStore } from 'connect-redis';
import type { SessionData, Store } from 'express-session';
import { Redis } from 'ioredis';
import { isGatewayError } from '../errors.ts';
import { describeError, type Logger } from '../observe/logger.ts';
import { lifeMs } from './life.ts';
import { parseRedisUrl } from './redis-url.ts';
import { storeFailure } from './store-failure.ts';
import type { StateStore } from './state-store.ts';

/** Bounds of one connection to Redis, in milliseconds. */
export interface RedisLimits {
  /** For each answer, default 2000. A connection that misses it is given up and made anew. */
  readonly commandMs?: number;
  /** How long after start-up a command waits for the first connection, default 2000. */
  readonly startMs?: number;
}

/** Where Redis is, as the configuration has it. */
export interface RedisPlace {
  readonly url: string;
  readonly tlsRejectUnauthorized: boolean;
}

/** A connection of ioredis. */
export type RedisConnection = Redis;

/** One connection that everything of this process shares. */
export interface RedisLink {
  /**
   * Runs a command and waits for its answer.
   *
   * @throws GatewayError `session_store_unavailable` when there is no connection, no answer in time, or a refusal
   * (READONLY, LOADING, OOM).
   */
  readonly run: <T>(command: (client: Redis) => Promise<T>) => Promise<T>;
  /** Calls the listener whenever the connection is lost: the next one may lead to another server. */
  onLost(listener: () => void): void;
  close(): Promise<void>;
}

/** Of every key in Redis. */
export const PREFIX = 'scg:';
const TIMED_OUT = 'Command timed out';

/**
 * Connects in the background: start-up does not wait, commands wait for the first connection for a moment only. Later,
 * a command without a connection fails at once: what cannot be answered now is not kept for later. Lost connections come
 * back by themselves; each outage is logged once. Needs Redis 6.2 (GETDEL).
 */
export function connectRedis(
  redis: RedisPlace,
  logger: Logger,
  { commandMs = 2000, startMs = 2000 }: RedisLimits = {},
): RedisLink {
  const client = openRedis(redis, commandMs);
  let closed = false;
  logOutages(client, logger, () => closed);
  const started = firstReady(client, startMs);
  return {
    async run(command) {
      await started;
      try {
        return await command(client);
      } catch (error) {
        // silence is no proof that the command did not arrive: nothing else may queue up behind it
        if (error instanceof Error && error.message === TIMED_OUT && client.status === 'ready')
          client.disconnect(true);
        throw storeFailure(isGatewayError(error) ? error : harmless(error));
      }
    },
    onLost: (listener) => void client.on('close', listener),
    async close() {
      closed = true;
      if (client.status === 'ready') await client.quit().catch(() => undefined);
      client.disconnect();
    },
  };
}

/** A connection that comes back by itself and never repeats a command. `commandMs` bounds each answer. */
export function openRedis(redis: RedisPlace, commandMs: number): Redis {
  return new Redis({
    ...parseRedisUrl(redis.url, redis.tlsRejectUnauthorized),
    connectTimeout: 5000,
    commandTimeout: commandMs,
    disconnectTimeout: 100,
    // no queues: commands that find no connection, or lose it, fail and are never sent again behind the caller's back
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    retryStrategy: (times) => Math.min(100 * 2 ** Math.min(times - 1, 5), 2000),
    // after a failover this server is the replica, and a new connection finds the primary
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    disableClientInfo: true,
  });
}

/** Resolves with the first connection, or after `startMs` without one. */
function firstReady(client: Redis, startMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, startMs).unref();
    client.once('ready', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function logOutages(client: Redis, logger: Logger, isClosed: () => boolean): void {
  let down = false;
  client.on('error', (error: unknown) => {
    if (!down && !isClosed())
      logger.error({ cause: describeError(harmless(error)) }, 'the session store is lost');
    down = true;
  });
  client.on('close', () => {
    if (!down && !isClosed()) logger.warn({}, 'the session store closed the connection');
    down = true;
  });
  client.on('ready', () => {
    if (down) logger.info({}, 'the session store is back');
    down = false;
  });
}

/** Class and code of an error of ioredis, without the command whose arguments it carries (keys, a password). */
function harmless(error: unknown): Error {
  const { name, message } = error instanceof Error ? error : new Error();
  const given =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const code = given ?? (message === TIMED_OUT ? 'TIMEOUT' : /^[A-Z]{3,20}(?= )/.exec(message)?.[0]);
  return Object.assign(new Error('Redis failed'), { name, code });
}

const REPLACE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
return 1`;

const DISCARD = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

/** The gateway's records on Redis, below the prefix `scg:`. */
export function createRedisState(link: RedisLink): StateStore {
  const { run } = link;
  const name = (key: string) => PREFIX + key;
  const known = (value: string | null) => value ?? undefined;
  return {
    get: async (key) => known(await run((client) => client.get(name(key)))),
    // GETRANGE knows no absent key: it is an empty text, as which no caller of this stores anything
    start: async (key, length) =>
      (await run((client) => client.getrange(name(key), 0, length - 1))) || undefined,
    async getMany(keys) {
      if (keys.length === 0) return [];
      return (await run((client) => client.mget(keys.map(name)))).map(known);
    },
    count: async (keys) => (keys.length === 0 ? 0 : run((client) => client.exists(keys.map(name)))),
    tally: (kind) => tally(run, name(`${kind}:*`)),
    async set(key, value, ttlMs) {
      const life = lifeMs(ttlMs);
      await run((client) => client.set(name(key), value, 'PX', life));
    },
    async add(key, value, ttlMs) {
      const life = lifeMs(ttlMs);
      return (await run((client) => client.set(name(key), value, 'PX', life, 'NX'))) === 'OK';
    },
    replace: async (key, expected, value) =>
      (await run((client) => client.eval(REPLACE, 1, name(key), expected, value))) === 1,
    discard: async (key, expected) =>
      (await run((client) => client.eval(DISCARD, 1, name(key), expected))) === 1,
    take: async (key) => known(await run((client) => client.getdel(name(key)))),
    async delete(keys) {
      if (keys.length > 0) await run((client) => client.del(keys.map(name)));
    },
    async touch(keys, ttlMs) {
      const life = lifeMs(ttlMs);
      await run((client) => pexpireAll(client, keys.map(name), life));
    },
    remaining: async (key) => Math.max(0, await run((client) => client.pttl(name(key)))),
    async ping() {
      // PING is answered by a full or read-only server too, which can take no login: this asks to write, and writes nothing
      await run((client) => client.set(name('ready'), '', 'PX', 1, 'XX'));
    },
    close: () => link.close(),
  };
}

/** SCAN, so that nobody else waits for it; a key that it meets twice counts once. */
async function tally(run: RedisLink['run'], pattern: string): Promise<number> {
  const found = new Set<string>();
  let cursor = '0';
  do {
    const [next, keys] = await run((client) => client.scan(cursor, 'MATCH', pattern, 'COUNT', 1000));
    for (const key of keys) found.add(key);
    cursor = next;
  } while (cursor !== '0');
  return found.size;
}

async function pexpireAll(client: Redis, keys: readonly string[], life: number): Promise<void> {
  if (keys.length === 0) return;
  const pipeline = client.pipeline();
  for (const key of keys) pipeline.pexpire(key, life);
  for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
}

/**
 * express-session's records on the same connection, by connect-redis, below the same prefix: session id `x` is the key
 * `scg:x`. A record lives `idleSeconds` from its last use, or as long as its cookie when that has a life of its own.
 */
export function createRedisSessions(link: RedisLink, idleSeconds: number): Store {
  const { run } = link;
  const client = {
    get: (key: string) => run((redis) => redis.get(key)),
    set: (key: string, value: string, _unit: 'EX', seconds: number) =>
      run((redis) => redis.set(key, value, 'EX', seconds)),
    expire: (key: string, seconds: number) => run((redis) => redis.expire(key, seconds)),
    del: (keys: string[]) => run((redis) => redis.del(keys)),
  };
  return new RedisStore({
    client,
    prefix: PREFIX,
    ttl: idleSeconds,
    serializer: { stringify: JSON.stringify, parse },
  });
}

/** What is no record of ours is no session either, rather than a failure. */
function parse(text: string): SessionData {
  try {
    return JSON.parse(text) as SessionData;
  } catch {
    return JSON.parse('{"cookie":{}}') as SessionData;
  }
}
