import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import session from 'express-session';
import type { GatewayError } from '../../src/errors.ts';
import { createMemoryState } from '../../src/session/memory.ts';
import { createSealer } from '../../src/session/seal.ts';
import { SealedStore } from '../../src/session/sealed-store.ts';
import {
  createBrowserSessions,
  type BrowserSessions,
  type SessionHandle,
} from '../../src/session/session.ts';
import { StateSessionStore } from '../../src/session/state-session-store.ts';
import type { StateStore } from '../../src/session/state-store.ts';

declare module 'express-session' {
  interface SessionData {
    basket?: string[];
  }
}

/** What a server of these tests is like. */
export interface Options {
  readonly secure?: boolean;
  readonly absoluteSeconds?: number;
  readonly secrets?: readonly string[];
  /** The host's session handler: mounted before the gateway, given to it, or not there. */
  readonly host?: 'mounted' | 'given';
}

/** Signs the cookies of these tests. */
export const SECRET = 's'.repeat(32);
/** Seals the records of these tests. */
export const key = randomBytes(32);

/** Browser sessions on a state store, without a server. */
export function sessionsOn(
  state: StateStore,
  options: Options,
  hostSession?: RequestHandler,
): BrowserSessions {
  const { secure = false, absoluteSeconds = 3600, secrets = [SECRET] } = options;
  const cookie = {
    cookieName: 'scg',
    secrets,
    sealKeys: [key],
    pseudonymKey: key,
    idleSeconds: 60,
    absoluteSeconds,
  };
  return createBrowserSessions({
    config: { secureCookies: secure, session: cookie },
    store: new SealedStore(new StateSessionStore(state, 60), createSealer([key])),
    hostSession,
  });
}

/** A server whose routes are named after what the handle does. */
export async function start(t: TestContext, options: Options = {}, state: StateStore = createMemoryState()) {
  const hostStore = new session.MemoryStore();
  const hostSession = session({
    secret: 'host',
    resave: false,
    saveUninitialized: false,
    name: 'host.sid',
    store: hostStore,
  });
  const sessions = sessionsOn(state, options, options.host === 'given' ? hostSession : undefined);
  const app = express();
  if (options.host === 'mounted') app.use(hostSession);
  const route = (path: string, work: (handle: SessionHandle) => unknown) => {
    app.get(path, async (req, res) => {
      const idOf = sessions.idOf(req);
      if (path === '/destroy') sessions.clearCookie(req, res);
      const handle = await sessions.begin(req, res);
      const before = handle.id();
      const said = await work(handle);
      const { session: present } = req as Partial<typeof req>;
      const host = { basket: present?.basket, hasMember: present?.secureChat !== undefined };
      res.json({
        idOf,
        before,
        after: present ? handle.id() : null,
        said,
        cookieHeader: req.headers.cookie,
        ...host,
      });
    });
  };
  route('/look', (handle) => handle.connections());
  route('/remember', async (handle) => {
    handle.remember('A');
    handle.remember('B');
    handle.remember('A');
    await handle.save();
    return handle.connections();
  });
  route('/regenerate', async (handle) => {
    await handle.regenerate();
    await handle.save();
    return handle.connections();
  });
  route('/destroy', (handle) => handle.destroy());
  app.get('/id', (req, res) => res.json({ idOf: sessions.idOf(req) ?? null }));
  app.get('/basket', hostSession, (req, res) => {
    req.session.basket = ['shoes'];
    res.json({});
  });
  const failed: ErrorRequestHandler = (error: GatewayError, _req, res, next) => {
    if (res.headersSent) next(error);
    else res.status(error.status).json({ code: error.code, name: error.name });
  };
  app.use(failed);
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await state.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { state, sessions, ...browser(origin) };
}

interface Answer {
  status: number;
  body: Record<string, unknown>;
  setCookie: string[];
}

function browser(origin: string) {
  const jar = new Map<string, string>();
  return {
    jar,
    cookies: () => [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
    go: async (path: string, headers: Record<string, string> = {}): Promise<Answer> => {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      const res = await fetch(origin + path, { headers: { ...(cookie !== '' && { cookie }), ...headers } });
      const setCookie = res.headers.getSetCookie();
      for (const line of setCookie) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        if (/Expires=Thu, 01 Jan 1970/.test(line)) jar.delete(name);
        else jar.set(name, value);
      }
      return { status: res.status, body: (await res.json()) as Record<string, unknown>, setCookie };
    },
  };
}
