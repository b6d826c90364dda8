import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../usage-error.ts';
import type { TargetKind } from './start-target.ts';

const PACKAGES = ['express', 'express-openid-connect', 'http-proxy-middleware'];

/** Express with express-openid-connect and http-proxy-middleware, as their READMEs show. */
export const usualStack: TargetKind = {
  name: () => PACKAGES.map((name) => `${name} ${versionOf(name)}`).join(', '),
  command: [fileURLToPath(new URL('usual-stack-process.mjs', import.meta.url))],
  environment: { NODE_ENV: 'production' },
  facts: {
    expected: [['X-Secure-Chat-Id', 'kari-sub']],
    callbackPath: '/callback',
  },
};

/** @throws UsageError when the peer's packages are not installed. */
function versionOf(name: string): string {
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  if (!existsSync(file))
    throw new UsageError("The peer's packages are not installed: npm ci --prefix attack");
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
