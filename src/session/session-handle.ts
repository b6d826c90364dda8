import type { Request } from 'express';
import type { Session } from 'express-session';
import { MisuseError } from '../errors.ts';
import { storeFailure } from './store-failure.ts';

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
  /**
   * From now on the cookie goes along from pages of other sites too: `SameSite=None; Partitioned`, which needs https. A
   * host's cookie is the host's affair and stays.
   */
  serveOtherSites(): void;
  /** Resolves when the record is written: before any answer that sends the browser elsewhere. */
  save(): Promise<void>;
  /** Ends the gateway's session; of a host's session the gateway's member goes, if it has one, and the rest gets a new id. */
  destroy(): Promise<void>;
}

/** What a handle has to know beside the request. */
export interface HandleOptions {
  /** The session is the host's. */
  readonly shared: boolean;
  readonly absoluteSeconds: number;
}

/** The handle of a request whose session handler has run. */
export function createHandle(req: Request, { shared, absoluteSeconds }: HandleOptions): SessionHandle {
  for (const method of ['regenerate', 'save', 'destroy'] as const) {
    if (typeof (req.session as Partial<Session>)[method] === 'function') continue;
    throw new MisuseError(`the session of the host has no ${method}(): secureChat needs express-session`);
  }
  const present = (): SecureChatSession | undefined => {
    const { secureChat } = req.session;
    return secureChat && secureChat.createdAt + absoluteSeconds * 1000 > Date.now() ? secureChat : undefined;
  };
  const regenerate = async (): Promise<void> => {
    const kept = Object.entries(req.session).filter(([name]) => name !== 'cookie');
    await settled((done) => req.session.regenerate(done));
    Object.assign(req.session, Object.fromEntries(kept));
  };
  return {
    id: () => req.sessionID,
    connections: () => present()?.connections ?? [],
    remember(connectionId) {
      const { createdAt, connections } = present() ?? { createdAt: Date.now(), connections: [] };
      req.session.secureChat = { createdAt, connections: [...new Set([...connections, connectionId])] };
    },
    regenerate,
    serveOtherSites() {
      if (!shared) Object.assign(req.session.cookie, { sameSite: 'none', partitioned: true });
    },
    save: () => settled((done) => req.session.save(done)),
    async destroy() {
      if (!shared) {
        await settled((done) => req.session.destroy(done));
        return;
      }
      // of a session that holds nothing of ours nothing ends, and a stranger's request writes no record
      if (req.session.secureChat === undefined) return;
      delete req.session.secureChat;
      await regenerate();
      await settled((done) => req.session.save(done));
    },
  };
}

function settled(start: (done: (error?: unknown) => void) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => {
      if (error === undefined || error === null) resolve();
      else reject(storeFailure(error));
    });
  });
}
