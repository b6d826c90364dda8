import type { Machine } from './machine.ts';

/** One round of one row. */
export interface Round {
  readonly requestsPerSecond: number;
  /** Microseconds of user and system time of the row's processes; undefined without /proc. */
  readonly cpuMicros: number | undefined;
  /** The same of Redis. */
  readonly redisCpuMicros: number | undefined;
  readonly redisCommands: number | undefined;
  /** Milliseconds at the fixed rate. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** What the row adds to the latency of `direct` in the same round; undefined where that does not run. */
  readonly addedP50Ms: number | undefined;
  readonly addedP99Ms: number | undefined;
  readonly memoryBytes: number | undefined;
}

/** A row with the medians of its rounds. */
export interface RowResult extends Round {
  readonly name: string;
  readonly title: string;
  /** Version of the Node that it ran under; undefined for what is not Node. */
  readonly node: string | undefined;
  readonly rounds: readonly Round[];
}

/** A figure beside the rows. */
export interface Figure {
  readonly name: string;
  readonly title: string;
  /** As it is printed, with its unit. */
  readonly text: string;
  /** Unrounded, for whoever compares. */
  readonly values: Readonly<Record<string, number>>;
}

/** A whole run. */
export interface Results {
  /** When it began, ISO 8601. */
  readonly date: string;
  readonly machine: Machine;
  readonly settings: {
    readonly seconds: number;
    readonly rounds: number;
    readonly connections: number;
    readonly rate: number;
    readonly quick: boolean;
    readonly pinned: boolean;
    readonly generator: string;
  };
  /** Version by package or program. */
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly RowResult[];
  readonly figures: readonly Figure[];
  /** What could not run here, and why. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}
