import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './build.ts';

const FOLDER = join(ROOT, 'bench');

/** Installs the peers' packages into bench/node_modules when they are not there. False when that cannot be done. */
export function ensurePeers(): boolean {
  if (existsSync(join(FOLDER, 'node_modules/.package-lock.json'))) return true;
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: FOLDER, stdio: 'ignore' });
  return status === 0;
}

/** Versions of packages of bench/package.json, or of the gateway's own: `{ undici: '7.30.2' }`. */
export function versionsOf(names: readonly string[], of: 'peers' | 'gateway'): Record<string, string> {
  const folder = of === 'peers' ? FOLDER : ROOT;
  const version = (name: string) => {
    const file = join(folder, 'node_modules', name, 'package.json');
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version : '?';
  };
  return Object.fromEntries(names.map((name) => [name, version(name)]));
}

/** First line that a program prints of its version, without its name; undefined when there is no such program. */
export function programVersion(command: string, args: readonly string[]): string | undefined {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === null) return undefined;
  return /\d+(?:\.\d+)+/.exec(stdout + stderr)?.[0];
}
