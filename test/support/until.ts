import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';

/** Looks without a pause, for what comes in the next turns of the event loop. */
const TURNS = 20;
const PAUSE_MS = 5;

/**
 * Waits until something is so: looks again and again, and fails with what was awaited when it does not come.
 *
 * @param what ends the sentence "waited in vain for ..."
 * @param holds a check that throws counts as "not yet"; the last error is the cause of the failure
 * @param limitMs only there to end a test that fails: longer than any busy machine needs
 * @example await until('the upload at the upstream', () => upstream.requests.length === 1);
 */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  limitMs = 30_000,
): Promise<void> {
  const end = performance.now() + limitMs;
  let cause: unknown;
  for (let looks = 1; ; looks += 1) {
    try {
      if (await holds()) return;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > end)
      throw new Error(`waited in vain for ${what}`, cause === undefined ? {} : { cause });
    await (looks < TURNS ? turn() : delay(PAUSE_MS));
  }
}
