import { performance } from 'node:perf_hooks';
import type { BrowserRecords } from '../session/browser-records.ts';
import type { Sealer } from '../session/seal.ts';
import { sessionKey } from '../session/sealed-store.ts';
import type { StateStore } from '../session/state-store.ts';
import { placeKey, type RunningPlace, type WatchedExchanges } from './open-exchanges.ts';
import type { Superseded } from './superseded.ts';

/** Looks whether what runs may still run, whatever messages were lost. */
export interface ExchangeLooks {
  /** Looks at once at all that runs. */
  lookNow(): void;
  close(): void;
}

/** What the looks are made with. */
export interface ExchangeLookParts {
  readonly exchanges: WatchedExchanges;
  readonly state: Pick<StateStore, 'count' | 'getMany' | 'touch'>;
  readonly sealer: Sealer;
  readonly records: Pick<BrowserRecords, 'overview'>;
  readonly superseded: Pick<Superseded, 'successorOf'>;
  readonly idleSeconds: number;
  /** Told when nothing has been known for `blindMs`, and everything is broken off. */
  readonly blind: () => void;
  /** Milliseconds between two looks, default 500. */
  readonly everyMs?: number;
  /** Milliseconds without an answer of the store after which nothing goes on, default 60 000. */
  readonly blindMs?: number;
}

/** Names in one command: the server is busy with it for well below a millisecond. */
const AT_ONCE = 1000;
/** A login may take so long from the new session id to the identity. */
const SETTLING_MS = 30_000;
const TOUCH_MS = 60_000;

interface Known extends RunningPlace {
  readonly identityName: string;
  readonly sessionName: string;
  touchedAt: number;
  /** Read since the last login, and of the same person: from then on it only has to be there. */
  confirmed: boolean;
}

/**
 * Twice a second one command asks whether the identities are still there of all that has run for longer than one such
 * interval; ordinary requests are over by then and cost nothing. What is missing is looked into: moved to another session
 * id, about to be verified anew, or ended. What runs counts as use: idle lives begin anew once a minute.
 */
export function createExchangeLooks(parts: ExchangeLookParts): ExchangeLooks {
  const { exchanges, everyMs = 500, blindMs = 60_000 } = parts;
  let known = new Map<string, Known>();
  let seenAt = performance.now();
  let looking = false;
  let again = false;
  const look = async (all: boolean): Promise<void> => {
    if (looking) {
      again ||= all;
      return;
    }
    looking = true;
    try {
      known = remember(parts, known, exchanges.running(all));
      await lookAt(parts, [...known.values()]);
      seenAt = performance.now();
    } catch {
      // the outage is logged where it happens
      if (performance.now() - seenAt > blindMs && known.size > 0) {
        exchanges.endAll();
        parts.blind();
      }
    }
    looking = false;
    if (!again) return;
    again = false;
    await look(true);
  };
  const timer = setInterval(() => void look(false), everyMs).unref();
  return {
    lookNow: () => void look(true),
    close() {
      clearInterval(timer);
    },
  };
}

function remember(
  { sealer }: ExchangeLookParts,
  before: ReadonlyMap<string, Known>,
  places: readonly RunningPlace[],
): Map<string, Known> {
  const now = Date.now();
  return new Map(
    places.map((place) => {
      const key = placeKey(place);
      const { sessionId, connectionId, movedAt } = place;
      const known = before.get(key) ?? {
        ...place,
        identityName: sealer.key('identity', sessionId, connectionId),
        sessionName: sessionKey(sealer, sessionId),
        touchedAt: now,
        confirmed: movedAt === undefined,
      };
      return [key, known];
    }),
  );
}

async function lookAt(parts: ExchangeLookParts, places: readonly Known[]): Promise<void> {
  const sure = places.filter(({ confirmed }) => confirmed);
  const doubtful = places.filter(({ confirmed }) => !confirmed);
  for (let i = 0; i < sure.length; i += AT_ONCE) {
    const some = sure.slice(i, i + AT_ONCE);
    const names = [...new Set(some.map(({ identityName }) => identityName))];
    if ((await parts.state.count(names)) === names.length) await touch(parts, some);
    else doubtful.push(...(await missing(parts, some)));
  }
  for (const place of doubtful) await examine(parts, place);
}

async function missing({ state }: ExchangeLookParts, places: readonly Known[]): Promise<Known[]> {
  const found = await state.getMany(places.map(({ identityName }) => identityName));
  return places.filter((_, index) => found[index] === undefined);
}

async function examine({ exchanges, records, superseded }: ExchangeLookParts, place: Known): Promise<void> {
  const { sessionId, connectionId, subject, movedAt } = place;
  const [found] = await records.overview(sessionId, [connectionId]);
  if (found?.record !== undefined) {
    place.confirmed = found.record.identity.subject === subject;
    if (!place.confirmed) exchanges.verified(sessionId, connectionId, found.record.identity.subject);
    return;
  }
  place.confirmed = false;
  // a login marks the old session before it takes anything away from it
  const successor = await superseded.successorOf(sessionId);
  if (successor !== undefined) exchanges.move(sessionId, successor);
  else if (found?.waiting === true) return;
  else if (movedAt === undefined || Date.now() - movedAt > SETTLING_MS)
    exchanges.endIdentity(sessionId, connectionId);
}

async function touch({ state, idleSeconds }: ExchangeLookParts, places: readonly Known[]): Promise<void> {
  const idleMs = idleSeconds * 1000;
  const now = Date.now();
  const due = places.filter(({ touchedAt }) => now - touchedAt >= Math.min(TOUCH_MS, idleMs / 4));
  if (due.length === 0) return;
  const names = due.flatMap(({ identityName, sessionName }) => [identityName, sessionName]);
  await state.touch([...new Set(names)], idleMs);
  for (const place of due) place.touchedAt = now;
}
