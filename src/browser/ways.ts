import { beginLogin } from './begin-login.ts';
import type { Call } from './calls.ts';
import type { Forms } from './forms.ts';
import type { TabIdentity } from './identity.ts';
import type { Outcomes } from './outcomes.ts';
import { outcomeOf } from './popup.ts';
import type { ReadSettings } from './settings.ts';
import type { TabStorage } from './storage.ts';
import type { Display, LoginOutcome } from './types.ts';

/** What the ways of a login work with. */
export interface WayParts {
  readonly settings: ReadSettings;
  readonly storage: TabStorage;
  readonly call: Call;
  readonly identity: TabIdentity;
  readonly forms: Forms;
  readonly outcomes: Outcomes;
}

/** A login's way to the provider and back. */
export interface Ways {
  /** In a window that is open already, and closed at the end. */
  byPopup(popup: Window, interactive: boolean): Promise<LoginOutcome>;
  /** By redirect: the page goes, and the promise never settles. */
  leave(interactive: boolean, returnTo?: string): Promise<LoginOutcome>;
  /** In a window that is open already, and stays. */
  byWindow(opened: Window, interactive: boolean, returnTo?: string): Promise<LoginOutcome>;
  /** Brings a popup that waits for its visitor back to the front. */
  focus(): void;
}

/** The ways of one tab. */
export function createWays({ settings, storage, call, identity, forms, outcomes }: WayParts): Ways {
  let popup: Window | undefined;

  const begin = (display: Display, interactive: boolean, returnTo?: string) =>
    beginLogin(settings, call, identity, { display, interactive, returnTo });

  return {
    async byPopup(opened: Window, interactive: boolean) {
      popup = opened;
      try {
        const { to, pending } = await begin('popup', interactive);
        if (!pending) return { status: 'open' };
        opened.location.href = to;
        return await outcomes.finish(pending, await outcomeOf(opened, settings.origin));
      } finally {
        popup = undefined;
        opened.close();
      }
    },

    async leave(interactive: boolean, returnTo?: string) {
      const { to, pending } = await begin('page', interactive, returnTo);
      if (!pending && !returnTo) return { status: 'open' };
      storage.write('pending', pending);
      forms.keep();
      // what a visitor has not seen is nothing to go back to
      if (interactive) location.assign(to);
      else location.replace(to);
      return new Promise<never>(() => undefined);
    },

    /** The chat's own window gets what it needs to pick its login up, since it is the one that comes back. */
    async byWindow(opened: Window, interactive: boolean, returnTo?: string): Promise<LoginOutcome> {
      try {
        const { to, pending } = await begin('window', interactive, returnTo);
        forms.keep();
        // what waits to be sent, waits here and not in the copy too
        const form = storage.take('form');
        storage.lend(opened, { pending, queue: identity.queue(), form, unsent: undefined });
        opened.location.href = to;
      } catch (error) {
        opened.close();
        throw error;
      }
      return { status: 'window', window: opened };
    },

    focus() {
      popup?.focus();
    },
  };
}
