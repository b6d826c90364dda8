import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, redisMissing } from '../../test/support/redis.ts';
import { startChild, type Child } from '../child.ts';
import type { Rig } from '../rig.ts';
import { gatewayOptions, redisUrlOf } from './gateway-options.ts';
import { logIn } from './log-in.ts';
import { OPEN_PATH, SECURE_PATH, type Row } from './row.ts';

/** Starts what `npm start` starts. @param redisUrl undefined keeps the state in memory, which production refuses */
export async function startGateway(
  rig: Rig,
  node: readonly [string, ...string[]],
  redisUrl: string | undefined,
): Promise<Child> {
  const port = await freePort();
  const file = join(rig.build.dist, `gateway-${port}.json`);
  writeFileSync(file, JSON.stringify(gatewayOptions(rig, port, redisUrl)), { mode: 0o600 });
  const [command, ...args] = node;
  return startChild({
    command,
    args: [...args, join(rig.build.dist, 'server.js'), '--config', file],
    env: { NODE_ENV: redisUrl === undefined ? '' : 'production' },
    port,
  });
}

const needsRedis = (): string | undefined => redisMissing || undefined;

/** This gateway, as `npm start` runs it and as middleware. */
export const gatewayRows: readonly Row[] = [
  {
    name: 'open',
    title: 'this gateway, open queue',
    inNode: true,
    identified: false,
    path: OPEN_PATH,
    missing: () => undefined,
    async start(rig, node) {
      const child = await startGateway(rig, node, undefined);
      return { child, stop: () => child.stop() };
    },
  },
  {
    name: 'secure-memory',
    title: 'this gateway, secure queue, sessions in memory',
    inNode: true,
    identified: true,
    path: SECURE_PATH,
    missing: () => undefined,
    async start(rig, node) {
      const child = await startGateway(rig, node, undefined);
      return { child, cookie: await logIn(child.port, SECURE_PATH), stop: () => child.stop() };
    },
  },
  {
    name: 'secure',
    title: 'this gateway, secure queue, sessions in Redis',
    inNode: true,
    identified: true,
    path: SECURE_PATH,
    missing: needsRedis,
    async start(rig, node) {
      const child = await startGateway(rig, node, redisUrlOf(rig));
      return { child, cookie: await logIn(child.port, SECURE_PATH), stop: () => child.stop() };
    },
  },
  {
    name: 'drop-in',
    title: 'this gateway as Express middleware, secure queue, Redis',
    inNode: true,
    identified: true,
    path: SECURE_PATH,
    missing: needsRedis,
    async start(rig, [command, ...args]) {
      const port = await freePort();
      const options = gatewayOptions(rig, port, redisUrlOf(rig));
      const child = await startChild({
        command,
        args: [...args, new URL('../targets/drop-in.mjs', import.meta.url).pathname],
        env: {
          NODE_ENV: 'production',
          BENCH_SETTINGS: JSON.stringify({ port, dist: rig.build.dist, options }),
        },
        port,
      });
      return { child, cookie: await logIn(port, SECURE_PATH), stop: () => child.stop() };
    },
  },
];
