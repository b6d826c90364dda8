import { landed } from './landing.ts';
import type { TabIdentity } from './identity.ts';
import type { Outcomes } from './outcomes.ts';
import { mayOpen, openWindow } from './popup.ts';
import type { ReadSettings } from './settings.ts';
import type { TabStorage } from './storage.ts';
import type { Display, LoginOptions, LoginOutcome } from './types.ts';
import type { Ways } from './ways.ts';

/** What logins work with. */
export interface LoginParts {
  readonly settings: ReadSettings;
  readonly storage: TabStorage;
  readonly identity: TabIdentity;
  readonly outcomes: Outcomes;
  readonly ways: Ways;
}

/** Logins of one tab, one at a time. */
export interface Logins {
  start(options: LoginOptions, interactive: boolean): Promise<LoginOutcome>;
  /** Picks up the login that this page came back from. */
  land(): Promise<LoginOutcome | undefined>;
  /** This page is back out of the browser's memory, where a login that it had begun has left it. */
  reset(): void;
}

/** One way in for every display. */
export function createLogins({ settings, storage, identity, outcomes, ways }: LoginParts): Logins {
  let running: Promise<LoginOutcome> | undefined;

  async function go(
    display: Display | undefined,
    interactive: boolean,
    returnTo?: string,
  ): Promise<LoginOutcome> {
    // in the click, before anything is awaited, or the browser blocks it
    const open = () => (display && display !== 'page' ? openWindow() : undefined);
    const now = display === 'window' || interactive || !identity.probable() ? open() : undefined;
    if (now)
      return display === 'window'
        ? ways.byWindow(now, interactive, returnTo)
        : ways.byPopup(now, interactive);
    if (!interactive && display !== 'window') {
      const reason = outcomes.tired();
      const there = await outcomes.standing();
      if (there) return there;
      if (reason) return outcomes.failed(reason);
    }
    const late = display === 'popup' && mayOpen() && open();
    return late ? ways.byPopup(late, interactive) : ways.leave(interactive, returnTo);
  }

  function run(login: () => Promise<LoginOutcome>): Promise<LoginOutcome> {
    ways.focus();
    running ??= login().finally(() => (running = undefined));
    return running;
  }

  return {
    start(options, interactive) {
      identity.use(options);
      return run(() => go(options.display ?? settings.display, interactive, options.returnTo));
    },
    async land() {
      const pending = storage.take('pending');
      const landing = landed.outcome;
      const other = pending && settings.queueKey && settings.queueKey !== pending.queueKey;
      if (!landing || !pending || other) {
        // back without an outcome, or with one of somebody else's: nothing that is worth another login by itself
        if (landing ?? pending) storage.write('failed', { reason: 'login_required', at: Date.now() });
        if (other) storage.write('pending', pending);
        return undefined;
      }
      landed.outcome = undefined;
      identity.use(pending);
      // after the script that has made the client has had its chance to listen
      return run(() => Promise.resolve().then(() => outcomes.finish(pending, landing)));
    },
    reset() {
      running = undefined;
    },
  };
}
