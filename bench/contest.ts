import type { LoadGenerator } from './load/closed-loop.ts';
import { nodeVersion } from './machine.ts';
import { measureCost, measureRound, type Contestant } from './measure.ts';
import type { BenchOptions } from './options.ts';
import { medianOf } from './report/statistics.ts';
import type { Round, RowResult } from './results.ts';
import type { Rig } from './rig.ts';
import { ROWS } from './rows/all-rows.ts';
import type { Row } from './rows/row.ts';

/** A row is warm after so many requests, or so many loads. */
const WARM_REQUESTS = 30_000;
const WARM_LOADS = 6;

/** Tells what goes on. */
export type Tell = (text: string) => void;

/** What has run, and what could not. */
export interface Contest {
  readonly rows: readonly RowResult[];
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * All rows at once in processes of their own, loaded one after the other, round by round, so that what changes on the
 * machine meanwhile changes for all of them.
 */
export async function runContest(
  rig: Rig,
  generator: LoadGenerator,
  options: BenchOptions,
  tell: Tell,
): Promise<Contest> {
  const wanted = ROWS.filter(({ name }) => options.only.length === 0 || options.only.includes(name));
  const skipped = wanted.flatMap((row) => {
    const reason = row.missing();
    return reason === undefined ? [] : [{ name: row.name, reason }];
  });
  const able = wanted.filter(({ name }) => !skipped.some((row) => row.name === name));
  const contestants = await startAll(rig, able, options);
  try {
    await warmUp(rig, contestants, generator, options);
    const rounds = new Map<Contestant, Round[]>(contestants.map((contestant) => [contestant, []]));
    for (let number = 1; number <= options.rounds; number++) {
      tell(`round ${number} of ${options.rounds}`);
      for (const [contestant, kept] of rounds)
        kept.push(await measureRound(rig, contestant, generator, options));
    }
    return {
      rows: [...besideDirect(rounds)].map(([contestant, kept]) => resultOf(contestant, kept)),
      skipped,
    };
  } finally {
    for (const { running } of contestants) await running.stop();
  }
}

async function startAll(rig: Rig, rows: readonly Row[], { nodes }: BenchOptions): Promise<Contestant[]> {
  const contestants: Contestant[] = [];
  try {
    for (const row of rows)
      for (const node of row.inNode ? nodes : nodes.slice(0, 1)) {
        const running = await row.start(rig, [node]);
        contestants.push({ row, node: row.inNode ? nodeVersion(node) : undefined, running });
      }
  } catch (error) {
    for (const { running } of contestants) await running.stop();
    throw error;
  }
  return contestants;
}

/** By requests, not by time: on a busy machine a slow row would still be compiled while it is measured. */
async function warmUp(
  rig: Rig,
  contestants: readonly Contestant[],
  generator: LoadGenerator,
  { quick, connections }: BenchOptions,
): Promise<void> {
  const load = { connections, seconds: quick ? 1 : 3 };
  for (const contestant of contestants) {
    let requests = 0;
    for (let loads = 0; loads < (quick ? 1 : WARM_LOADS) && requests < WARM_REQUESTS; loads++)
      requests += (await measureCost(rig, contestant, generator, load)).report.requests;
  }
}

/** Adds to each round what it is slower than nothing at all, in the same round. */
function besideDirect(
  rounds: ReadonlyMap<Contestant, readonly Round[]>,
): ReadonlyMap<Contestant, readonly Round[]> {
  const direct = [...rounds].find(([{ row }]) => row.name === 'direct')?.[1];
  const added = (round: Round, number: number): Round => {
    const base = direct?.[number];
    return {
      ...round,
      addedP50Ms: base && round.p50Ms - base.p50Ms,
      addedP99Ms: base && round.p99Ms - base.p99Ms,
    };
  };
  return new Map([...rounds].map(([contestant, kept]) => [contestant, kept.map(added)]));
}

function resultOf({ row, node }: Contestant, rounds: readonly Round[]): RowResult {
  const of = (read: (round: Round) => number | undefined) => medianOf(rounds, read);
  return {
    name: row.name,
    title: row.title,
    node,
    requestsPerSecond: of((round) => round.requestsPerSecond) ?? NaN,
    cpuMicros: of((round) => round.cpuMicros),
    redisCpuMicros: of((round) => round.redisCpuMicros),
    redisCommands: of((round) => round.redisCommands),
    p50Ms: of((round) => round.p50Ms) ?? NaN,
    p99Ms: of((round) => round.p99Ms) ?? NaN,
    addedP50Ms: of((round) => round.addedP50Ms),
    addedP99Ms: of((round) => round.addedP99Ms),
    memoryBytes: of((round) => round.memoryBytes),
    rounds,
  };
}
