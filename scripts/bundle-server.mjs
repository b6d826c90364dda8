// The server as one file: some three hundred modules of its own are a quarter of a second of start-up.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const SOURCE = new URL('../src/server.ts', import.meta.url);

/**
 * Writes `server.js` into this folder, with all of the gateway's own modules in it; packages stay where they are installed.
 * Files beside the code are found as from the modules, which are one folder further down.
 *
 * @param {URL} dist with a slash at its end
 */
export async function bundleServer(dist) {
  await build({
    entryPoints: [fileURLToPath(SOURCE)],
    outfile: fileURLToPath(new URL('server.js', dist)),
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    define: { 'import.meta.url': 'moduleUrl' },
    banner: { js: "const moduleUrl = new URL('bundle/server.js', import.meta.url).href;" },
    logLevel: 'warning',
  });
}
