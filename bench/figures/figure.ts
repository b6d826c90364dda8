import type { LoadGenerator } from '../load/closed-loop.ts';
import type { BenchOptions } from '../options.ts';
import type { Figure } from '../results.ts';
import type { Rig } from '../rig.ts';

/** What a figure is measured with. */
export interface FigureTools {
  readonly rig: Rig;
  readonly generator: LoadGenerator;
  readonly options: BenchOptions;
  /** The Node that all figures are measured under: the first one given. */
  readonly node: readonly [string];
}

/** A measurement beside the rows. */
export interface FigureKind {
  /** For `--only`. */
  readonly name: string;
  missing(): string | undefined;
  run(tools: FigureTools): Promise<readonly Figure[]>;
}
