import type { Outcomes } from './outcomes.ts';
import { mayOpen, openWindow } from './popup.ts';
import type { ReadSettings } from './settings.ts';
import type { TabStorage } from './storage.ts';
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
  /** A request that must not be cut off by a redirect. */
  readonly hold: (request: Promise<unknown>) => void;
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
  const underWay = new Set<Promise<unknown>>();

  async function go(code: string, mayLeave: boolean): Promise<boolean> {
    const last = storage.read('recovered') ?? 0;
    if (retry === false || Date.now() - last < APART_MS) {
      outcomes.failed(code);
      return false;
    }
    storage.write('recovered', Date.now());
    const popup = mayOpen() ? openWindow() : undefined;
    if (popup !== undefined) return (await ways.byPopup(popup, false)).status === 'verified';
    if (!mayLeave) {
      outcomes.failed(code);
      return false;
    }
    await Promise.race([
      Promise.allSettled(underWay),
      new Promise((resolve) => setTimeout(resolve, PATIENCE_MS)),
    ]);
    return (await ways.leave(false)).status === 'verified';
  }

  return {
    again(code, mayLeave) {
      running ??= go(code, mayLeave)
        .catch(() => false)
        .finally(() => (running = undefined));
      return running;
    },
    hold(request) {
      const settled = request.catch(() => undefined).finally(() => underWay.delete(settled));
      underWay.add(settled);
    },
    reset() {
      running = undefined;
    },
  };
}
