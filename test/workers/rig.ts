import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { freePort, startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { startUpstream } from '../support/upstream.ts';
import { programOf } from '../support/program-of.ts';

/** Of all processes of a test. */
export const SECRET = 'kq8Zr2Vw5Ty7Ui9Op1As3Df4Gh6Jk8Lz';

type Line = Readonly<Record<string, unknown>> & { readonly msg: string };

/** The production server with two workers, from source; what it writes, line by line. */
export function run(t: TestContext, env: Record<string, string>) {
  const child = spawn(process.execPath, programOf('src/server.ts'), {
    env: {
      PATH: process.env['PATH'],
      HOST: '127.0.0.1',
      PUBLIC_URL: 'http://127.0.0.1:3000',
      AUTH_CONNECTION_NAME: 'Signicat',
      AUTH_CLIENT_ID: 'portal',
      AUTH_CLIENT_SECRET: 'portal-secret',
      AUTH_ENDPOINT: 'https://preprod.signicat.com/oidc',
      AUTH_MAPPING: '{"AuthUserId":{"MapType":"ChatId"}}',
      SECURE_QUEUES: 'q_bank',
      SESSION_SECRET: SECRET,
      WEB_CONCURRENCY: '2',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { text: '', errors: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.errors += chunk.toString()));
  const lines = () =>
    output.text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line);
  const said = (msg: string) => lines().filter((line) => line.msg === msg);
  t.after(() => {
    // workers end with their supervisor
    child.kill('SIGKILL');
  });
  return { child, output, lines, said };
}

/** Two workers that serve, on a Redis of their own. `finish` ends what runs at `/slow`. */
export async function startWorkers(t: TestContext, env: Record<string, string> = {}) {
  const redis = (await startRedis())!;
  const finish: (() => void)[] = [];
  const upstream = await startUpstream((req, res) => {
    if (req.url!.endsWith('/stream')) res.write('data:');
    else if (req.url!.endsWith('/slow')) finish.push(() => res.end('late'));
    else res.end('ok');
  });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = run(t, {
    PORT: String(port),
    PUBLIC_URL: url,
    REDIS_URL: redis.url,
    UPSTREAM_URL: upstream.url,
    ...env,
  });
  t.after(async () => {
    if (server.child.exitCode === null && server.child.signalCode === null) await once(server.child, 'exit');
    await upstream.stop();
    await redis.stop();
  });
  await until('two workers', () => server.said('listening').length === 2);
  const pids = () => server.said('listening').map(({ pid }) => Number(pid));
  return { ...server, redis, upstream, finish, port, url, pids };
}

export const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

export const exitOf = async (child: ChildProcess) =>
  child.exitCode ?? ((await once(child, 'exit')) as [number | null])[0];
