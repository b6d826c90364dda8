import type { Results, RowResult } from '../results.ts';

/** A figure that the gateway is meant to reach, and whether it has. */
export interface Target {
  readonly name: string;
  readonly node: string | undefined;
  readonly value: number;
  readonly goal: number;
  readonly atLeast: boolean;
  readonly met: boolean;
}

/** A goal for each major version of Node, or for all. */
type Goal = number | ((major: number) => number);

/** Requests a second of one row against another's, under the same Node. */
const AGAINST: readonly (readonly [row: string, other: string, goal: Goal])[] = [
  ['secure', 'engine', 0.85],
  // what the identity headers cost the engine itself is out of our hands
  ['secure', 'engine-identity', 0.85],
  ['open', 'engine', 0.95],
  ['secure', 'passport', (major) => (major < 22 ? 7 : 4)],
  ['secure', 'openid-connect', (major) => (major < 22 ? 7 : 4.5)],
];

/** The same for each CPU second, against rows that are not Node. */
const AGAINST_CPU: readonly (readonly [row: string, other: string, goal: number])[] = [
  ['secure', 'apache-redis', 5],
  ['secure', 'apache-memory', 2.5],
];

/** What one row must not exceed. */
const AT_MOST: readonly (readonly [
  row: string,
  name: string,
  read: (row: RowResult) => number | undefined,
  goal: number,
])[] = [
  ['secure', 'p50 added, ms', (row) => row.addedP50Ms, 0.25],
  ['secure', 'p99 added, ms', (row) => row.addedP99Ms, 1],
  ['secure', 'Redis commands per request', (row) => row.redisCommands, 0.01],
];

/** What figures must not exceed: figure, value, goal. */
const FIGURES: readonly (readonly [figure: string, value: string, name: string, goal: number])[] = [
  ['websockets', 'bytesEach', 'bytes for each idle WebSocket', 16 * 1024],
  ['sessions', 'bytesEach', 'bytes for each session in Redis', 1.5 * 1024],
  ['start', 'milliseconds', 'ms from start to ready', 500],
  ['memory', 'growth', 'memory under long load, last third against the one before', 1.05],
];

/** The targets of which this run has measured both sides. */
export function reachedTargets({ rows, figures }: Pick<Results, 'rows' | 'figures'>): Target[] {
  const targets: Target[] = [];
  for (const row of rows) {
    const beside = (name: string) =>
      rows.find((other) => other.name === name && (other.node === row.node || other.node === undefined));
    const add = (name: string, value: number | undefined, goal: number, atLeast: boolean) => {
      if (value !== undefined) targets.push(target(name, row.node, value, goal, atLeast));
    };
    for (const [name, other, goal] of AGAINST.filter(([of]) => of === row.name)) {
      const peer = beside(other);
      add(
        `${name} / ${other}`,
        peer && row.requestsPerSecond / peer.requestsPerSecond,
        goalFor(goal, row.node),
        true,
      );
    }
    for (const [name, other, goal] of AGAINST_CPU.filter(([of]) => of === row.name)) {
      const peer = beside(other)?.cpuMicros;
      add(`${name} / ${other}, per CPU second`, ratio(peer, row.cpuMicros), goal, true);
    }
    for (const [name, what, read, goal] of AT_MOST.filter(([of]) => of === row.name))
      add(`${name}: ${what}`, read(row), goal, false);
  }
  for (const [figure, key, name, goal] of FIGURES) {
    const value = figures.find((one) => one.name === figure)?.values[key];
    if (value !== undefined) targets.push(target(name, undefined, value, goal, false));
  }
  return targets;
}

function target(
  name: string,
  node: string | undefined,
  value: number,
  goal: number,
  atLeast: boolean,
): Target {
  return { name, node, value, goal, atLeast, met: atLeast ? value >= goal : value <= goal };
}

function ratio(above: number | undefined, below: number | undefined): number | undefined {
  return above === undefined || below === undefined ? undefined : above / below;
}

function goalFor(goal: Goal, node = ''): number {
  return typeof goal === 'number' ? goal : goal(Number(/^v(\d+)/.exec(node)?.[1] ?? 0));
}
