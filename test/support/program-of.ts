import path from 'node:path';

/** Where the run has bundled its programs; unset when a test file runs by itself, as `npx tsx --test file` does. */
const BUILT = process.env['TEST_BUILD'];

/**
 * Arguments of `node` for a program in TypeScript: its bundle of this run, or its source by a loader, which reads some three
 * hundred modules anew each time.
 *
 * @param source from the root of the repository, e.g. `src/cli.ts`; what is bundled stands in scripts/test.mjs
 */
export function programOf(source: string): [string, ...string[]] {
  return BUILT === undefined
    ? ['--import', 'tsx', source]
    : ['--enable-source-maps', path.join(BUILT, source.replace(/\.ts$/, '.js'))];
}
