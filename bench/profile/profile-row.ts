import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { BenchError } from '../bench-error.ts';
import { buildModules } from '../build.ts';
import type { LoadGenerator } from '../load/closed-loop.ts';
import { measureCost } from '../measure.ts';
import type { BenchOptions } from '../options.ts';
import { markdownTable } from '../report/table.ts';
import { startRig } from '../rig.ts';
import { ROWS } from '../rows/all-rows.ts';
import { summarise, type CpuProfile, type ProfileWindow, type Share } from './summary.ts';

/** Lines of each table. */
const LINES = 40;

/**
 * Loads one row under `node --cpu-prof`, and tells where the CPU time of a request goes.
 * @throws BenchError for a row that is not Node, or cannot run here
 */
export async function profileRow(
  options: BenchOptions,
  name: string,
  generator: LoadGenerator,
): Promise<string> {
  const row = ROWS.find((one) => one.name === name);
  if (row?.inNode !== true) throw new BenchError(`"${name}" is no row that runs in Node`);
  const reason = row.missing();
  if (reason !== undefined) throw new BenchError(`${name}: ${reason}`);
  const folder = mkdtempSync(join(tmpdir(), 'scg-bench-'));
  const rig = await startRig(buildModules());
  try {
    const flags = ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=200'];
    const running = await row.start(rig, [options.nodes[0] ?? process.execPath, ...flags]);
    const load = { connections: options.connections, seconds: options.seconds };
    let begin: number;
    let end: number;
    let cost;
    try {
      await measureCost(rig, { row, running }, generator, { ...load, seconds: 2 });
      begin = performance.now();
      cost = await measureCost(rig, { row, running }, generator, load);
      end = performance.now();
    } finally {
      await running.stop();
    }
    const over = performance.now();
    const window: ProfileWindow = { from: (over - begin) * 1000, to: (over - end) * 1000 };
    const profile = readProfile(folder);
    return inWords(name, cost.cpuMicros ?? NaN, summarise(profile, window));
  } finally {
    await rig.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function readProfile(folder: string): CpuProfile {
  const file = readdirSync(folder).find((name) => name.endsWith('.cpuprofile'));
  if (file === undefined) throw new BenchError('the process has written no profile');
  return JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile;
}

function inWords(name: string, micros: number, summary: ReturnType<typeof summarise>): string {
  const table = (title: string, shares: readonly Share[]) =>
    markdownTable(
      [title, 'share', 'us/request'],
      shares
        .slice(0, LINES)
        .filter(({ share }) => share >= 0.002)
        .map((one) => [one.name, `${(one.share * 100).toFixed(1)} %`, (one.share * micros).toFixed(2)]),
    );
  return [
    `Row ${name}: ${micros.toFixed(1)} us of CPU for each request, under the profiler.`,
    table('whose code', summary.groups),
    table('function, itself', summary.self),
    table('function of the gateway, with all that it calls', summary.inclusive),
  ].join('\n\n');
}
