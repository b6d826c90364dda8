import type { Child } from '../child.ts';
import type { Rig } from '../rig.ts';

/** A running row. */
export interface RunningRow {
  readonly child: Child;
  /** Cookie header of a browser that has logged in; undefined where there is no login. */
  readonly cookie?: string;
  stop(): Promise<void>;
}

/** One thing that stands in front of the upstream, or nothing. */
export interface Row {
  /** For `--only`. */
  readonly name: string;
  /** For the table. */
  readonly title: string;
  /** Runs in Node, so once under each `--node`. */
  readonly inNode: boolean;
  /** The upstream has to get the identity header with every request; in any other row with none. */
  readonly identified: boolean;
  /** It closes connections when it is busy, which is no wrong answer: one in a hundred requests at most. Default false. */
  readonly mayClose?: boolean;
  /** What is asked for. */
  readonly path: string;
  /** Why it cannot run here; undefined when it can. */
  missing(): string | undefined;
  /** @param node the binary, and options for it */
  start(rig: Rig, node: readonly [string, ...string[]]): Promise<RunningRow>;
}

/** A path in the secure queue, and one in the open queue. */
export const SECURE_PATH = '/queues/q_bank/messages';
export const OPEN_PATH = '/queues/q_open/messages';
