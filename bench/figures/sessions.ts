import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { redisMissing, startRedis } from '../../test/support/redis.ts';
import { BenchError } from '../bench-error.ts';
import { measureCost, type Loaded } from '../measure.ts';
import { memoryBytes } from '../process-tree.ts';
import { askRedis } from '../redis-facts.ts';
import { thousands } from '../report/table.ts';
import type { Figure } from '../results.ts';
import type { Rig } from '../rig.ts';
import { gatewayOptions } from '../rows/gateway-options.ts';
import { startGateway } from '../rows/gateway.ts';
import { logIn } from '../rows/log-in.ts';
import { SECURE_PATH } from '../rows/row.ts';
import type { FigureKind, FigureTools } from './figure.ts';
import { seedSessions } from './seed-sessions.ts';

const WANTED = 100_000;
const SOME = 1000;

/** What sessions take of Redis, and how the secure queue does when many of them are busy. */
export const sessions: FigureKind = {
  name: 'sessions',
  missing: () => redisMissing || undefined,
  async run(tools) {
    const redis = await startRedis();
    if (redis === undefined) throw new BenchError('redis-server does not start');
    // the costs below are those of this Redis
    const rig: Rig = { ...tools.rig, redis };
    const child = await startGateway(rig, tools.node, redis.url);
    try {
      const cookie = await logIn(child.port, SECURE_PATH);
      const options = gatewayOptions(rig, child.port, redis.url);
      const count = tools.options.quick ? SOME : WANTED;
      const before = await askRedis(redis.port);
      const cookies = await seedSessions(options, cookie, count);
      await delay(200);
      const after = await askRedis(redis.port);
      const bytesEach = (after.usedBytes - before.usedBytes) / count;
      const records = (after.keys - before.keys) / count;
      const row = {
        row: { name: 'sessions', identified: true, path: SECURE_PATH },
        running: { child, cookie },
      };
      const size: Figure = {
        name: 'sessions',
        title: `a session in Redis (${thousands(count)} of them)`,
        text: `${thousands(bytesEach)} bytes in ${records.toFixed(1)} records`,
        values: { bytesEach, count, records },
      };
      const growth: Figure[] = [];
      for (const busy of new Set([1, SOME, count]))
        growth.push(await underLoad({ ...tools, rig }, row, cookies.slice(0, busy)));
      return [size, ...growth];
    } finally {
      await child.stop();
      await redis.stop();
    }
  },
};

async function underLoad(
  { rig, generator, options }: FigureTools,
  { row, running }: Loaded,
  cookies: readonly string[],
): Promise<Figure> {
  const cookieFile = join(rig.build.dist, `cookies-${cookies.length}`);
  writeFileSync(cookieFile, `${cookies.join('\n')}\n`, { mode: 0o600 });
  const load = { seconds: options.seconds, connections: options.connections, cookieFile };
  // what a cache has to learn once is no steady state
  await measureCost(rig, { row, running }, generator, load);
  const { requestsPerSecond, redisCommands = NaN } = await measureCost(
    rig,
    { row, running },
    generator,
    load,
  );
  const memory = memoryBytes(running.child.pid) ?? NaN;
  return {
    name: `sessions-${cookies.length}`,
    title: `secure queue, busy sessions: ${thousands(cookies.length)}`,
    text: `${thousands(requestsPerSecond)} requests/s, ${redisCommands.toFixed(3)} Redis commands each, ${Math.round(memory / 2 ** 20)} MB`,
    values: { requestsPerSecond, redisCommands, memoryBytes: memory },
  };
}
