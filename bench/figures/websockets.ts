import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { redisMissing } from '../../test/support/redis.ts';
import { BenchError } from '../bench-error.ts';
import { runForJson, type Child } from '../child.ts';
import { pinned } from '../pin.ts';
import { cpuSeconds, memoryBytes } from '../process-tree.ts';
import { thousands } from '../report/table.ts';
import type { Figure } from '../results.ts';
import { redisUrlOf } from '../rows/gateway-options.ts';
import { startGateway } from '../rows/gateway.ts';
import { logIn } from '../rows/log-in.ts';
import { SECURE_PATH } from '../rows/row.ts';
import type { FigureKind, FigureTools } from './figure.ts';

const WANTED = 10_000;
const TALKING = 100;
const SCRIPT = new URL('../load/sockets.mjs', import.meta.url).pathname;

/** Idle WebSockets in the secure queue, and messages through some of them. */
export const webSockets: FigureKind = {
  name: 'websockets',
  missing: () => redisMissing || undefined,
  async run(tools) {
    const { rig, node } = tools;
    const child = await startGateway(rig, node, redisUrlOf(rig));
    try {
      const cookie = await logIn(child.port, SECURE_PATH);
      return [await idle(tools, child, cookie), await talking(tools, child, cookie)];
    } finally {
      await child.stop();
    }
  },
};

async function idle({ options, rig }: FigureTools, child: Child, cookie: string): Promise<Figure> {
  // the gateway has two for each: its client's and its upstream's
  const possible = Math.floor((openFiles() - 300) / 2);
  const count = options.quick ? 200 : Math.min(WANTED, possible);
  await hold(child, cookie, Math.ceil(count / 10), () => Promise.resolve());
  await delay(options.quick ? 200 : 3000);
  const before = await lowestMemory(child, options.quick);
  const counts = await rig.counts();
  const during = await hold(child, cookie, count, async () => {
    const after = await rig.counts();
    if (after.upgrades - counts.upgrades < count || after.identified - counts.identified < count)
      throw new BenchError('websockets: not every upgrade reached the upstream with the identity header');
    return lowestMemory(child, options.quick);
  });
  const bytesEach = (during - before) / count;
  const title = `memory of an idle WebSocket (${thousands(count)} of them)`;
  const text = `${(bytesEach / 1024).toFixed(1)} KB`;
  return { name: 'websockets', title, text, values: { bytesEach, count } };
}

/** Opens so many, does the work, closes them. */
async function hold<T>({ port }: Child, cookie: string, count: number, work: () => Promise<T>): Promise<T> {
  const settings = JSON.stringify({ port, path: SECURE_PATH, cookie, count });
  const client = spawn(process.execPath, [SCRIPT, settings], { stdio: ['pipe', 'pipe', 'inherit'] });
  const gone = once(client, 'exit');
  const opened = once(client.stdout, 'data').then(() => true);
  if (!(await Promise.race([opened, gone.then(() => false)])))
    throw new BenchError('websockets: they do not stay open');
  try {
    return await work();
  } finally {
    client.stdin.end();
    await gone;
  }
}

/** The lowest of some seconds: what the collector has not come to yet is no cost of a connection. */
async function lowestMemory({ pid }: Child, quick: boolean): Promise<number> {
  let lowest = Infinity;
  for (let i = 0; i < (quick ? 3 : 20); i++) {
    lowest = Math.min(lowest, memoryBytes(pid) ?? NaN);
    await delay(250);
  }
  return lowest;
}

async function talking({ options, rig }: FigureTools, child: Child, cookie: string): Promise<Figure> {
  const through = async (port: number, seconds: number) => {
    const settings = JSON.stringify({ port, path: SECURE_PATH, cookie, count: TALKING, seconds });
    return (await runForJson(pinned('load', process.execPath, [SCRIPT, settings]))) as {
      messages: number;
      seconds: number;
    };
  };
  await through(child.port, 1);
  const before = cpuSeconds(child.pid);
  const { messages, seconds } = await through(child.port, options.seconds);
  const after = cpuSeconds(child.pid);
  const direct = await through(rig.upstream.port, options.seconds);
  const perSecond = messages / seconds;
  const directPerSecond = direct.messages / direct.seconds;
  const cpuMicros =
    before === undefined || after === undefined ? undefined : ((after - before) * 1e6) / messages;
  const cost = cpuMicros === undefined ? '' : `, ${cpuMicros.toFixed(1)} us of CPU each`;
  return {
    name: 'messages',
    title: `messages there and back through ${TALKING} WebSockets`,
    text: `${thousands(perSecond)}/s${cost} (without gateway ${thousands(directPerSecond)}/s)`,
    values: { perSecond, directPerSecond, ...(cpuMicros !== undefined && { cpuMicros }) },
  };
}

function openFiles(): number {
  const { stdout } = spawnSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' });
  const limit = Number(stdout.trim());
  return Number.isInteger(limit) ? limit : 1_000_000;
}
