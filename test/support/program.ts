import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A program that runs beside the test. */
export interface Program {
  /** What the first group of `ready` caught; empty where there was none to wait for. */
  readonly said: string;
  /** Ends it and whatever it started. */
  stop(): Promise<void>;
}

/** Who has not said by then that it is ready never will. */
const PATIENCE_MS = 60_000;

/** Starts a program in a process group of its own, and waits until its output says that it is ready. */
export async function startProgram(
  path: string,
  args: readonly string[],
  { env = {}, ready }: { readonly env?: Record<string, string>; readonly ready?: RegExp } = {},
): Promise<Program> {
  const child = spawn(path, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const end = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // the whole group is gone already
    }
  };
  let output = '';
  const said = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => {
      end();
      reject(new Error(`${path} does not get ready: ${output.slice(-500)}`));
    }, PATIENCE_MS).unref();
    child.once('error', reject);
    child.once('exit', () => {
      reject(new Error(`${path} ended at once: ${output.slice(-500)}`));
    });
    const isReady = (word = ''): void => {
      clearTimeout(late);
      resolve(word);
    };
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output = `${output}${chunk.toString()}`.slice(-10_000);
        const found = ready?.exec(output);
        if (found) isReady(found[1]);
      });
    if (ready === undefined)
      child.once('spawn', () => {
        isReady();
      });
  });
  return {
    said,
    async stop() {
      const exited = child.exitCode ?? child.signalCode;
      const ended = exited === null ? once(child, 'exit') : undefined;
      end();
      await ended;
    },
  };
}
