// The browser client as a page loads it: one file without imports, minified.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const SOURCES = new URL('../src/browser/', import.meta.url);

/** Members of the client's own parts, which neither a page nor the gateway sees: they may have shorter names. */
const INTERNAL = new RegExp(
  `^(?:${[
    'accept again byPopup byWindow calls carries drop emit expire expired failed finish forget forms freshen heard',
    'hold identity keep known land landing leave lend mark outcomes over probable read recovery refuseCookies resendAll',
    'restore standing storage take tired until use ways who write',
  ]
    .join(' ')
    .replaceAll(' ', '|')})$`,
);

const FORMS = {
  'client.js': { entry: 'script.ts', format: 'iife' },
  'client.mjs': { entry: 'index.ts', format: 'esm' },
};

/** The text of `client.js` (classic script) or `client.mjs` (module). */
export async function bundleClient(name) {
  const { entry, format } = FORMS[name];
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(entry, SOURCES))],
    bundle: true,
    minify: true,
    format,
    target: 'es2021',
    charset: 'utf8',
    legalComments: 'none',
    mangleProps: INTERNAL,
    // no directive for what modules are anyway
    tsconfigRaw: { compilerOptions: { alwaysStrict: false } },
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0].text;
}
