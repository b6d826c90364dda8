import type { Outcomes } from './outcomes.ts';
import { mayOpen, openWindow } from './popup.ts';
import type { ReadSettings } from './settings.ts';
import type { TabStorage } from './storage.ts';
import type { LoginOutcome } from './types.ts';
import type { Ways } from './ways.ts';

/** Two silent logins in mid-chat within this time would be a loop. */
const APART_MS = 10_000;
/** How long the page waits for answers on their way before it goes. */
const PATIENCE_MS = 5_000;

/** What to do about an identity that has ended in mid-chat. */
export interface Recovery {
  /**
   * One silent login for all who ask meanwhile: in a popup while a click counts, else by redirect. True when the visitor
   * is verified again, false when that cannot be had without asking. When the page goes, it never settles.
   *
   * @param mayLeave the request that asks outlives a redirect
   */
  readonly again: (code: string, mayLeave: boolean) => Promise<boolean>;
  /** The login on its way, with what `again` says of it: what is sent meanwhile would be refused, or cut off. */
  readonly current: () => Promise<boolean> | undefined;
  /**
   * A request that a redirect should not cut off.
   *
   * @param keep called when it may be: nobody waits for an answer for ever
   */
  readonly hold: (request: Promise<unknown>, keep: () => void) => void;
  readonly reset: () => void;
}

/** The recovery of one tab. */
export function createRecovery(
  { retry }: ReadSettings,
  storage: TabStorage,
  outcomes: Outcomes,
  ways: Ways,
): Recovery {
  let running: Promise<boolean> | undefined;
  const underWay = new Map<Promise<unknown>, () => void>();

  async function go(code: string, mayLeave: boolean): Promise<LoginOutcome> {
    const isDue = retry !== false && Date.now() - (storage.read('recovered') ?? 0) >= APART_MS;
    const popup = isDue && mayOpen() && openWindow();
    // a request for which nothing can be done leaves the one login to those for which it can
    if (!popup && !(isDue && mayLeave)) return outcomes.failed(code);
    storage.write('recovered', Date.now());
    if (popup) return ways.byPopup(popup, false);
    await Promise.race([
      Promise.allSettled(underWay.keys()),
      new Promise((resolve) => setTimeout(resolve, PATIENCE_MS)),
    ]);
    for (const keep of underWay.values()) keep();
    return ways.leave(false);
  }

  return {
    again(code, mayLeave) {
      running ??= go(code, mayLeave)
        .catch(() => outcomes.failed(code))
        .then(({ status }) => status === 'verified')
        .finally(() => (running = undefined));
      return running;
    },
    current: () => running,
    hold(request, keep) {
      const done = () => underWay.delete(request);
      underWay.set(request, keep);
      request.then(done, done);
    },
    reset() {
      running = undefined;
    },
  };
}
