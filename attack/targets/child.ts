import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';

/** A target in a process of its own, so that its end is not the end of the suite. */
export interface Child {
  readonly port: number;
  /** The error that it wrote when it ended by itself. */
  lastWords(): Promise<string | undefined>;
  stop(): Promise<void>;
}

/**
 * Starts `node` with these arguments. The child reads its settings from the first line of its input, prints
 * `ready <port>`, and ends when its input does.
 */
export async function startChild(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  settings: object,
): Promise<Child> {
  const child = spawn(process.execPath, command, {
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const gone = once(child, 'exit');
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-8000);
  });
  child.stdin.on('error', () => undefined);
  child.stdin.write(`${JSON.stringify(settings)}\n`);
  const port = await Promise.race([portOf(child.stdout), gone.then(() => undefined)]);
  if (port === undefined) throw new Error(`the target did not start: ${errors}`);
  child.stdout.resume();
  return {
    port,
    async lastWords() {
      // the connection ends a moment before the process does
      await Promise.race([gone, setTimeout(1000)]);
      return /^\w*Error\b[^\n]*/m.exec(errors.slice(errors.lastIndexOf('throw ')))?.[0];
    },
    async stop() {
      child.stdin.end();
      child.kill();
      await gone;
    },
  };
}

async function portOf(output: NodeJS.ReadableStream): Promise<number | undefined> {
  for await (const line of createInterface(output)) {
    const port = /^ready (\d+)$/.exec(line)?.[1];
    if (port !== undefined) return Number(port);
  }
  return undefined;
}
