import { setTimeout as delay } from 'node:timers/promises';
import process from 'node:process';
import { request } from 'undici';
import { startProvider, type Provider } from '../test/support/provider.ts';
import { freePort, startRedis, type TestRedis } from '../test/support/redis.ts';
import { BenchError } from './bench-error.ts';
import type { Build } from './build.ts';
import { startChild, type Child } from './child.ts';
import { askRedis } from './redis-facts.ts';
import { pin } from './pin.ts';

/** What the identity header says to the upstream, through every row. */
export const IDENTITY = 'kari-sub';

/** Milliseconds without a request after which a load is over. */
const QUIET_MS = 100;

/** How many requests the upstream has had. */
export interface UpstreamCounts {
  readonly requests: number;
  /** Those with the identity header, upgrades included. */
  readonly identified: number;
  readonly upgrades: number;
}

/** What all rows share: one upstream, one provider, one Redis. */
export interface Rig {
  readonly upstream: Child;
  readonly provider: Provider;
  /** Undefined where there is no redis-server. */
  readonly redis: TestRedis | undefined;
  readonly build: Build;
  /** Once nothing more comes: what a load has left on its way belongs to that load. */
  counts(): Promise<UpstreamCounts>;
  /** Where upstream and Redis run: beside the load, or beside the row when the load needs all of its core. */
  settle(place: 'row' | 'load'): Promise<void>;
  stop(): Promise<void>;
}

/** Starts what all rows share. */
export async function startRig(build: Build): Promise<Rig> {
  const port = await freePort();
  const upstream = await startChild({
    command: process.execPath,
    args: [new URL('targets/upstream.mjs', import.meta.url).pathname],
    env: { BENCH_SETTINGS: JSON.stringify({ port, identity: IDENTITY }) },
    port,
    place: 'load',
  });
  const provider = await startProvider({
    person: {
      sub: IDENTITY,
      given_name: 'Kari',
      name: 'Kari Ødegård',
      birthdate: '1990-02-17',
      'signicat.national_id': '17029012345',
    },
  });
  const redis = await startRedis();
  const redisPid = redis && (await askRedis(redis.port)).pid;
  return {
    upstream,
    provider,
    redis,
    build,
    counts: () => finalCounts(port),
    async settle(place) {
      pin(upstream.pid, place);
      if (redisPid !== undefined) pin(redisPid, place);
      await delay(50);
    },
    async stop() {
      await upstream.stop();
      await provider.stop();
      await redis?.stop();
      build.remove();
    },
  };
}

async function finalCounts(port: number): Promise<UpstreamCounts> {
  let last = await countsOf(port);
  for (;;) {
    await delay(QUIET_MS);
    const counts = await countsOf(port);
    if (counts.requests === last.requests && counts.upgrades === last.upgrades) return counts;
    last = counts;
  }
}

async function countsOf(port: number): Promise<UpstreamCounts> {
  const { statusCode, body } = await request(`http://127.0.0.1:${port}/bench-counts`, { reset: true });
  if (statusCode !== 200) throw new BenchError('the upstream does not tell its counts');
  return (await body.json()) as UpstreamCounts;
}
