import process from 'node:process';
import { BenchError } from '../bench-error.ts';
import type { Tell } from '../contest.ts';
import type { LoadGenerator } from '../load/closed-loop.ts';
import type { BenchOptions } from '../options.ts';
import type { Figure } from '../results.ts';
import type { Rig } from '../rig.ts';
import type { FigureKind } from './figure.ts';
import { logins } from './logins.ts';
import { longLoad } from './long-load.ts';
import { sessions } from './sessions.ts';
import { start } from './start.ts';
import { webSockets } from './websockets.ts';

/** Every figure, in the order of the table. */
export const FIGURES: readonly FigureKind[] = [start, logins, webSockets, sessions, longLoad];

/** Measures those that are wanted, one after the other. One that fails takes nothing from what is measured already. */
export async function runFigures(
  rig: Rig,
  generator: LoadGenerator,
  options: BenchOptions,
  tell: Tell,
): Promise<{ figures: Figure[]; skipped: { name: string; reason: string }[]; failed: boolean }> {
  const figures: Figure[] = [];
  const skipped: { name: string; reason: string }[] = [];
  let failed = false;
  const node = [options.nodes[0] ?? process.execPath] as const;
  for (const kind of FIGURES) {
    if (options.only.length > 0 && !options.only.includes(kind.name)) continue;
    const reason = kind.missing();
    if (reason !== undefined) {
      skipped.push({ name: kind.name, reason });
      continue;
    }
    tell(`figure ${kind.name}`);
    try {
      figures.push(...(await kind.run({ rig, generator, options, node })));
    } catch (error) {
      if (!(error instanceof BenchError)) throw error;
      skipped.push({ name: kind.name, reason: `it failed: ${error.message}` });
      failed = true;
    }
  }
  return { figures, skipped, failed };
}
