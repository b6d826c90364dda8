import { freePort, redisMissing } from '../../test/support/redis.ts';
import { startChild } from '../child.ts';
import { ensurePeers } from '../peers.ts';
import { IDENTITY, type Rig } from '../rig.ts';
import { redisUrlOf } from './gateway-options.ts';
import { identityLines } from './identity-lines.ts';
import { logIn } from './log-in.ts';
import { OPEN_PATH, SECURE_PATH, type Row, type RunningRow } from './row.ts';

/** Nothing in front of the upstream. */
export const direct: Row = {
  name: 'direct',
  title: 'nothing, the upstream itself',
  inNode: false,
  identified: false,
  path: OPEN_PATH,
  missing: () => undefined,
  start: ({ upstream }) => Promise.resolve({ child: upstream, stop: () => Promise.resolve() }),
};

/** The limit of the engine. */
export const engine: Row = {
  name: 'engine',
  title: 'bare engine: undici dispatch on node:http',
  inNode: true,
  identified: false,
  path: OPEN_PATH,
  missing: () => undefined,
  start: (rig, node) => startTarget('bare-engine.mjs', rig, node, {}),
};

/** The limit of the engine on a secure queue: the same request and the same headers, of somebody whom nobody has looked up. */
export const engineWithIdentity: Row = {
  name: 'engine-identity',
  title: 'bare engine that adds the same identity headers, looked up nowhere',
  inNode: true,
  identified: true,
  path: SECURE_PATH,
  missing: () => undefined,
  async start(rig, node) {
    const { headers, cookie } = await identityLines(rig);
    return { ...(await startTarget('bare-engine.mjs', rig, node, { headers })), cookie };
  },
};

/** Peers in Node, with a session in Redis. */
export const nodePeers: readonly Row[] = [
  {
    name: 'passport',
    title: 'passport, express-session, connect-redis, http-proxy-middleware',
    inNode: true,
    identified: true,
    path: SECURE_PATH,
    missing: peersMissing,
    start: (rig, node) => startTarget('passport.mjs', rig, node, { redis: redisUrlOf(rig) }, '/bench-login'),
  },
  {
    name: 'openid-connect',
    title: 'express-openid-connect with Redis, http-proxy-middleware',
    inNode: true,
    identified: true,
    path: SECURE_PATH,
    missing: peersMissing,
    start: (rig, node) =>
      startTarget(
        'openid-connect.mjs',
        rig,
        node,
        { redis: redisUrlOf(rig), issuer: rig.provider.issuer },
        SECURE_PATH,
      ),
  },
];

function peersMissing(): string | undefined {
  if (redisMissing !== false) return redisMissing;
  return ensurePeers() ? undefined : 'its packages cannot be installed (npm ci in bench/)';
}

async function startTarget(
  file: string,
  rig: Rig,
  [command, ...args]: readonly [string, ...string[]],
  settings: object,
  loginPath?: string,
): Promise<RunningRow> {
  const port = await freePort();
  const upstream = `http://127.0.0.1:${rig.upstream.port}`;
  const child = await startChild({
    command,
    args: [...args, new URL(`../targets/${file}`, import.meta.url).pathname],
    env: {
      NODE_ENV: 'production',
      BENCH_SETTINGS: JSON.stringify({ port, upstream, identity: IDENTITY, ...settings }),
    },
    port,
  });
  const stop = () => child.stop();
  return loginPath === undefined ? { child, stop } : { child, cookie: await logIn(port, loginPath), stop };
}
