import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../observe/logger.ts';
import { PREFIX, type RedisConnection, type RedisLink } from './redis.ts';
import { TOLD_KINDS, type StoreChanges } from './store-changes.ts';

/** The channel of client-side caching for connections that speak RESP2. */
const INVALIDATED = '__redis__:invalidate';
/** For the trial write to be heard. */
const TRIAL_MS = 1000;
/** Until the next trial. */
const AGAIN_MS = 10_000;

/** Redis' own news of changed records (`CLIENT TRACKING`, Redis 6), on a connection that hears messages anyway. */
export interface RedisTracking extends StoreChanges {
  /** To be called on each new connection before it subscribes to anything. Never rejects for a refusal of the server. */
  arm(connection: RedisConnection): Promise<void>;
  /** Takes what came on the channel: an array of keys, or null after FLUSHALL. False when it is no news of records. */
  take(channel: string, message: unknown): boolean;
  /** The connection is lost, and with it all that was certain. */
  disarm(): void;
}

/**
 * Prefixes are tracked and not single keys (`BCAST`), so the server keeps nothing for it, and a read need not come on this
 * connection. Counts only after one write over the store's own connection, which leaves nothing, was heard here: a proxy,
 * or another server behind the same name, is not believed.
 *
 * @param heardUntil what the connection is known to have heard, as `performance.now()`
 */
export function createRedisTracking(
  link: RedisLink,
  heardUntil: () => number,
  logger: Logger,
): RedisTracking {
  let changed: (key: string | undefined) => void = nobody;
  let tracked: Promise<void> | undefined;
  const sayOnce = refusals(logger);
  const trial = createTrial(link, sayOnce);
  return {
    listen: (listener) => void (changed = listener),
    toldUntil: () => (trial.passed() ? heardUntil() : -Infinity),
    async arm(connection) {
      try {
        await (tracked ??= track(connection));
        await connection.subscribe(INVALIDATED);
      } catch (error) {
        if (error instanceof Error && error.name === 'ReplyError') sayOnce();
        return;
      }
      // of a connection that was lost meanwhile, no trial passes
      trial.begin();
    },
    take(channel, message) {
      if (channel !== INVALIDATED) return false;
      const names = Array.isArray(message) ? message.map(recordName) : [undefined];
      for (const name of names) {
        changed(name);
        trial.heard(name);
      }
      return true;
    },
    disarm() {
      tracked = undefined;
      trial.reset();
      changed(undefined);
    },
  };
}

async function track(connection: RedisConnection): Promise<void> {
  const id = String(await connection.client('ID'));
  const prefixes = TOLD_KINDS.flatMap((kind) => ['PREFIX', `${PREFIX}${kind}:`]);
  await connection.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', id, 'BCAST', ...prefixes);
}

function recordName(key: unknown): string | undefined {
  return Buffer.isBuffer(key) ? key.toString('latin1').slice(PREFIX.length) : undefined;
}

/** Finds out whether what the store's own connection writes is heard. */
interface Trial {
  begin(): void;
  heard(name: string | undefined): void;
  passed(): boolean;
  /** What was found out holds no more. */
  reset(): void;
}

function createTrial(link: RedisLink, failed: () => void): Trial {
  let round = 0;
  let passed = false;
  let written: string | undefined;
  const attempt = async (begun: number): Promise<void> => {
    const name = (written = `${TOLD_KINDS[0]}:${randomBytes(32).toString('base64url')}`);
    const key = PREFIX + name;
    const answers = await link
      .run((client) => client.multi().set(key, '', 'PX', 1).del(key).exec())
      .catch(() => null);
    await delay(TRIAL_MS, undefined, { ref: false });
    if (round !== begun || passed) return;
    if (answers !== null) failed();
    await delay(AGAIN_MS, undefined, { ref: false });
    if (round === begun) await attempt(begun);
  };
  return {
    begin: () => void attempt((round += 1)),
    heard(name) {
      if (name === undefined || name !== written) return;
      passed = true;
      written = undefined;
    },
    passed: () => passed,
    reset() {
      round += 1;
      passed = false;
      written = undefined;
    },
  };
}

function refusals(logger: Logger): () => void {
  let told = false;
  return () => {
    if (!told) logger.warn({}, 'Redis does not tell of changes: every request to a secure queue asks it');
    told = true;
  };
}

function nobody(): void {
  // until somebody listens
}
