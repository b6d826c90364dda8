// Runs the tests: all of them, or the files that are named (test/http/app.test.ts); what begins with -- goes to Node.
// One pass of the bundler, with shared modules in shared chunks, takes two seconds; a loader that reads several hundred
// modules anew for each of the files takes longer than most of their tests.
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** Programs that tests run as processes (test/support/program-of.ts). */
const PROGRAMS = [
  'src/server.ts',
  'src/cli.ts',
  'demo/run.ts',
  'test/admin/changer.ts',
  'test/audit/process.ts',
];

const FILES_PER_PROCESS = 6;

const root = fileURLToPath(new URL('..', import.meta.url));
const built = path.join(root, '.test-build');
process.chdir(root);

const named = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const options = process.argv.slice(2).filter((word) => word.startsWith('--'));
const files = named.length > 0 ? named : everyTest();
const processes = named.length > 0 ? named.map((file) => [file]) : together(files);

rmSync(built, { recursive: true, force: true });
await build({
  entryPoints: [...files, ...PROGRAMS],
  outdir: built,
  outbase: root,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  keepNames: true,
  sourcemap: 'linked',
  logLevel: 'warning',
  plugins: [{ name: 'own-places', setup: keepPlaces }],
});

const run = spawn(
  process.execPath,
  [
    '--enable-source-maps',
    '--test',
    '--test-concurrency=4',
    '--test-timeout=480000',
    ...options,
    ...processes.map(entryOf),
  ],
  { stdio: 'inherit', env: { ...process.env, TEST_BUILD: built } },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => run.kill(signal));
run.on('exit', (code) => process.exit(code ?? 1));

/**
 * test/*.test.ts and test/<folder>/*.test.ts, in the order of their names; browsers need the machine for themselves, so they
 * stand apart from each other, and not at the end.
 */
function everyTest() {
  const all = readdirSync('test', { recursive: true })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => path.join('test', file))
    .sort();
  const browsers = all.filter(hasBrowser);
  const files = all.filter((file) => !hasBrowser(file));
  const apart = Math.floor(files.length / (browsers.length + 1));
  browsers.forEach((file, at) => files.splice(at * (apart + 1), 0, file));
  return files;
}

function hasBrowser(file) {
  return /^test\/(?:e2e\/|admin-site\/browser|pages\/browser)/.test(file);
}

/**
 * Files of one folder share a process, a few at a time: to load the gateway takes longer than most of them. One that changes
 * the process itself has its own, as has each file that is named.
 */
function together(all) {
  const groups = [];
  for (const file of all) {
    const last = groups.at(-1);
    const joins =
      last !== undefined &&
      last.length < FILES_PER_PROCESS &&
      path.dirname(last[0]) === path.dirname(file) &&
      !standsAlone(last[0]) &&
      !standsAlone(file);
    if (joins) last.push(file);
    else groups.push([file]);
  }
  return groups;
}

/** Browsers, and what sets up the whole process: a hook before each test, a clock for all of a file. */
function standsAlone(file) {
  return hasBrowser(file) || /^(?:mock\.|(?:before|after)Each\()/m.test(readFileSync(file, 'utf8'));
}

function entryOf(group) {
  const places = group.map((file) => path.join(built, file.replace(/\.ts$/, '.js')));
  if (places.length === 1) return places[0];
  const entry = places[0].replace(/\.test\.js$/, `.and-${places.length - 1}-more.test.js`);
  writeFileSync(
    entry,
    places.map((place) => `import ${JSON.stringify(pathToFileURL(place).href)};\n`).join(''),
  );
  return entry;
}

/** A module that looks for files beside itself finds them beside its source. */
function keepPlaces(bundler) {
  bundler.onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
    const source = readFileSync(file, 'utf8');
    if (!source.includes('import.meta.')) return undefined;
    const places = { url: pathToFileURL(file).href, dirname: path.dirname(file), filename: file };
    const contents = source.replaceAll(/import\.meta\.(url|dirname|filename)\b/g, (_, place) =>
      JSON.stringify(places[place]),
    );
    return { contents, loader: 'ts' };
  });
}
