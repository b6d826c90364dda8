import { Store, type SessionData } from 'express-session';
import type { StateStore } from './state-store.ts';

type Done = (error?: unknown) => void;

/**
 * express-session's records on a `StateStore`, each under its session id. Where there is no Redis; always behind a
 * `SealedStore`. A record lives `idleSeconds` from its last use, or as long as its cookie when that has a life of its own.
 */
export class StateSessionStore extends Store {
  readonly #state: StateStore;
  readonly #idleMs: number;

  constructor(state: StateStore, idleSeconds: number) {
    super();
    this.#state = state;
    this.#idleMs = idleSeconds * 1000;
  }

  override get(sessionId: string, callback: (error: unknown, session?: SessionData | null) => void): void {
    this.#state.get(sessionId).then(
      (text) => {
        callback(null, text === undefined ? null : (JSON.parse(text) as SessionData));
      },
      (error: unknown) => {
        callback(error);
      },
    );
  }

  override set(sessionId: string, session: SessionData, callback?: Done): void {
    settle(this.#state.set(sessionId, JSON.stringify(session), this.#life(session)), callback);
  }

  override touch(sessionId: string, session: SessionData, callback?: Done): void {
    settle(this.#state.touch([sessionId], this.#life(session)), callback);
  }

  override destroy(sessionId: string, callback?: Done): void {
    settle(this.#state.delete([sessionId]), callback);
  }

  #life({ cookie }: SessionData): number {
    return cookie.maxAge ?? this.#idleMs;
  }
}

function settle(work: Promise<void>, callback: Done | undefined): void {
  work.then(
    () => callback?.(null),
    (error: unknown) => callback?.(error),
  );
}
