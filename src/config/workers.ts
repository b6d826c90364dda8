import { availableParallelism } from 'node:os';
import type { GatewayOptions } from './options.ts';
import type { Report } from './problems.ts';
import type { Sifted } from './shape.ts';

/** Circumstances of the number of workers. */
export interface WorkersContext {
  /** Only the stand-alone gateway starts workers; the middleware's host decides for itself. */
  readonly face: 'gateway' | 'middleware';
  /** Processors of this machine; read when `auto` asks for them. */
  readonly processors?: () => number;
}

/** How many worker processes `npm start` has: 1 means none beside the process itself. */
export function readWorkers(
  options: Sifted<GatewayOptions>,
  { face, processors = availableParallelism }: WorkersContext,
  report: Report,
): number {
  const written = typeof options.workers === 'string' ? options.workers.trim() : options.workers;
  if (written === undefined || face === 'middleware') return 1;
  const workers = written === 'auto' ? processors() : Number(written);
  if (workers > 1 && !Object.hasOwn(options, 'redisUrl'))
    report.problem(
      ['workers'],
      '1 without Redis',
      'state in memory is not shared between processes: set REDIS_URL, or the key redisUrl in the file',
    );
  return workers;
}
