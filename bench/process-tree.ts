import { readdirSync, readFileSync } from 'node:fs';

/** Ticks of the times in /proc/PID/stat: every Linux tells programs 100 a second (USER_HZ). */
const TICKS_PER_SECOND = 100;

/** One line of /proc/PID/stat, as far as it is used. */
export interface ProcessTimes {
  readonly parent: number;
  /** User and system time, its own and that of its children that have ended. */
  readonly cpuSeconds: number;
}

/** Reads /proc/PID/stat (proc(5)); the name in it may hold blanks and brackets. */
export function parseStat(text: string): ProcessTimes {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { parent: Number(fields[1]), cpuSeconds: ticks / TICKS_PER_SECOND };
}

/** CPU time of a process and everything below it; undefined on systems without /proc. */
export function cpuSeconds(pid: number): number | undefined {
  return treeOf(pid)?.reduce((sum, [, times]) => sum + times.cpuSeconds, 0);
}

/**
 * Memory of a process and everything below it, in bytes; undefined on systems without /proc. The resident set; of several
 * processes the proportional one, in which what they share counts once.
 */
export function memoryBytes(pid: number): number | undefined {
  const tree = treeOf(pid);
  if (tree === undefined) return undefined;
  const kind = tree.length === 1 ? 'Rss' : 'Pss';
  return tree.reduce((sum, [member]) => sum + sizeOf(member, kind), 0);
}

function sizeOf(pid: number, kind: 'Rss' | 'Pss'): number {
  const found = new RegExp(`^${kind}:\\s+(\\d+) kB`, 'm').exec(read(`/proc/${pid}/smaps_rollup`) ?? '');
  return Number(found?.[1] ?? 0) * 1024;
}

function treeOf(root: number): [pid: number, times: ProcessTimes][] | undefined {
  const stat = read(`/proc/${root}/stat`);
  if (stat === undefined) return undefined;
  const all = new Map<number, ProcessTimes>();
  for (const name of readdirSync('/proc')) {
    const text = /^\d+$/.test(name) ? read(`/proc/${name}/stat`) : undefined;
    if (text !== undefined) all.set(Number(name), parseStat(text));
  }
  const tree: [number, ProcessTimes][] = [[root, parseStat(stat)]];
  for (const [pid] of tree)
    for (const [child, times] of all) if (times.parent === pid) tree.push([child, times]);
  return tree;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
