import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { BenchError } from './bench-error.ts';

/** Root of the repository. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The gateway as `npm start` runs it, in a folder of this run's own. */
export interface Build {
  /** Folder of the compiled source; its parent looks like the installed package. */
  readonly dist: string;
  remove(): void;
}

const BUNDLER = new URL('../scripts/bundle-server.mjs', import.meta.url);

/**
 * Compiles `src` as `npm run build` does, without the check of types: what is measured is what an installation runs, and
 * a `dist` that another program uses meanwhile stays as it is.
 */
export async function buildGateway(): Promise<Build> {
  const build = buildModules();
  const bundler = (await import(BUNDLER.href)) as { bundleServer(dist: URL): Promise<void> };
  await bundler.bundleServer(pathToFileURL(join(build.dist, '/')));
  return build;
}

/** The same with the server in its modules, so that a profile can name them. */
export function buildModules(): Build {
  const folder = mkdtempSync(join(tmpdir(), 'scg-bench-'));
  const remove = () => {
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', remove);
  for (const name of ['node_modules', 'package.json', 'views', 'public'])
    symlinkSync(join(ROOT, name), join(folder, name));
  const dist = join(folder, 'dist');
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const args = [
    tsc,
    '-p',
    join(ROOT, 'tsconfig.build.json'),
    '--noCheck',
    '--declaration',
    'false',
    '--outDir',
    dist,
  ];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new BenchError(`the gateway cannot be built: ${stdout}`);
  return { dist, remove };
}
