import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { BenchError } from './bench-error.ts';
import { pinned, type Place } from './pin.ts';

/** A program that serves on a port of loopback, in a process group of its own. */
export interface Child {
  readonly pid: number;
  readonly port: number;
  /** Ends it and whatever it started: SIGTERM, and SIGKILL after 15 seconds. */
  stop(): Promise<void>;
}

/** How to start one. */
export interface ChildSettings {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where it is known to listen once it is ready. */
  readonly port: number;
  /** Default `row`. */
  readonly place?: Place;
}

/** What ends children that are left when this process exits. */
const children = new Set<() => void>();
process.once('exit', () => {
  for (const kill of children) kill();
});

const START_MS = 20_000;
const STOP_MS = 15_000;

/**
 * Starts a program and waits until its port takes connections.
 * @throws BenchError with what it said, when it ends before that.
 */
export async function startChild({ command, args, env, port, place = 'row' }: ChildSettings): Promise<Child> {
  const [program, all] = pinned(place, command, args);
  const child = spawn(program, all, {
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-4000)));
  child.once('error', (error) => (words += error.message));
  const { pid } = child;
  if (pid === undefined) throw new BenchError(`${command} cannot be started`);
  const over = () => child.exitCode !== null || child.signalCode !== null;
  const kill = (signal: 'SIGTERM' | 'SIGKILL') => {
    if (!over()) process.kill(-pid, signal);
  };
  const killAtExit = () => {
    kill('SIGKILL');
  };
  children.add(killAtExit);
  const until = Date.now() + START_MS;
  while (!(await takesConnections(port))) {
    if (over() || Date.now() > until) {
      kill('SIGKILL');
      throw new BenchError(`${command} did not start: ${words.trim()}`);
    }
    await delay(5);
  }
  return {
    pid,
    port,
    async stop() {
      children.delete(killAtExit);
      if (over()) return;
      const gone = once(child, 'exit');
      const timer = setTimeout(kill, STOP_MS, 'SIGKILL');
      kill('SIGTERM');
      await gone;
      clearTimeout(timer);
    },
  };
}

async function takesConnections(port: number): Promise<boolean> {
  // a program that dies while it starts may reset what it has accepted
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/**
 * Runs a program to its end, and reads the last line that it prints as JSON.
 * @throws BenchError with what it said, when it fails.
 */
export async function runForJson(command: readonly [string, readonly string[]]): Promise<unknown> {
  const child = spawn(command[0], command[1], { stdio: ['ignore', 'pipe', 'pipe'] });
  const killAtExit = () => child.kill('SIGKILL');
  children.add(killAtExit);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code] = (await once(child, 'close')) as [number | null];
  children.delete(killAtExit);
  const line = output.trimEnd().split('\n').at(-1) ?? '';
  if (code !== 0 || !line.startsWith('{'))
    throw new BenchError(`${command[0]} failed: ${output.slice(-2000)}`);
  return JSON.parse(line);
}
