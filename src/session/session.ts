import type { Request, RequestHandler, Response } from 'express';
import session, { type Store } from 'express-session';
import { ServerResponse, type IncomingMessage } from 'node:http';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { GatewayError } from '../errors.ts';
import { findSessionCookie } from './cookie-id.ts';
import { createHostCookie } from './host-cookie.ts';
import { createHandle, type SessionHandle } from './session-handle.ts';

export type { SecureChatSession, SessionHandle } from './session-handle.ts';

/** The browser's session: its cookie, its id, and the little that is kept in it. */
export interface BrowserSessions {
  /** express-session, or the host's own; does nothing where `req.session` is there already. */
  readonly middleware: RequestHandler;
  /**
   * The session id that the browser brought, from its signed cookie, without touching a store. Where the host shares its
   * session, its `req.sessionID`: the host's session handler has to run first.
   */
  idOf(req: IncomingMessage): string | undefined;
  /** The text that alone decides what `idOf` says; undefined where a host's session handler decides it. */
  cookieTextOf(req: IncomingMessage): string | undefined;
  /**
   * The session of this request, for the routes that change it; runs the middleware when it has not run yet.
   *
   * @throws GatewayError `session_store_unavailable`, or TypeError when the host's session is none of express-session.
   */
  begin(req: IncomingMessage, res: ServerResponse): Promise<SessionHandle>;
  /** Runs the host's session handler for an upgrade, which none of the host's middleware has seen. */
  prepareUpgrade(req: IncomingMessage): Promise<void>;
  /** Learns the name of a shared session's cookie; to be called for every request, before it is forwarded. */
  notice(req: IncomingMessage): void;
  /** Tells the browser to forget the gateway's own cookie, whatever becomes of the record; a host's cookie is the host's. */
  clearCookie(req: IncomingMessage, res: ServerResponse): void;
  /** Is this the cookie of the session, the gateway's or its host's, which the upstream never sees? */
  ownCookie(name: string, value?: string): boolean;
}

/** What the sessions stand on. */
export interface BrowserSessionsParts {
  readonly config: Pick<GatewayConfig, 'session' | 'secureCookies'>;
  readonly store: Store;
  /** The host's session handler, where the gateway lives in the host's session. */
  readonly hostSession?: RequestHandler | undefined;
}

/** One session handler and one cookie for all routes. */
export function createBrowserSessions({ config, store, hostSession }: BrowserSessionsParts): BrowserSessions {
  const { cookieName, secrets } = config.session;
  const name = config.secureCookies ? `__Host-${cookieName}` : cookieName;
  const own = ownSession({ config, store, name });
  const middleware = hostSession ?? own;
  const hostCookie = createHostCookie(hostSession !== undefined);
  // before its handler has run, a host's session is known only by having been given
  const isShared = (req: IncomingMessage) => {
    const { session: present, sessionStore } = req as Partial<Request>;
    return present === undefined ? hostSession !== undefined : sessionStore !== store;
  };
  const prepareUpgrade = async (req: IncomingMessage): Promise<void> => {
    if (hostSession !== undefined) await withSession(hostSession, req, new ServerResponse(req));
  };
  return {
    middleware,
    idOf(req) {
      if (!isShared(req)) return findSessionCookie(req.headers.cookie, name, secrets)?.sessionId;
      const { sessionID } = req as Partial<Request>;
      return req.headers.cookie === undefined || typeof sessionID !== 'string' ? undefined : sessionID;
    },
    cookieTextOf: (req) => (isShared(req) ? undefined : req.headers.cookie),
    async begin(req, res) {
      const request = await withSession(middleware, req, res);
      return createHandle(request, {
        shared: isShared(request),
        absoluteSeconds: config.session.absoluteSeconds,
      });
    },
    prepareUpgrade,
    notice(req) {
      if (isShared(req)) hostCookie.notice(req);
    },
    clearCookie(req, res) {
      if (!isShared(req)) res.appendHeader('Set-Cookie', clearingCookie(req, name, config.secureCookies));
    },
    ownCookie: (cookie, value) => cookie === name || hostCookie.is(cookie, value),
  };
}

interface OwnSession {
  readonly config: BrowserSessionsParts['config'];
  readonly store: Store;
  readonly name: string;
}

function ownSession({ config, store, name }: OwnSession): RequestHandler {
  const { secrets } = config.session;
  const run = session({
    name,
    secret: [...secrets],
    store,
    resave: false,
    saveUninitialized: false,
    rolling: false,
    cookie: { httpOnly: true, sameSite: 'lax', path: '/', secure: config.secureCookies },
  });
  return function sessionMiddleware(req, res, next) {
    if ((req as Partial<Request>).session) {
      next();
      return;
    }
    // TLS ends at the router: that the browser speaks https is known from publicUrl, not from a header of the client
    if (config.secureCookies) Object.defineProperty(req, 'secure', { value: true, configurable: true });
    // express-session believes the first of repeated cookies: it sees the one that opens, or none
    const { cookie } = req.headers;
    const restore = () => {
      setCookieHeader(req, cookie);
    };
    setCookieHeader(req, findSessionCookie(cookie, name, secrets)?.pair);
    run(req, res, (error?: unknown) => {
      restore();
      next(error);
    });
    restore();
  };
}

function setCookieHeader({ headers }: IncomingMessage, cookie: string | undefined): void {
  if (cookie === undefined) delete headers.cookie;
  else headers.cookie = cookie;
}

/** The request with its session, once the session handler is through. */
function withSession(
  middleware: RequestHandler,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<Request> {
  const request = req as Request;
  return new Promise((resolve, reject) => {
    void middleware(request, res as Response, (error?: unknown) => {
      if (error !== undefined && error !== null)
        reject(error instanceof Error ? error : new TypeError('no session'));
      else if (!('session' in request))
        reject(new GatewayError('session_store_unavailable', 'There is no session.'));
      else resolve(request);
    });
  });
}

function clearingCookie({ headers }: IncomingMessage, name: string, secure: boolean): string {
  // a browser ignores a deletion whose attributes are not those of the cookie, `__Host-` above all (RFC 6265bis)
  const attributes = 'Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly';
  const elsewhere = secure && headers['sec-fetch-site'] === 'cross-site';
  const site = elsewhere ? 'SameSite=None; Secure; Partitioned' : `SameSite=Lax${secure ? '; Secure' : ''}`;
  return `${name}=; ${attributes}; ${site}`;
}
