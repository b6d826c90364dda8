import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { sign } from 'cookie-signature';
import { createMemoryState } from '../../src/session/memory.ts';
import { createSealer } from '../../src/session/seal.ts';
import type { StateStore } from '../../src/session/state-store.ts';
import { key, SECRET, sessionsOn, start } from './session-rig.ts';

test('a visit that keeps nothing sets no cookie and writes no record', async (t) => {
  const state = createMemoryState();
  const writes: string[] = [];
  const watched: StateStore = {
    ...state,
    set: (name, ...rest) => (writes.push(name), state.set(name, ...rest)),
  };
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

test('while the store is asked, the request shows others the cookies that it came with', async () => {
  const sessions = sessionsOn(createMemoryState(), {});
  const header = `a=b; scg=${encodeURIComponent(`s:${sign('i'.repeat(32), SECRET)}`)}; c=d`;
  const req = Object.assign(new IncomingMessage(new Socket()), { url: '/', headers: { cookie: header } });
  const begun = sessions.begin(req, new ServerResponse(req));
  assert.equal(req.headers.cookie, header);
  await begun;
  assert.equal(req.headers.cookie, header);
});

test('crafted cookies are no session and no failure', async (t) => {
  const { go } = await start(t);
  for (const cookie of [
    'scg=',
    'scg=%',
    'scg=s%3Aa.b',
    `scg=${'x'.repeat(9000)}`,
    'scg=1; '.repeat(900),
    '=;=;;;',
    'scg',
  ]) {
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
  const failing: StateStore = {
    ...state,
    delete: (keys) => (down ? Promise.reject(new Error('down')) : state.delete(keys)),
  };
  const { go } = await start(t, {}, failing);
  await go('/remember');
  down = true;
  const ended = await go('/destroy');
  assert.deepEqual(
    [ended.status, ended.body['code'], ended.setCookie.length],
    [503, 'session_store_unavailable', 1],
  );
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

test('only the gateway’s own cookie is its own', () => {
  const state = createMemoryState();
  const own = (secure: boolean) => (name: string) => sessionsOn(state, { secure }).ownCookie(name);
  assert.deepEqual(['scg', '__Host-scg', 'host.sid', ''].map(own(false)), [true, false, false, false]);
  assert.deepEqual(['scg', '__Host-scg', 'host.sid', ''].map(own(true)), [false, true, false, false]);
});
