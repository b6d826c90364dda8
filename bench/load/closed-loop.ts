import process from 'node:process';
import { BenchError } from '../bench-error.ts';
import { runForJson } from '../child.ts';
import { ensurePeers, programVersion, versionsOf } from '../peers.ts';
import { pinned } from '../pin.ts';

/** What is asked for, and how hard. */
export interface LoadSettings {
  readonly port: number;
  readonly path: string;
  readonly cookie?: string | undefined;
  /** File with a Cookie header in each line: requests take them in turn, in place of `cookie`. */
  readonly cookieFile?: string | undefined;
  readonly seconds: number;
  readonly connections: number;
}

/** How many answers came, and how soon. */
export interface LoadReport {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers from 400 on, connections that could not be made or written to, timeouts. */
  readonly failed: number;
  /** Connections that the row has closed; of autocannon counted with `failed`. */
  readonly closed: number;
}

/** As many requests as come back: the closed loop. */
export interface LoadGenerator {
  /** With its version. */
  readonly name: string;
  run(settings: LoadSettings): Promise<LoadReport>;
}

/** wrk where it is installed, else autocannon. */
export function chooseGenerator(): LoadGenerator {
  const wrk = programVersion('wrk', ['-v']);
  if (wrk !== undefined) return { name: `wrk ${wrk}`, run: (settings) => runWrk(settings) };
  if (!ensurePeers()) throw new BenchError('neither wrk nor autocannon (npm ci in bench/) is installed');
  return { name: `autocannon ${versionsOf(['autocannon'], 'peers').autocannon ?? ''}`, run: runAutocannon };
}

async function runWrk({
  port,
  path,
  cookie,
  cookieFile,
  seconds,
  connections,
}: LoadSettings): Promise<LoadReport> {
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '--timeout', '10s'];
  args.push('-s', new URL('report.lua', import.meta.url).pathname);
  if (cookie !== undefined && cookieFile === undefined) args.push('-H', `Cookie: ${cookie}`);
  args.push(`http://127.0.0.1:${port}${path}`, ...(cookieFile === undefined ? [] : ['--', cookieFile]));
  return (await runForJson(pinned('load', 'wrk', args))) as LoadReport;
}

async function runAutocannon({ port, path, ...rest }: LoadSettings): Promise<LoadReport> {
  const script = new URL('autocannon.mjs', import.meta.url).pathname;
  const settings = JSON.stringify({ url: `http://127.0.0.1:${port}${path}`, ...rest });
  return (await runForJson(pinned('load', process.execPath, [script, settings]))) as LoadReport;
}
