import { GatewayError } from '../errors.ts';
import type { Head, Links } from './links.ts';

/** The head of a chain as it stands in the store. */
export interface StoredHead {
  readonly text: string | undefined;
  /** Undefined when there is none, or when it is to be given up. */
  readonly head: Head | undefined;
}

/** What one process remembers of a chain's head. */
export interface KnownHead {
  /**
   * @throws GatewayError `session_store_unavailable` for a head that does not open. When it has stayed the same for a minute it
   * is given up, and a new chain may begin.
   */
  read(text: string | undefined): StoredHead;
  /** Entries that this process knows to have been written and that this head knows nothing of. */
  lostBy(head: Head | undefined): number;
  /** This head was written. */
  wrote(head: Head): void;
}

const PATIENCE_MS = 60_000;

/** Nothing is known yet. */
export function createKnownHead(links: Pick<Links, 'openHead'>): KnownHead {
  let seen = 0;
  let unreadable: { readonly text: string; readonly since: number } | undefined;
  return {
    read(text) {
      if (text === undefined || text === '') return { text: undefined, head: undefined };
      const head = links.openHead(text);
      if (head !== undefined) {
        unreadable = undefined;
        return { text, head };
      }
      if (unreadable?.text !== text) unreadable = { text, since: Date.now() };
      // other processes may have a newer key, and this one is about to be replaced: as long as they write, it waits
      if (Date.now() - unreadable.since < PATIENCE_MS)
        throw new GatewayError('session_store_unavailable', 'The head of the audit record does not open.');
      return { text, head: undefined };
    },
    lostBy(head) {
      const number = head?.number ?? 0;
      const lost = Math.max(0, seen - number);
      seen = Math.max(seen, number);
      return lost;
    },
    wrote({ number }) {
      seen = number;
    },
  };
}
