import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../test/support/redis.ts';
import { startChild } from '../child.ts';
import type { RunningRow } from './row.ts';

/** A program of the system that is started with a file of configuration. */
export interface Configured {
  readonly command: string;
  /** @param file its configuration */
  readonly args: (file: string) => readonly string[];
  /** @param folder one of its own, for whatever it has to write */
  readonly configuration: (port: number, folder: string) => string;
}

/** Writes the configuration into a folder of its own and starts the program; both go with `stop`. */
export async function startConfigured({ command, args, configuration }: Configured): Promise<RunningRow> {
  const folder = mkdtempSync(join(tmpdir(), 'scg-bench-'));
  // servers that start as root give up root before they write
  chmodSync(folder, 0o755);
  const port = await freePort();
  const file = join(folder, 'configuration');
  writeFileSync(file, configuration(port, folder));
  const child = await startChild({ command, args: args(file), port });
  return {
    child,
    async stop() {
      await child.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
