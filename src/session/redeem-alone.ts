import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { StateStore } from './state-store.ts';

/** What a look at the store shows of one browser and connection. */
export interface RedeemState<T> {
  /** The outcome, where it is there already. */
  readonly found: T | undefined;
  /** Something waits to be redeemed. */
  readonly waiting: boolean;
  /** Somebody is at it. */
  readonly locked: boolean;
}

/** The place where processes meet. */
export interface RedeemPlace<T> {
  readonly lockKey: string;
  /** One round trip. */
  look(): Promise<RedeemState<T>>;
  /** Takes back what was saved after the session had ended; after a failure that is a code at most. */
  discard(what: 'code' | 'everything'): Promise<void>;
}

const POLL_MS = 50;
const RELEASED = 'released';

/**
 * Single flight over all processes: one caller works under a lock, the others wait until its outcome is there, the lock
 * is gone or their deadline is near. Nothing is written while nothing waits. The lock outlives the winner's deadline, so
 * it is never shorter than the call that it guards; when it is lost under way (logout, a new session id), the outcome
 * belongs to nobody and is discarded.
 *
 * @param deadline Milliseconds since 1970, for the winner's work and for the waiting of the others.
 * @returns The outcome, or undefined when there is none in time.
 */
export async function redeemAlone<T>(
  state: StateStore,
  place: RedeemPlace<T>,
  deadline: number,
  work: () => Promise<T | undefined>,
): Promise<T | undefined> {
  for (;;) {
    const { found, waiting, locked } = await place.look();
    if (found !== undefined || (!waiting && !locked)) return found;
    if (!locked) {
      const token = randomUUID();
      const lifeMs = Math.max(0, deadline - Date.now()) + 5000;
      if (await state.add(place.lockKey, token, lifeMs)) return lead(state, place, token, work);
    }
    if (Date.now() + POLL_MS >= deadline) return undefined;
    await delay(POLL_MS);
  }
}

async function lead<T>(
  state: StateStore,
  place: RedeemPlace<T>,
  token: string,
  work: () => Promise<T | undefined>,
): Promise<T | undefined> {
  let outcome: T | undefined;
  try {
    outcome = await work();
  } catch (error) {
    // the failure that matters is the first one; a lock that cannot be released ends by itself
    const held = await release(state, place.lockKey, token).catch(() => true);
    if (!held) await place.discard('code').catch(() => undefined);
    throw error;
  }
  if (await release(state, place.lockKey, token)) return outcome;
  await place.discard('everything');
  return undefined;
}

/** True when the lock was still this caller's. */
async function release(state: StateStore, lockKey: string, token: string): Promise<boolean> {
  if (!(await state.replace(lockKey, token, RELEASED))) return false;
  await state.delete([lockKey]);
  return true;
}
