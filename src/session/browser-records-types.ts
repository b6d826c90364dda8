import type { Identity } from '../claims/identity-types.ts';
import type { KnownRecord } from './record-cache.ts';

/** What one connection verified in one browser. */
export interface IdentityRecord {
  readonly identity: Identity;
  readonly connectionId: string;
  /** Milliseconds since 1970. */
  readonly verifiedAt: number;
  /** Absolute end, milliseconds since 1970; never later than `absoluteSeconds` after `verifiedAt`. */
  readonly expiresAt: number;
  /** How its values were masked, see `maskingOf`. */
  readonly masking?: string;
  /** Folded keys of the queues that were entered under this identity. */
  readonly queues: readonly string[];
}

/** An identity as it was read. */
export interface StoredIdentity {
  readonly record: IdentityRecord;
  /** For `replaceIdentity`: opaque, and of no use to anybody else. */
  readonly token: string;
}

/** An identity that the store certainly still holds. */
export interface KnownIdentity {
  /** The same object as long as it is known. */
  readonly record: IdentityRecord;
  readonly kept: KnownRecord;
}

/** What is known of one connection in a browser. */
export interface ConnectionState {
  readonly connectionId: string;
  readonly record: IdentityRecord | undefined;
  /** A code waits, or is being redeemed. */
  readonly waiting: boolean;
}

/**
 * The records beside the browser's session, one each for identity, waiting code, mark of an expired code and lock, per
 * session id and connection. Every name and every seal depends on the session id: without the cookie none is found.
 * Every method rejects with `GatewayError('session_store_unavailable')` when the store cannot answer.
 */
export interface BrowserRecords {
  /** Exactly one look-up. Undefined when there is none, its life is over or it does not open. */
  identity(sessionId: string, connectionId: string): Promise<StoredIdentity | undefined>;
  /**
   * The identity without asking the store: undefined unless it was read before and has not changed since, in any process;
   * a change in another one may be seen a second later. For what is asked with every request; `identity` for all else.
   */
  known(sessionId: string, connectionId: string): KnownIdentity | undefined;
  /** When the identity ends if nobody uses it: its idle or its absolute end, milliseconds since 1970. */
  endOf(sessionId: string, record: IdentityRecord): Promise<number>;
  saveIdentity(sessionId: string, connectionId: string, record: IdentityRecord): Promise<void>;
  /** Writes when the identity is still the one that was read. False: somebody else wrote, read again. */
  replaceIdentity(
    sessionId: string,
    connectionId: string,
    token: string,
    record: IdentityRecord,
  ): Promise<boolean>;
  /** Keeps what a later redemption needs, in place of what waited before. Life `ttlMs`, default 10 minutes. */
  putCode(sessionId: string, connectionId: string, code: object, ttlMs?: number): Promise<void>;
  /** Takes it: of many callers, over all processes, one gets it. `T` is what `putCode` was given. */
  takeCode<T extends object>(sessionId: string, connectionId: string): Promise<T | undefined>;
  /** All connections in one round trip, in their order. */
  overview(sessionId: string, connectionIds: readonly string[]): Promise<ConnectionState[]>;
  /**
   * Single flight over all processes, see `redeemAlone`. `work` takes the code and saves the identity. When the session
   * ended meanwhile, that identity is deleted again and the answer is undefined.
   */
  alone(
    sessionId: string,
    connectionId: string,
    deadline: number,
    work: () => Promise<IdentityRecord | undefined>,
  ): Promise<IdentityRecord | undefined>;
  /** Remembers for 10 minutes that the last code came too late. */
  markExpired(sessionId: string, connectionId: string): Promise<void>;
  /** Takes that mark: of many callers, over all processes, one gets true. */
  takeExpired(sessionId: string, connectionId: string): Promise<boolean>;
  /**
   * Seals the records of these connections anew under a new session id and deletes the old ones; those of `dropped` are
   * deleted only. Each record is taken, so a redemption or a change under way has it or loses it, but never doubles it.
   */
  move(oldId: string, newId: string, connectionIds: readonly string[], dropped?: string): Promise<void>;
  /** Deletes everything of these connections. */
  forget(sessionId: string, connectionIds: readonly string[]): Promise<void>;
  /** Starts the idle life of session and identities anew, at most once a minute for each session and process. */
  touch(sessionId: string, connectionIds: readonly string[]): Promise<void>;
  /** `Date.now()` until which `touch` would do nothing; 0 or a time gone by when it is due. */
  touchedUntil(sessionId: string, connectionIds: readonly string[]): number;
}
