const FIRST_MS = 250;
const MOST_MS = 30_000;

/**
 * Milliseconds before a worker is started again: 250 after its first death, twice as long after each further one, 30 000
 * at most. `deaths` counts from 1.
 */
export function restartDelay(deaths: number): number {
  return Math.min(FIRST_MS * 2 ** Math.min(deaths - 1, 10), MOST_MS);
}
