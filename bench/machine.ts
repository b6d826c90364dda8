import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

/** The machine of a run, as the document names it. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  /** Share of its CPU that others used before the run began; undefined without /proc. */
  readonly busy: number | undefined;
}

/** This machine, and how quiet it is: call it before anything is started. */
export async function thisMachine(): Promise<Machine> {
  const before = cpuTimes();
  await delay(1000);
  const after = cpuTimes();
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    busy: before && after && (after.busy - before.busy) / (after.all - before.all),
  };
}

/** Version of a Node binary: `v20.19.0`. */
export function nodeVersion(path: string): string {
  return spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout.trim();
}

/** Ticks since the start of the machine, from the first line of /proc/stat (proc(5)). */
function cpuTimes(): { readonly busy: number; readonly all: number } | undefined {
  try {
    const fields =
      readFileSync('/proc/stat', 'utf8').split('\n')[0]?.trim().split(/\s+/).slice(1, 9).map(Number) ?? [];
    const all = fields.reduce((sum, ticks) => sum + ticks, 0);
    // idle, and waiting for disks
    return { all, busy: all - (fields[3] ?? 0) - (fields[4] ?? 0) };
  } catch {
    return undefined;
  }
}
