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
  /** See `placeOf`. */
  readonly place?: string | undefined;
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
  /** From now on only these places are secure queues: what runs in others is broken off, and no more is admitted there. */
  keepOnly(places: ReadonlySet<string>): void;
  /** Where something runs. */
  places(): string[];
  /** Breaks off everything of a session that has ended. */
  end(sessionId: string): void;
  /** Stops looking after expired ones. */
  close(): void;
}

const SWEEP_MS = 1000;

interface Entry extends Admittance {
  readonly sessionId: string;
}

/**
 * An empty register. Logins and log-outs are rare beside requests, so they look through all that runs, and a request only
 * adds and removes itself; one sweep a second costs it less than a timer of its own.
 */
export function createOpenExchanges(): OpenExchanges {
  const open = new Map<Exchange, Entry>();
  const breakOff = (over: (entry: Entry) => boolean): void => {
    for (const [exchange, entry] of open) {
      if (!over(entry)) continue;
      open.delete(exchange);
      exchange.destroy();
    }
  };
  const fates = createFates();
  let isPlace = (_place: string | undefined): boolean => true;
  const sweeper = setInterval(() => {
    const now = Date.now();
    breakOff(({ expiresAt }) => expiresAt <= now);
    fates.sweep(now);
  }, SWEEP_MS).unref();
  return {
    admit(givenId, exchange, admittance) {
      // whoever has left meanwhile does not say so again
      if (exchange.destroyed) return true;
      const sessionId = fates.present(givenId);
      if (sessionId === undefined || fates.isReplaced(sessionId, admittance)) return false;
      if (!isPlace(admittance.place)) return false;
      open.set(exchange, { ...admittance, sessionId });
      exchange.once('close', () => {
        open.delete(exchange);
      });
      return true;
    },
    move(oldId, newId) {
      fates.moved(oldId, newId);
      for (const [exchange, entry] of open) {
        if (entry.sessionId === oldId) open.set(exchange, { ...entry, sessionId: newId });
      }
    },
    verified(sessionId, connectionId, subject) {
      fates.verified(sessionId, connectionId, subject);
      breakOff(
        (entry) =>
          entry.sessionId === sessionId && entry.connectionId === connectionId && entry.subject !== subject,
      );
    },
    keepOnly(places) {
      isPlace = (place) => place === undefined || places.has(place);
      breakOff(({ place }) => !isPlace(place));
    },
    places: () => [...open.values()].flatMap(({ place }) => place ?? []),
    end(sessionId) {
      fates.ended(sessionId);
      breakOff((entry) => entry.sessionId === sessionId);
    },
    close() {
      clearInterval(sweeper);
    },
  };
}
