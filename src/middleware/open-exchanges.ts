import { createFates } from './session-fates.ts';

/** A running answer or an upgraded socket. */
export interface Exchange {
  readonly destroyed: boolean;
  destroy(): unknown;
  once(event: 'close', listener: () => void): unknown;
}

/** Under which identity an exchange was admitted. */
export interface Admittance {
  readonly connectionId: string;
  /** Pseudonym of the person. */
  readonly subject: string;
  /** End of the identity, milliseconds since 1970. */
  readonly expiresAt: number;
}

/** What runs in secure queues in this process, so that none of it outlives the identity it was admitted with. */
export interface OpenExchanges {
  /**
   * Keeps the exchange until it closes, or until its identity ends, when it is broken off. False when that has ended
   * already: the exchange then is still the caller's to answer.
   */
  admit(sessionId: string, exchange: Exchange, admittance: Admittance): boolean;
  /** A login gave the browser a new session id: what runs goes on under that. */
  move(oldId: string, newId: string): void;
  /** This connection has verified this person: what another person opened is broken off. */
  verified(sessionId: string, connectionId: string, subject: string): void;
  /** Nobody is verified by these connections any more: what they have opened is broken off. */
  leave(sessionId: string, connectionIds: readonly string[]): void;
  /** Breaks off everything of a session that has ended. */
  end(sessionId: string): void;
  /** Stops looking after expired ones. */
  close(): void;
}

/** What runs for one person in one session: whether it may go on is one question. */
export interface RunningPlace {
  readonly sessionId: string;
  readonly connectionId: string;
  readonly subject: string;
  /** `Date.now()` when a login gave this session its present id; undefined when it came with it. */
  readonly movedAt: number | undefined;
}

/** The register, for whoever looks whether what runs may still run. */
export interface WatchedExchanges extends OpenExchanges {
  /** Each place once where something ran already at the last call; with `all`, where something runs. */
  running(all: boolean): readonly RunningPlace[];
  /** Breaks off what this connection's identity has running in this session: that identity has ended. */
  endIdentity(sessionId: string, connectionId: string): void;
  /** Breaks off everything: nothing is known of anybody any more. */
  endAll(): void;
}

const SWEEP_MS = 1000;
/** A pseudonym that no person has. */
const NOBODY = '';

interface Entry extends Admittance {
  readonly sessionId: string;
  readonly movedAt: number | undefined;
  /** How often it had been asked what runs when this began. */
  readonly round: number;
}

/**
 * An empty register. Logins and log-outs are rare beside requests, so they look through all that runs, and a request only
 * adds and removes itself; one sweep a second costs it less than a timer of its own.
 */
export function createOpenExchanges(): WatchedExchanges {
  const open = new Map<Exchange, Entry>();
  const breakOff = (over: (entry: Entry) => boolean): void => {
    for (const [exchange, entry] of open) {
      if (!over(entry)) continue;
      open.delete(exchange);
      exchange.destroy();
    }
  };
  const fates = createFates();
  const rounds = { asked: 0 };
  const sweeper = setInterval(() => {
    const now = Date.now();
    breakOff(({ expiresAt }) => expiresAt <= now);
    fates.sweep(now);
  }, SWEEP_MS).unref();
  return {
    ...watch(open, rounds, breakOff),
    admit(givenId, exchange, admittance) {
      // whoever has left meanwhile does not say so again
      if (exchange.destroyed) return true;
      const sessionId = fates.present(givenId);
      if (sessionId === undefined || fates.isReplaced(sessionId, admittance)) return false;
      const movedAt = sessionId === givenId ? undefined : Date.now();
      open.set(exchange, { ...admittance, sessionId, movedAt, round: rounds.asked });
      exchange.once('close', () => {
        open.delete(exchange);
      });
      return true;
    },
    move(oldId, newId) {
      fates.moved(oldId, newId);
      const presentId = fates.present(newId);
      for (const [exchange, entry] of open) {
        if (entry.sessionId === oldId)
          open.set(exchange, { ...entry, sessionId: presentId ?? newId, movedAt: Date.now() });
      }
      // news of other processes may be overtaken by what became of the new session
      if (presentId === undefined) breakOff((entry) => entry.sessionId === newId);
      else breakOff((entry) => entry.sessionId === presentId && fates.isReplaced(presentId, entry));
    },
    verified(sessionId, connectionId, subject) {
      fates.verified(sessionId, connectionId, subject);
      breakOff(
        (entry) =>
          entry.sessionId === sessionId && entry.connectionId === connectionId && entry.subject !== subject,
      );
    },
    leave(sessionId, connectionIds) {
      for (const connectionId of connectionIds) fates.verified(sessionId, connectionId, NOBODY);
      breakOff((entry) => entry.sessionId === sessionId && connectionIds.includes(entry.connectionId));
    },
    end(sessionId) {
      fates.ended(sessionId);
      breakOff((entry) => entry.sessionId === sessionId);
    },
    close() {
      clearInterval(sweeper);
    },
  };
}

function watch(
  open: ReadonlyMap<Exchange, Entry>,
  rounds: { asked: number },
  breakOff: (over: (entry: Entry) => boolean) => void,
): Pick<WatchedExchanges, 'running' | 'endIdentity' | 'endAll'> {
  return {
    running(all) {
      const places = new Map<string, RunningPlace>();
      for (const { sessionId, connectionId, subject, movedAt, round } of open.values()) {
        if (!all && round >= rounds.asked) continue;
        const place = { sessionId, connectionId, subject, movedAt };
        places.set(placeKey(place), place);
      }
      if (!all) rounds.asked += 1;
      return [...places.values()];
    },
    endIdentity(sessionId, connectionId) {
      breakOff((entry) => entry.sessionId === sessionId && entry.connectionId === connectionId);
    },
    endAll() {
      breakOff(() => true);
    },
  };
}

/** A name of the place that no other place has. */
export function placeKey({ sessionId, connectionId, subject }: Omit<RunningPlace, 'movedAt'>): string {
  return JSON.stringify([sessionId, connectionId, subject]);
}
