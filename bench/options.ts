import process from 'node:process';
import { parseArgs } from 'node:util';
import { BenchError } from './bench-error.ts';

/** What one run does. */
export interface BenchOptions {
  /** Rows and figures, by name; empty for all of them. */
  readonly only: readonly string[];
  /** Seconds of each load. */
  readonly seconds: number;
  /** How often the rows are gone through; medians are taken of these. */
  readonly rounds: number;
  /** Connections of the closed loop. */
  readonly connections: number;
  /** Requests a second of the open loop. */
  readonly rate: number;
  /** Small numbers everywhere: shows that it runs, not how fast. */
  readonly quick: boolean;
  /** Node binaries that the rows run under. */
  readonly nodes: readonly string[];
  /** Folder for the results as JSON; undefined writes none. */
  readonly out: string | undefined;
  /** Puts table and plot into docs/performance.md. */
  readonly write: boolean;
  /** Row whose CPU profile is taken, in place of everything else. */
  readonly profile: string | undefined;
  /** Prints the results as JSON in place of the tables. */
  readonly json: boolean;
}

/** Where a run that is not quick keeps its results, from the root of the repository. */
export const RESULTS = 'bench/results';

/** @throws BenchError on anything that is no option. */
export function readOptions(args: readonly string[]): BenchOptions {
  const values = parse(args);
  const { quick = false, write = false, json = false } = values;
  if (quick && write)
    throw new BenchError('--quick shows that the harness runs: its numbers go into no document');
  return {
    only: (values.only ?? '').split(',').filter((name) => name !== ''),
    seconds: wholeNumber('seconds', values.seconds, quick ? 1 : 5),
    rounds: wholeNumber('rounds', values.rounds, quick ? 1 : 5),
    connections: wholeNumber('connections', values.connections, 64),
    rate: wholeNumber('rate', values.rate, 1000),
    quick,
    nodes: values.node ?? [process.execPath],
    out: values.out ?? (quick || values.profile !== undefined ? undefined : RESULTS),
    write,
    profile: values.profile,
    json,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string' },
        seconds: { type: 'string' },
        rounds: { type: 'string' },
        connections: { type: 'string' },
        rate: { type: 'string' },
        node: { type: 'string', multiple: true },
        out: { type: 'string' },
        profile: { type: 'string' },
        quick: { type: 'boolean' },
        write: { type: 'boolean' },
        json: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new BenchError(error instanceof Error ? error.message : 'unreadable options', { cause: error });
  }
}

function wholeNumber(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^[1-9]\d{0,6}$/.test(text))
    throw new BenchError(`--${name} is a whole number above 0, not "${text}"`);
  return Number(text);
}
