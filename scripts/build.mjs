// Builds dist/: the modules by the compiler, the server as one file of them, the browser client as scripts and declarations.
import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { bundleClient } from './bundle-client.mjs';
import { bundleServer } from './bundle-server.mjs';

const compiler = createRequire(import.meta.url).resolve('typescript/lib/tsc.js');
for (const project of ['tsconfig.build.json', 'src/browser/tsconfig.build.json']) {
  const { status } = spawnSync(process.execPath, [compiler, '-p', project], {
    cwd: new URL('..', import.meta.url),
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}
await bundleServer(new URL('../dist/', import.meta.url));
for (const name of ['client.js', 'client.mjs'])
  writeFileSync(new URL(`../dist/browser/${name}`, import.meta.url), await bundleClient(name));
// as npm does when it installs the package: `npx secure-chat-gateway` in a clone runs it as it is
chmodSync(new URL('../dist/cli.js', import.meta.url), 0o755);
