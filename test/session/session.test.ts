import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import session from 'express-session';
import { createMemoryState } from '../../src/session/memory.ts';
import { createSealer } from '../../src/session/seal.ts';
import { SealedStore } from '../../src/session/sealed-store.ts';
import { createBrowserSessions, type BrowserSessions, type SessionHandle } from '../../src/session/session.ts';
import { StateSessionStore } from '../../src/session/state-session-store.ts';
import type { StateStore } from '../../src/session/state-store.ts';

declare module 'express-session' {
  interface SessionData {
    basket?: string[];
  }
}

interface Options {
  readonly secure?: boolean;
  readonly absoluteSeconds?: number;
  readonly secrets?: readonly string[];
  /** The host's session handler: mounted before the gateway, given to it, or not there. */
  readonly host?: 'mounted' | 'given';
}

const SECRET = 's'.repeat(32);
const key = randomBytes(32);

function sessionsOn(state: StateStore, options: Options, hostSession?: RequestHandler): BrowserSessions {
  const { secure = false, absoluteSeconds = 3600, secrets = [SECRET] } = options;
  const cookie = { cookieName: 'scg', secrets, sealKeys: [key], pseudonymKey: key, idleSeconds: 60, absoluteSeconds };
  return createBrowserSessions({
    config: { secureCookies: secure, session: cookie },
    store: new SealedStore(new StateSessionStore(state, 60), createSealer([key])),
    hostSession,
  });
}

/** A server whose routes are named after what the handle does. */
async function start(t: TestContext, options: Options = {}, state: StateStore = createMemoryState()) {
  const hostStore = new session.MemoryStore();
  const hostSession = session({ secret: 'host', resave: false, saveUninitialized: false, name: 'host.sid', store: hostStore });
  const sessions = sessionsOn(state, options, options.host === 'given' ? hostSession : undefined);
  const app = express();
  if (options.host === 'mounted') app.use(hostSession);
  const route = (path: string, work: (handle: SessionHandle) => unknown) => {
    app.get(path, async (req, res) => {
      const idOf = sessions.idOf(req);
      const handle = await sessions.begin(req, res);
      const before = handle.id();
      const said = await work(handle);
      const host = { basket: req.session?.basket, hasMember: req.session?.secureChat !== undefined };
      res.json({ idOf, before, after: req.session ? handle.id() : null, said, cookieHeader: req.headers.cookie, ...host });
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
  const failed: ErrorRequestHandler = (error: { code?: string; name?: string; status?: number }, _req, res, _next) => {
    res.status(error.status ?? 500).json({ code: error.code, name: error.name });
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
    async go(path: string, headers: Record<string, string> = {}): Promise<Answer> {
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

test('a visit that keeps nothing sets no cookie and writes no record', async (t) => {
  const state = createMemoryState();
  const writes: string[] = [];
  const watched: StateStore = { ...state, set: (name, ...rest) => (writes.push(name), state.set(name, ...rest)) };
  const { go } = await start(t, {}, watched);
  const { setCookie, body } = await go('/look');
  assert.deepEqual([setCookie, writes, body['said'], body['idOf']], [[], [], [], undefined]);
});

test('on http the cookie is HttpOnly, Lax, for the whole host and for this browser session', async (t) => {
  const { go } = await start(t);
  const { setCookie } = await go('/remember');
  assert.equal(setCookie.length, 1);
  assert.match(setCookie[0] ?? '', /^scg=s%3A[^;]+; Path=\/; HttpOnly; SameSite=Lax$/);
});

test('on https behind a router that ends TLS the cookie is Secure and __Host-, whatever the client says', async (t) => {
  for (const headers of [{}, { 'x-forwarded-proto': 'http' }, { 'x-forwarded-proto': 'https' }]) {
    const { go } = await start(t, { secure: true });
    const { setCookie } = await go('/remember', headers);
    assert.equal(setCookie.length, 1);
    assert.match(setCookie[0] ?? '', /^__Host-scg=s%3A[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  }
});

test('on http no header of the client makes the cookie Secure', async (t) => {
  const { go } = await start(t);
  assert.doesNotMatch((await go('/remember', { 'x-forwarded-proto': 'https' })).setCookie[0] ?? '', /Secure/);
});

test('connections are remembered once each, and the id is read from the cookie without a store', async (t) => {
  const { go } = await start(t);
  const { body } = await go('/remember');
  assert.deepEqual(body['said'], ['A', 'B']);
  const look = (await go('/look')).body;
  assert.deepEqual(look['said'], ['A', 'B']);
  assert.equal(look['idOf'], body['before']);
  assert.equal((await go('/id')).body['idOf'], body['before']);
});

test('a cookie signed by an older secret still opens, one of a dropped secret does not', async (t) => {
  const state = createMemoryState();
  const old = await start(t, {}, state);
  const { body } = await old.go('/remember');
  const cookie = old.cookies();
  const rotated = await start(t, { secrets: ['n'.repeat(32), SECRET] }, state);
  assert.equal((await rotated.go('/look', { cookie })).body['before'], body['before']);
  const dropped = await start(t, { secrets: ['n'.repeat(32)] }, state);
  assert.deepEqual((await dropped.go('/look', { cookie })).body['said'], []);
});

test('regenerate gives a new id and keeps what was remembered; the old id opens nothing', async (t) => {
  const { go, cookies } = await start(t);
  await go('/remember');
  const before = cookies();
  const { body } = await go('/regenerate');
  assert.notEqual(body['before'], body['after']);
  assert.notEqual(cookies(), before);
  assert.deepEqual((await go('/look')).body['said'], ['A', 'B']);
  assert.deepEqual((await go('/look', { cookie: before })).body['said'], []);
});

test('an id that the browser brought and no record knows is never taken over', async (t) => {
  const { go, cookies, state } = await start(t);
  const { body } = await go('/remember');
  await state.delete([createSealer([key]).key('session', String(body['before']))]);
  const again = await go('/remember', { cookie: cookies() });
  assert.notEqual(again.body['before'], body['before']);
  assert.equal(again.setCookie.length, 1);
});

test('destroy ends the record and deletes the cookie with the attributes that it was set with', async (t) => {
  for (const secure of [false, true]) {
    const { go, cookies, jar } = await start(t, { secure });
    await go('/remember');
    const before = cookies();
    const { setCookie } = await go('/destroy');
    assert.equal(setCookie.length, 1);
    const name = secure ? '__Host-scg' : 'scg';
    const end = secure ? 'HttpOnly; SameSite=Lax; Secure' : 'HttpOnly; SameSite=Lax';
    assert.equal(setCookie[0], `${name}=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; ${end}`);
    assert.equal(jar.size, 0);
    assert.deepEqual((await go('/look', { cookie: before })).body['said'], []);
  }
});

test('of repeated cookies the first valid one counts, for the id and for the session alike', async (t) => {
  const { go, cookies } = await start(t);
  const { body } = await go('/remember');
  const header = `scg=planted; ${cookies()}; other=1`;
  const look = (await go('/look', { cookie: header })).body;
  assert.equal(look['idOf'], body['before']);
  assert.equal(look['before'], body['before']);
  assert.deepEqual(look['said'], ['A', 'B']);
  assert.equal(look['cookieHeader'], header, 'what others read of the request is as it was');
});

test('crafted cookies are no session and no failure', async (t) => {
  const { go } = await start(t);
  for (const cookie of ['scg=', 'scg=%', 'scg=s%3Aa.b', `scg=${'x'.repeat(9000)}`, 'scg=1; '.repeat(900), '=;=;;;', 'scg']) {
    const look = await go('/look', { cookie });
    assert.equal(look.status, 200, cookie.slice(0, 20));
    assert.deepEqual(look.body['said'], []);
    assert.equal(look.body['idOf'], undefined);
  }
});

test('a session whose absolute life is over remembers nothing', async (t) => {
  const { go } = await start(t, { absoluteSeconds: 0 });
  assert.deepEqual((await go('/remember')).body['said'], []);
});

test('when the store is gone, begin fails with 503 and a logout still deletes the cookie', async (t) => {
  const state = createMemoryState();
  let down = false;
  const failing: StateStore = { ...state, delete: (keys) => (down ? Promise.reject(new Error('down')) : state.delete(keys)) };
  const { go } = await start(t, {}, failing);
  await go('/remember');
  down = true;
  const ended = await go('/destroy');
  assert.deepEqual([ended.status, ended.body['code'], ended.setCookie.length], [503, 'session_store_unavailable', 1]);
  await state.close();
  const cookie = `scg=${encodeURIComponent('s:x.y')}`;
  assert.equal((await go('/look', { cookie })).status, 200, 'no valid cookie, nothing to read');
});

test('a store that cannot be read is 503, not a new session', async (t) => {
  const { go, state } = await start(t);
  await go('/remember');
  await state.close();
  const look = await go('/look');
  assert.deepEqual([look.status, look.body['code']], [503, 'session_store_unavailable']);
});

for (const host of ['mounted', 'given'] as const) {
  test(`in a host's session (${host}) the id is the host's, and there is no cookie of ours`, async (t) => {
    const { go, jar } = await start(t, { host });
    const { body, setCookie } = await go('/remember');
    assert.equal(setCookie.length, 1);
    assert.match(setCookie[0] ?? '', /^host\.sid=/);
    assert.deepEqual([...jar.keys()], ['host.sid']);
    const look = (await go('/look')).body;
    assert.equal(look['before'], body['before']);
    if (host === 'mounted') assert.equal(look['idOf'], body['before']);
  });

  test(`in a host's session (${host}) a new id keeps the host's data`, async (t) => {
    const { go, cookies } = await start(t, { host });
    await go('/basket');
    await go('/remember');
    const before = cookies();
    const { body } = await go('/regenerate');
    assert.notEqual(body['before'], body['after']);
    const look = (await go('/look')).body;
    assert.deepEqual([look['basket'], look['said']], [['shoes'], ['A', 'B']]);
    assert.deepEqual((await go('/look', { cookie: before })).body['said'], []);
  });

  test(`in a host's session (${host}) a logout takes our member and leaves the rest`, async (t) => {
    const { go, cookies } = await start(t, { host });
    await go('/basket');
    await go('/remember');
    const before = cookies();
    const { setCookie } = await go('/destroy');
    assert.deepEqual(setCookie, []);
    assert.equal(cookies(), before);
    const look = (await go('/look')).body;
    assert.deepEqual([look['basket'], look['said'], look['hasMember']], [['shoes'], [], false]);
  });
}

test("a request without a cookie has no id, though the host's session handler made one up", async (t) => {
  const { go } = await start(t, { host: 'mounted' });
  assert.equal((await go('/id')).body['idOf'], null);
});

test("a host's session that is none of express-session is a TypeError with a sentence", async (t) => {
  const state = createMemoryState();
  t.after(() => state.close());
  const sessions = sessionsOn(state, {});
  const req = { headers: {}, session: { user: 1 }, url: '/' } as unknown as Parameters<BrowserSessions['begin']>[0];
  await assert.rejects(sessions.begin(req, {} as Parameters<BrowserSessions['begin']>[1]), {
    name: 'TypeError',
    message: /needs express-session/,
  });
});

test('only the gateway’s own cookie is its own', () => {
  const state = createMemoryState();
  const own = (secure: boolean) => sessionsOn(state, { secure }).ownCookie;
  assert.deepEqual(['scg', '__Host-scg', 'host.sid', ''].map(own(false)), [true, false, false, false]);
  assert.deepEqual(['scg', '__Host-scg', 'host.sid', ''].map(own(true)), [false, true, false, false]);
});
