import type { IdentityRecord } from '../session/browser-records.ts';
import { atClose, type Closable, type ClosingTask } from '../proxy/at-close.ts';
import { Chain, Link } from '../proxy/chain.ts';
import { placeOf } from './queue-place.ts';
import type { SecureQueue } from './secure-queue.ts';
import { createFates } from './session-fates.ts';

/** A running answer or an upgraded socket. */
export interface Exchange extends Closable {
  readonly destroyed: boolean;
  destroy(): unknown;
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

/** Of an identity in a queue. */
export function admittanceOf(
  { connectionId, identity, expiresAt }: IdentityRecord,
  queue: SecureQueue,
): Admittance {
  return { connectionId, subject: identity.subject, expiresAt, place: placeOf(queue) };
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
  /** From now on only these places are secure queues: what runs in others is broken off, and no more is admitted there. */
  keepOnly(places: ReadonlySet<string>): void;
  /** Where something runs. */
  places(): string[];
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

class Entry extends Link implements ClosingTask {
  nextTask: ClosingTask | undefined;
  readonly exchange: Exchange;
  readonly admittance: Admittance;
  sessionId: string;
  movedAt: number | undefined;
  /** How often it had been asked what runs when this began. */
  readonly round: number;

  constructor(
    exchange: Exchange,
    admittance: Admittance,
    { sessionId, movedAt, round }: Pick<Entry, 'sessionId' | 'movedAt' | 'round'>,
  ) {
    super();
    this.exchange = exchange;
    this.admittance = admittance;
    this.sessionId = sessionId;
    this.movedAt = movedAt;
    this.round = round;
  }

  closed(): void {
    this.leave();
  }
}

/**
 * An empty register. Logins and log-outs are rare beside requests, so they look through all that runs, and a request only
 * adds and removes itself; one sweep a second costs it less than a timer of its own.
 */
export function createOpenExchanges(): WatchedExchanges {
  const open = new Chain<Entry>();
  const breakOff = breakingOff(open);
  const fates = createFates();
  const rounds = { asked: 0 };
  const secured = securePlaces(open, breakOff);
  const sweeper = setInterval(() => {
    const now = Date.now();
    breakOff(({ admittance }) => admittance.expiresAt <= now);
    fates.sweep(now);
  }, SWEEP_MS).unref();
  return {
    ...watch(open, rounds, breakOff),
    keepOnly: secured.keepOnly,
    places: secured.places,
    admit(givenId, exchange, admittance) {
      // whoever has left meanwhile does not say so again
      if (exchange.destroyed) return true;
      const sessionId = fates.present(givenId);
      if (sessionId === undefined || fates.isReplaced(sessionId, admittance)) return false;
      if (!secured.has(admittance.place)) return false;
      const movedAt = sessionId === givenId ? undefined : Date.now();
      const entry = new Entry(exchange, admittance, { sessionId, movedAt, round: rounds.asked });
      open.add(entry);
      atClose(exchange, entry);
      return true;
    },
    move(oldId, newId) {
      fates.moved(oldId, newId);
      const presentId = fates.present(newId);
      for (const entry of open.members())
        if (entry.sessionId === oldId)
          Object.assign(entry, { sessionId: presentId ?? newId, movedAt: Date.now() });
      // news of other processes may be overtaken by what became of the new session
      if (presentId === undefined) breakOff((entry) => entry.sessionId === newId);
      else
        breakOff((entry) => entry.sessionId === presentId && fates.isReplaced(presentId, entry.admittance));
    },
    verified(sessionId, connectionId, subject) {
      fates.verified(sessionId, connectionId, subject);
      breakOff((entry) => isOf(entry, sessionId, connectionId) && entry.admittance.subject !== subject);
    },
    leave(sessionId, connectionIds) {
      for (const connectionId of connectionIds) fates.verified(sessionId, connectionId, NOBODY);
      breakOff(
        (entry) => entry.sessionId === sessionId && connectionIds.includes(entry.admittance.connectionId),
      );
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

type BreakOff = (over: (entry: Entry) => boolean) => void;

function breakingOff(open: Chain<Entry>): BreakOff {
  return (over) => {
    for (const entry of open.members()) {
      if (!over(entry)) continue;
      entry.leave();
      entry.exchange.destroy();
    }
  };
}

/** Which places are secure queues: all, until it is said. */
function securePlaces(
  open: Chain<Entry>,
  breakOff: BreakOff,
): Pick<OpenExchanges, 'keepOnly' | 'places'> & { readonly has: (place: string | undefined) => boolean } {
  let secure: ReadonlySet<string> | undefined;
  const has = (place: string | undefined) => place === undefined || secure === undefined || secure.has(place);
  return {
    has,
    keepOnly(places) {
      secure = places;
      breakOff(({ admittance }) => !has(admittance.place));
    },
    places: () => open.members().flatMap(({ admittance }) => admittance.place ?? []),
  };
}

function watch(
  open: Chain<Entry>,
  rounds: { asked: number },
  breakOff: BreakOff,
): Pick<WatchedExchanges, 'running' | 'endIdentity' | 'endAll'> {
  return {
    running(all) {
      const places = new Map<string, RunningPlace>();
      for (const { admittance, sessionId, movedAt, round } of open.members()) {
        if (!all && round >= rounds.asked) continue;
        const { connectionId, subject } = admittance;
        const place = { sessionId, connectionId, subject, movedAt };
        places.set(placeKey(place), place);
      }
      if (!all) rounds.asked += 1;
      return [...places.values()];
    },
    endIdentity(sessionId, connectionId) {
      breakOff((entry) => isOf(entry, sessionId, connectionId));
    },
    endAll() {
      breakOff(() => true);
    },
  };
}

function isOf({ sessionId, admittance }: Entry, wantedSession: string, connectionId: string): boolean {
  return sessionId === wantedSession && admittance.connectionId === connectionId;
}

/** A name of the place that no other place has. */
export function placeKey({ sessionId, connectionId, subject }: Omit<RunningPlace, 'movedAt'>): string {
  return JSON.stringify([sessionId, connectionId, subject]);
}
