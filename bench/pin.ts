import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

const works =
  availableParallelism() > 1 && spawnSync('taskset', ['--version'], { stdio: 'ignore' }).status === 0;

/** Whether rows and load are kept on cores of their own here: two cores and `taskset`. */
export const pinning: boolean = works;

/**
 * `row`: the one core of what is measured, so that a row of many processes has no more than one of Node. `load`: all others.
 */
export type Place = 'row' | 'load';

/** Moves a running process with all its threads; nothing happens where that cannot be done. */
export function pin(pid: number, place: Place): void {
  if (works) spawnSync('taskset', ['-a', '-c', '-p', coresOf(place), String(pid)], { stdio: 'ignore' });
}

/** The command line that starts a program in its place. */
export function pinned(place: Place, command: string, args: readonly string[]): readonly [string, string[]] {
  return works ? ['taskset', ['-c', coresOf(place), command, ...args]] : [command, [...args]];
}

function coresOf(place: Place): string {
  const last = availableParallelism() - 1;
  if (place === 'row') return String(last);
  return last === 1 ? '0' : `0-${last - 1}`;
}
