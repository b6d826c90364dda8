import { BenchError } from './bench-error.ts';
import type { LoadGenerator, LoadReport } from './load/closed-loop.ts';
import { runOpenLoop, type OpenLoopReport } from './load/open-loop.ts';
import type { BenchOptions } from './options.ts';
import { cpuSeconds, memoryBytes } from './process-tree.ts';
import { askRedis } from './redis-facts.ts';
import type { Round } from './results.ts';
import type { Rig } from './rig.ts';
import type { Row, RunningRow } from './rows/row.ts';

/** A row that runs, and under which Node. */
export interface Contestant {
  readonly row: Row;
  readonly node: string | undefined;
  readonly running: RunningRow;
}

/** As much of a row as a load needs. */
export interface Loaded {
  readonly row: Pick<Row, 'name' | 'identified' | 'path' | 'mayClose'>;
  readonly running: Pick<RunningRow, 'child' | 'cookie'>;
}

/** What one load has cost. */
export interface Cost {
  readonly report: LoadReport;
  readonly requestsPerSecond: number;
  readonly cpuMicros: number | undefined;
  readonly redisCpuMicros: number | undefined;
  readonly redisCommands: number | undefined;
}

/** The moment before or after a load. */
interface Snapshot {
  readonly cpu: number | undefined;
  readonly redisCpu: number | undefined;
  readonly commands: number | undefined;
  readonly upstream: Awaited<ReturnType<Rig['counts']>>;
}

/**
 * As many requests as the row can take, and what each of them cost.
 * @throws BenchError when an answer was wrong: what is fast and wrong is not measured
 */
export async function measureCost(
  rig: Rig,
  { row, running }: Loaded,
  generator: LoadGenerator,
  load: { readonly seconds: number; readonly connections: number; readonly cookieFile?: string },
): Promise<Cost> {
  const { child, cookie } = running;
  const before = await snapshot(rig, child.pid);
  const report = await generator.run({ ...load, port: child.port, path: row.path, cookie });
  const after = await snapshot(rig, child.pid);
  checkAnswers(row, report, {
    requests: after.upstream.requests - before.upstream.requests,
    identified: after.upstream.identified - before.upstream.identified,
  });
  const perRequest = (from: number | undefined, to: number | undefined, unit: number) =>
    from === undefined || to === undefined ? undefined : ((to - from) * unit) / report.requests;
  return {
    report,
    requestsPerSecond: report.requests / report.seconds,
    cpuMicros: perRequest(before.cpu, after.cpu, 1e6),
    redisCpuMicros: perRequest(before.redisCpu, after.redisCpu, 1e6),
    redisCommands: perRequest(before.commands, after.commands, 1),
  };
}

/** The latency of a row at a fixed rate. */
export async function measureLatency(
  { row, running }: Loaded,
  { rate, seconds, quick }: Pick<BenchOptions, 'rate' | 'seconds' | 'quick'>,
): Promise<OpenLoopReport> {
  const { child, cookie } = running;
  const warmSeconds = quick ? 0.3 : 1;
  const report = await runOpenLoop({ port: child.port, path: row.path, cookie, rate, seconds, warmSeconds });
  if (report.failed > 0)
    throw new BenchError(
      `${row.name}: ${report.failed} of ${report.requests} requests at the fixed rate failed`,
    );
  return report;
}

/** One round of a row: first as fast as it goes, then at the fixed rate. */
export async function measureRound(
  rig: Rig,
  contestant: Contestant,
  generator: LoadGenerator,
  options: BenchOptions,
): Promise<Round> {
  await rig.settle('load');
  const { requestsPerSecond, cpuMicros, redisCpuMicros, redisCommands } = await measureCost(
    rig,
    contestant,
    generator,
    options,
  );
  await rig.settle('row');
  const { p50Ms, p99Ms } = await measureLatency(contestant, options);
  await rig.settle('load');
  return {
    requestsPerSecond,
    cpuMicros,
    redisCpuMicros,
    redisCommands,
    p50Ms,
    p99Ms,
    addedP50Ms: undefined,
    addedP99Ms: undefined,
    memoryBytes: memoryBytes(contestant.running.child.pid),
  };
}

/**
 * The upstream is the witness: it has had every request that was answered, and with the identity header if and only if the
 * row is one that identifies.
 * @throws BenchError where that is not so
 */
export function checkAnswers(
  { name, identified, mayClose = false }: Pick<Row, 'name' | 'identified' | 'mayClose'>,
  { requests, failed, closed }: Pick<LoadReport, 'requests' | 'failed' | 'closed'>,
  upstream: { readonly requests: number; readonly identified: number },
): void {
  if (requests === 0) throw new BenchError(`${name}: no request was answered`);
  if (failed > 0) throw new BenchError(`${name}: ${failed} of ${requests} requests failed`);
  if (closed > (mayClose ? requests / 100 : 0))
    throw new BenchError(`${name}: ${closed} connections were closed in ${requests} requests`);
  if (upstream.requests < requests)
    throw new BenchError(
      `${name}: the upstream had ${upstream.requests} of the ${requests} requests that were answered`,
    );
  const expected = identified ? upstream.requests : 0;
  if (upstream.identified !== expected)
    throw new BenchError(
      `${name}: ${upstream.identified} of ${upstream.requests} requests came with the identity header, not ${expected}`,
    );
}

async function snapshot(rig: Rig, pid: number): Promise<Snapshot> {
  // first: what is still on its way when a load ends is a cost of that load
  const upstream = await rig.counts();
  const facts = rig.redis && (await askRedis(rig.redis.port));
  return {
    cpu: cpuSeconds(pid),
    redisCpu: facts && cpuSeconds(facts.pid),
    commands: facts?.commands,
    upstream,
  };
}
