/**
 * How often a generator runs: `count` in the normal run, `SECURITY_RUNS` times as often where that variable is set.
 *
 * @example SECURITY_RUNS=500 npx tsx --test test/security/c4-path-confusion.test.ts
 */
export function runs(count: number): number {
  const factor = Number(process.env['SECURITY_RUNS'] ?? 1);
  if (!(factor >= 1)) throw new TypeError('SECURITY_RUNS is a number of 1 or more');
  return Math.round(count * factor);
}
