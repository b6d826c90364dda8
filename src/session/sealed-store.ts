import { Store, type SessionData } from 'express-session';
import type { Sealer } from './seal.ts';
import { storeFailure } from './store-failure.ts';

type Done = (error?: unknown) => void;

/** What the inner store sees: the cookie's dates, by which it measures a life, and the sealed rest. */
interface SealedSession extends SessionData {
  readonly sealed: string;
}

/** Name of the record of a session, in the inner store and (behind its prefix) among the gateway's own records. */
export function sessionKey(sealer: Sealer, sessionId: string): string {
  return sealer.key('session', sessionId);
}

/**
 * Any store of express-session, unreadable from outside: each record is sealed, bound to its session id, and kept under
 * a name from which the id cannot be found, so a dump of the store neither reads nor logs in. A record that does not
 * open (tampered, moved, foreign key) is no session. Every failure is `GatewayError('session_store_unavailable')`.
 */
export class SealedStore extends Store {
  readonly #inner: Store;
  readonly #sealer: Sealer;

  constructor(inner: Store, sealer: Sealer) {
    super();
    this.#inner = inner;
    this.#sealer = sealer;
  }

  override get(sessionId: string, callback: (error: unknown, session?: SessionData | null) => void): void {
    const key = sessionKey(this.#sealer, sessionId);
    this.#inner.get(key, (error: unknown, record) => {
      if (error) callback(storeFailure(error));
      else callback(null, this.#open(record, key));
    });
  }

  override set(sessionId: string, session: SessionData, callback?: Done): void {
    const key = sessionKey(this.#sealer, sessionId);
    const sealed = this.#sealer.seal(JSON.stringify(session), key);
    this.#inner.set(key, { cookie: datesOf(session), sealed } as SealedSession, answer(callback));
  }

  override touch(sessionId: string, session: SessionData, callback?: Done): void {
    const key = sessionKey(this.#sealer, sessionId);
    // only the cookie's dates count here; a store that wrote more would write it unsealed
    this.#inner.touch?.(key, { cookie: session.cookie }, answer(callback));
  }

  override destroy(sessionId: string, callback?: Done): void {
    this.#inner.destroy(sessionKey(this.#sealer, sessionId), answer(callback));
  }

  #open(record: SessionData | null | undefined, key: string): SessionData | null {
    if (!record || !('sealed' in record) || typeof record.sealed !== 'string') return null;
    const text = this.#sealer.open(record.sealed, key);
    return text === undefined ? null : (JSON.parse(text) as SessionData);
  }
}

/** A cookie that ends with the browser has none: its record then lives as long as its session is used. */
function datesOf({ cookie }: SessionData): object {
  return cookie.originalMaxAge === null ? {} : cookie;
}

function answer(callback: Done | undefined): Done {
  return (error) => callback?.(error ? storeFailure(error) : null);
}
