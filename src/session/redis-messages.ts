import { performance } from 'node:perf_hooks';
import type { Logger } from '../observe/logger.ts';
import type { MessageWire, WireListener } from './messages.ts';
import { openRedis, type RedisLink, type RedisPlace } from './redis.ts';
import { parseRedisUrl } from './redis-url.ts';

/** Bounds of the connection that hears, in milliseconds. */
export interface HearingLimits {
  /** Between two questions whether it still hears, default 250. */
  readonly askMs?: number;
  /** For the answer, default 1000; then the connection is given up, and made anew. */
  readonly answerMs?: number;
}

/** After a refusal to subscribe, before the next attempt. */
const REFUSED_MS = 2000;

/**
 * Messages over Redis' PUBLISH and SUBSCRIBE, on one channel for each database (Redis itself has one for all). Sends on
 * the connection of the store; hears on one of its own, which is made anew whenever it is lost. It is asked all the time
 * whether it hears, for a connection that hangs says nothing: the answer comes behind every message before the question.
 */
export function connectRedisWire(
  redis: RedisPlace,
  link: RedisLink,
  logger: Logger,
  { askMs = 250, answerMs = 1000 }: HearingLimits = {},
): MessageWire {
  const channel = `scg:${parseRedisUrl(redis.url, redis.tlsRejectUnauthorized).db}:messages`;
  const client = openRedis(redis, answerMs);
  let listener: WireListener | undefined;
  let heard = -Infinity;
  const sayOnce = refusals(logger);
  const deaf = (): void => {
    if (heard !== -Infinity) listener?.deaf();
    heard = -Infinity;
  };
  const prove = async (question: () => Promise<unknown>): Promise<boolean> => {
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
  };
  const hear = async (): Promise<void> => {
    if (listener === undefined || client.status !== 'ready') return;
    if (await prove(() => client.subscribe(channel))) {
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
    .on('message', (_channel: string, line: string) => listener?.line(line));
  const asking = setInterval(() => {
    if (heard !== -Infinity) void prove(() => client.ping());
  }, askMs).unref();
  return {
    async publish(line) {
      await link.run((commands) => commands.publish(channel, line));
    },
    listen(given) {
      listener = given;
      void hear();
    },
    heardUntil: () => heard,
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

/** Says once that the server's rules forbid it. */
function refusals(logger: Logger): () => void {
  let told = false;
  return () => {
    if (!told)
      logger.warn({}, 'Redis refuses to subscribe: log-outs of other processes are looked for instead');
    told = true;
  };
}
