import process from 'node:process';
import { runForJson } from '../child.ts';
import { pinned } from '../pin.ts';

/** What is asked for, and how often. */
export interface OpenLoopSettings {
  readonly port: number;
  readonly path: string;
  readonly cookie?: string | undefined;
  /** Requests a second. */
  readonly rate: number;
  readonly seconds: number;
  /** Seconds before that which do not count. */
  readonly warmSeconds: number;
}

/** Milliseconds from the moment at which a request was due to the last byte of its answer. */
export interface OpenLoopReport {
  readonly requests: number;
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

/** Requests at a fixed rate, whatever becomes of them: the open loop, see `sender.mjs`. */
export async function runOpenLoop(settings: OpenLoopSettings): Promise<OpenLoopReport> {
  const script = new URL('sender.mjs', import.meta.url).pathname;
  const command = pinned('load', process.execPath, [script, JSON.stringify(settings)]);
  return (await runForJson(command)) as OpenLoopReport;
}
