import type { Request } from 'express';
import type { Session } from 'express-session';
import type { ServerResponse } from 'node:http';
import { GatewayError, isGatewayError } from '../errors.ts';

/** The gateway's one member of the session. What it knows of a person lies beside it, see `browser-records.ts`. */
export interface SecureChatSession {
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Ids of the connections that may have records. */
  readonly connections: readonly string[];
}

declare module 'express-session' {
  interface SessionData {
    secureChat?: SecureChatSession;
  }
}

/** The session of one request, as the gateway's own routes use it. */
export interface SessionHandle {
  /** The present id; another one after `regenerate`. */
  id(): string;
  /** Connections remembered in this session; none once its absolute life is over. */
  connections(): readonly string[];
  /** Adds a connection; kept with the next `save`. */
  remember(connectionId: string): void;
  /** Gives the browser a new id (fixation). Everything in the session stays, what a host keeps there too. */
  regenerate(): Promise<void>;
  /** Resolves when the record is written: before any answer that sends the browser elsewhere. */
  save(): Promise<void>;
  /** Ends the gateway's session, record and cookie; of a host's session only the gateway's member goes. */
  destroy(): Promise<void>;
}

/** What a handle has to know beside the request. */
export interface HandleOptions {
  readonly res: ServerResponse;
  /** `Set-Cookie` that deletes the cookie; undefined where the session is the host's. */
  readonly clearCookie: string | undefined;
  readonly absoluteSeconds: number;
}

/** The handle of a request whose session handler has run. */
export function createHandle(
  req: Request,
  { res, clearCookie, absoluteSeconds }: HandleOptions,
): SessionHandle {
  for (const method of ['regenerate', 'save', 'destroy'] as const) {
    if (typeof (req.session as Partial<Session>)[method] === 'function') continue;
    throw new TypeError(`the session of the host has no ${method}(): secureChat needs express-session`);
  }
  const present = (): SecureChatSession | undefined => {
    const { secureChat } = req.session;
    return secureChat && secureChat.createdAt + absoluteSeconds * 1000 > Date.now() ? secureChat : undefined;
  };
  return {
    id: () => req.sessionID,
    connections: () => present()?.connections ?? [],
    remember(connectionId) {
      const { createdAt, connections } = present() ?? { createdAt: Date.now(), connections: [] };
      req.session.secureChat = { createdAt, connections: [...new Set([...connections, connectionId])] };
    },
    async regenerate() {
      const kept = Object.entries(req.session).filter(([name]) => name !== 'cookie');
      await settled((done) => req.session.regenerate(done));
      Object.assign(req.session, Object.fromEntries(kept));
    },
    save: () => settled((done) => req.session.save(done)),
    async destroy() {
      if (clearCookie === undefined) {
        delete req.session.secureChat;
        await settled((done) => req.session.save(done));
        return;
      }
      // first, so that this browser forgets even when the store cannot
      res.appendHeader('Set-Cookie', clearCookie);
      await settled((done) => req.session.destroy(done));
    },
  };
}

function settled(start: (done: (error?: unknown) => void) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => {
      if (error === undefined || error === null) resolve();
      else reject(isGatewayError(error) ? error : storeFailure(error));
    });
  });
}

function storeFailure(cause: unknown): GatewayError {
  return new GatewayError(
    'session_store_unavailable',
    'The session could not be kept. Try again in a moment.',
    { cause },
  );
}
