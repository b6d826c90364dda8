import { performance } from 'node:perf_hooks';
import type { Logger } from '../observe/logger.ts';
import type { MessageWire, WireListener } from './messages.ts';
import { openRedis, type RedisConnection, type RedisLink, type RedisPlace } from './redis.ts';
import { createRedisTracking } from './redis-tracking.ts';
import { parseRedisUrl } from './redis-url.ts';
import type { StoreChanges } from './store-changes.ts';

/** Bounds of the connection that hears, in milliseconds. */
export interface HearingLimits {
  /** Between two questions whether it still hears, default 250. */
  readonly askMs?: number;
  /** For the answer, default 1000; then the connection is given up, and made anew. */
  readonly answerMs?: number;
}

/** What comes on the connection that hears. */
export interface RedisWire extends MessageWire {
  /** Of the records on the same server. */
  readonly changes: StoreChanges;
}

/** After a refusal to subscribe, before the next attempt. */
const REFUSED_MS = 2000;

/**
 * Messages over Redis' PUBLISH and SUBSCRIBE, on one channel for each database (Redis itself has one for all). Sends on
 * the connection of the store; hears on one of its own, which is made anew whenever it is lost. It is asked all the time
 * whether it hears, for a connection that hangs says nothing: the answer comes behind every message before the question.
 * It hears of changed records as well, from the server that the store's connection leads to: both are made anew together.
 */
export function connectRedisWire(
  redis: RedisPlace,
  link: RedisLink,
  logger: Logger,
  { askMs = 250, answerMs = 1000 }: HearingLimits = {},
): RedisWire {
  const channel = `scg:${parseRedisUrl(redis.url, redis.tlsRejectUnauthorized).db}:messages`;
  const client = openRedis(redis, answerMs);
  let listener: WireListener | undefined;
  const proof = createProof(client);
  const tracking = createRedisTracking(link, proof.heardUntil, logger);
  const sayOnce = refusals(logger);
  const deaf = (): void => {
    tracking.disarm();
    if (proof.reset()) listener?.deaf();
  };
  const hear = async (): Promise<void> => {
    if (listener === undefined || client.status !== 'ready') return;
    await tracking.arm(client);
    if (await proof.by(() => client.subscribe(channel))) {
      listener.hearing();
      return;
    }
    sayOnce();
    // the rules of this server may change; a connection that was lost begins by itself
    setTimeout(() => void hear(), REFUSED_MS).unref();
  };
  client
    .on('ready', () => void hear())
    .on('close', deaf)
    // the store's own connection logs the outage
    .on('error', () => undefined)
    .on('messageBuffer', (from: Buffer, message: unknown) => {
      if (tracking.take(from.toString('latin1'), message)) return;
      if (Buffer.isBuffer(message)) listener?.line(message.toString('utf8'));
    });
  link.onLost(() => {
    if (listener === undefined) return;
    deaf();
    if (client.status === 'ready') client.disconnect(true);
  });
  const asking = setInterval(() => {
    if (proof.heardUntil() !== -Infinity) void proof.by(() => client.ping());
  }, askMs).unref();
  return {
    changes: tracking,
    async publish(line) {
      await link.run((commands) => commands.publish(channel, line));
    },
    listen(given) {
      listener = given;
      void hear();
    },
    heardUntil: proof.heardUntil,
    close() {
      clearInterval(asking);
      listener = NOBODY;
      client.disconnect();
      return Promise.resolve();
    },
  };
}

/** In place of the listener of a wire that is closed: an answer may be under way. */
const NOBODY: WireListener = { hearing: nothing, deaf: nothing, line: nothing };

function nothing(): void {
  // nobody is told
}

/** Until when this connection has heard for sure. */
interface Proof {
  readonly heardUntil: () => number;
  /** True when it answers: then it has heard all that was said before the question. */
  by(question: () => Promise<unknown>): Promise<boolean>;
  /** The connection is lost. False when nothing was heard on it. */
  reset(): boolean;
}

function createProof(client: RedisConnection): Proof {
  let heard = -Infinity;
  return {
    heardUntil: () => heard,
    async by(question) {
      const asked = performance.now();
      try {
        await question();
      } catch {
        // no answer in time; a connection that is lost comes back by itself
        if (client.status === 'ready' && heard !== -Infinity) client.disconnect(true);
        return false;
      }
      if (client.status === 'ready') heard = Math.max(heard, asked);
      return heard !== -Infinity;
    },
    reset() {
      const before = heard;
      heard = -Infinity;
      return before !== -Infinity;
    },
  };
}

/** Says once that the server's rules forbid it. */
function refusals(logger: Logger): () => void {
  let told = false;
  return () => {
    if (!told)
      logger.warn({}, 'Redis refuses to subscribe: log-outs of other processes are looked for instead');
    told = true;
  };
}
