import type { Admittance } from './open-exchanges.ts';

/**
 * What has just become of sessions in this process. A request that was admitted a moment before a log-out or a login is
 * registered a moment after it; by then it must find what it has missed.
 */
export interface Fates {
  /** The id that a session has now; undefined when it has ended. */
  present(sessionId: string): string | undefined;
  /** Has somebody else been verified by this connection since? */
  isReplaced(sessionId: string, admittance: Admittance): boolean;
  moved(oldId: string, newId: string): void;
  verified(sessionId: string, connectionId: string, subject: string): void;
  ended(sessionId: string): void;
  /** Forgets what no request under way can have missed. */
  sweep(now: number): void;
}

/** Longer than a request may take from its identity to its registration. */
const MEMORY_MS = 60_000;

/** Nothing has happened yet. */
export function createFates(): Fates {
  const sessions = new Map<string, { readonly newId: string | undefined; readonly at: number }>();
  /** By session: the last one whom each of its connections has verified. */
  const persons = new Map<string, { readonly subjects: Map<string, string>; readonly at: number }>();
  const present = (sessionId: string): string | undefined => {
    const fate = sessions.get(sessionId);
    return fate === undefined ? sessionId : fate.newId === undefined ? undefined : present(fate.newId);
  };
  return {
    present,
    isReplaced(sessionId, { connectionId, subject }) {
      const last = persons.get(sessionId)?.subjects.get(connectionId);
      return last !== undefined && last !== subject;
    },
    moved: (oldId, newId) => {
      remember(sessions, oldId, { newId, at: Date.now() });
    },
    verified: (sessionId, connectionId, subject) => {
      const subjects = persons.get(sessionId)?.subjects ?? new Map<string, string>();
      remember(persons, sessionId, { subjects: subjects.set(connectionId, subject), at: Date.now() });
    },
    ended: (sessionId) => {
      remember(sessions, sessionId, { newId: undefined, at: Date.now() });
    },
    sweep(now) {
      for (const known of [sessions, persons]) {
        // in the order of their arrival, so the first young one ends the search
        for (const [key, { at }] of known) {
          if (now - at < MEMORY_MS) break;
          known.delete(key);
        }
      }
    },
  };
}

/** Behind all others, also when the key was there: the sweep goes by that order. */
function remember<T>(known: Map<string, T>, key: string, value: T): void {
  known.delete(key);
  known.set(key, value);
}
