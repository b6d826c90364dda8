import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMutations, type Mutation } from '../test/security/mutations/read-mutations.ts';

// usage: npm run mutate [-- a4 c ...]: the classes whose names start so; without any, all of them

const root = new URL('..', import.meta.url).pathname;
const COPIED = ['src', 'test', 'views', 'public', 'package.json', 'tsconfig.json', 'config.schema.json'];
const TIME_LIMIT_MS = 120_000;

const wanted = process.argv.slice(2);
const queue = readMutations().filter(
  (mutation) => wanted.length === 0 || wanted.some((start) => mutation.class.startsWith(start)),
);
const all = queue.length;
const survivors: Mutation[] = [];
/** Whether a test file fails as it stands. */
const untouched = new Map<string, Promise<boolean>>();

await Promise.all(Array.from({ length: Math.min(availableParallelism(), all) }, work));
console.log(`${all - survivors.length} of ${all} mutations turned a test red`);
process.exitCode = survivors.length === 0 ? 0 : 1;

/** One worker: a copy of the repository in which one line after the other goes missing. */
async function work(): Promise<void> {
  const copy = mkdtempSync(join(tmpdir(), 'mutate-'));
  try {
    for (const name of COPIED) cpSync(join(root, name), join(copy, name), { recursive: true, force: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await judge(copy, next);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

async function judge(copy: string, mutation: Mutation): Promise<void> {
  const testFile = `test/security/${mutation.class}.test.ts`;
  const whole = untouched.get(testFile) ?? fails(copy, testFile);
  untouched.set(testFile, whole);
  if (await whole) throw new Error(`${testFile} fails without any mutation`);
  const file = join(copy, mutation.file);
  const text = readFileSync(file, 'utf8');
  if (text.split(mutation.remove).length !== 2)
    throw new TypeError(`${mutation.file} must hold this exactly once: ${mutation.remove}`);
  writeFileSync(
    file,
    text.replace(mutation.remove, () => mutation.instead ?? ''),
  );
  // twice, so that a test which fails now and then does not pass for one that notices
  const red = (await fails(copy, testFile)) && (await fails(copy, testFile));
  writeFileSync(file, text);
  if (!red) survivors.push(mutation);
  const line = mutation.remove.trim().split('\n')[0] ?? '';
  console.log(`${red ? 'red     ' : 'SURVIVED'} ${mutation.class}: ${mutation.file}: ${line}`);
}

function fails(copy: string, testFile: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', '--test', testFile], {
      cwd: copy,
      stdio: 'ignore',
      timeout: TIME_LIMIT_MS,
    });
    child.once('error', reject).once('exit', (code, signal) => {
      // a test that hangs has noticed nothing that it could tell
      if (signal !== null) console.log(`TIMED OUT ${testFile}`);
      resolve(signal === null && code !== 0);
    });
  });
}
