// `npm ci` leaves a runnable `npm start` behind: it builds dist/ when the compiler is there. An install without
// development dependencies (a second Docker stage, a pruned dyno) brings dist/ along and builds nothing.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { spawnSync } from 'node:child_process';

const require = createRequire(import.meta.url);
try {
  require.resolve('typescript/lib/tsc.js');
} catch {
  if (!existsSync(new URL('../dist/server.js', import.meta.url))) {
    console.warn(
      'secure-chat-gateway: dist/ is missing and TypeScript is not installed; run `npm ci` and `npm run build` before `npm start`.',
    );
  }
  process.exit(0);
}
const { status } = spawnSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
process.exit(status ?? 1);
