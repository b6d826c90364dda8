import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A redis-server of this test's own, on loopback, that keeps nothing on disk. */
export interface TestRedis {
  readonly url: string;
  readonly port: number;
  /** The process stays and its port takes connections, but nothing is answered. */
  pause(): void;
  resume(): void;
  /** Kills it; the port is free afterwards. */
  kill(): Promise<void>;
  /** Starts it again, empty, on the same port. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

const probe = spawnSync('redis-server', ['--version'], { stdio: 'ignore' });

/** Why tests on Redis cannot run here: `{ skip: redisMissing }`. False where they can. */
export const redisMissing: string | false = probe.status === 0 ? false : 'no redis-server on this machine';

/** Starts a server and waits until it answers; undefined where there is none to start (see `redisMissing`). */
export async function startRedis(options: readonly string[] = []): Promise<TestRedis | undefined> {
  if (redisMissing !== false) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'scg-redis-'));
  const port = await freePort();
  let child = await launch(port, folder, options);
  const killAtExit = () => child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    kill,
    async restart() {
      await kill();
      child = await launch(port, folder, options);
    },
    async stop() {
      await kill();
      process.off('exit', killAtExit);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A port of loopback on which nobody listens at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function launch(port: number, folder: string, options: readonly string[]): Promise<ChildProcess> {
  const settings = [
    '--bind',
    '127.0.0.1',
    '--port',
    String(port),
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'no',
  ];
  const child = spawn('redis-server', [...settings, ...options], { stdio: 'ignore' });
  const until = Date.now() + 10_000;
  while (!(await answers(port))) {
    if (child.exitCode !== null || Date.now() > until)
      throw new Error(`redis-server on port ${port} did not start`);
    await delay(20);
  }
  return child;
}

async function answers(port: number): Promise<boolean> {
  const socket: Socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.write('PING\r\n');
    const [reply] = (await once(socket, 'data')) as [Buffer];
    return /^(\+PONG|-NOAUTH)/.test(reply.toString('latin1'));
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
