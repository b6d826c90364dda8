import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf } from '../support/problem-code.ts';
import { everythingIn } from '../support/redis-dump.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { inEveryFace } from '../support/system.ts';
import { Desk, hiddenOf, shownOf } from './pages-rig.ts';
import { ADMIN_TOKEN, startAdministered, TOKEN_HASHES, VIEWER_TOKEN } from './rig.ts';

const COOKIE = /^secure-chat-admin=([\w-]{43}); Path=\/; Max-Age=28800; HttpOnly; SameSite=Strict$/;

inEveryFace('a token opens a session with a cookie of its own, and signing out ends it', async (t, face) => {
  const { url, browser, upstream } = await startAdministered(t, { face });
  const desk = new Desk(url, browser());
  const before = await desk.open('');
  assert.equal(before.status, 401);
  assert.match(shownOf(before.body), /Sign in to the administration/);
  const signedIn = await desk.post('/sign-in', { token: ADMIN_TOKEN });
  assert.equal(signedIn.headers.get('location'), '/secure-chat/admin');
  const [line] = signedIn.headers.getSetCookie();
  assert.match(line!, COOKIE);
  const page = await desk.open('');
  assert.match(shownOf(page.body), /anna administrator Sign out/);
  const { csrf } = hiddenOf(page.body);
  const held = new Map(desk.browser.jar.get('127.0.0.1'));
  const out = await desk.post('/sign-out', { csrf: csrf! });
  assert.deepEqual([out.status, out.headers.get('location')], [303, '/secure-chat/admin/sign-in']);
  assert.match(
    out.headers.getSetCookie()[0]!,
    /^secure-chat-admin=; Path=\/; Max-Age=0; HttpOnly; SameSite=Strict$/,
  );
  // also for whoever has kept the cookie
  desk.browser.jar.set('127.0.0.1', held);
  assert.equal((await desk.open('')).status, 401);
  await desk.browser.fetch(`${url}/queues/q_open`);
  assert.doesNotMatch(upstream.requests.at(-1)?.headers.cookie ?? '', /secure-chat-admin/);
});

test('on https the cookie is __Host- and Secure, and no other name is read', async (t) => {
  const { url, browser } = await startAdministered(t, {
    options: { publicUrl: 'https://chat.bank.example', admin: { tokenHash: [...TOKEN_HASHES] } },
  });
  const desk = new Desk(url, browser());
  const { headers } = await desk.post('/sign-in', { token: ADMIN_TOKEN });
  const [line] = headers.getSetCookie();
  assert.match(
    line!,
    /^__Host-secure-chat-admin=[\w-]{43}; Path=\/; Max-Age=28800; HttpOnly; SameSite=Strict; Secure$/,
  );
  const [, value] = /=([\w-]{43});/.exec(line!)!;
  const ask = async (cookie: string) =>
    (await browser({ cookie }).navigate(desk.base, { headers: { 'sec-fetch-site': 'same-origin' } })).status;
  assert.equal(await ask(`__Host-secure-chat-admin=${value}`), 200);
  for (const cookie of [
    `secure-chat-admin=${value}`,
    `\u00a0__Host-secure-chat-admin=${value}`,
    `__Host-secure-chat-admin=${value}; __Host-secure-chat-admin=${value}`,
  ])
    assert.equal(await ask(Buffer.from(cookie).toString('latin1')), 401, cookie);
});

test('the id of before the sign-in opens nothing after it, and a planted one never', async (t) => {
  const { url, browser } = await startAdministered(t);
  const desk = new Desk(url, browser());
  const planted = 'A'.repeat(43);
  desk.browser.jar.set('127.0.0.1', new Map([['secure-chat-admin', planted]]));
  await desk.signIn();
  const first = desk.browser.jar.get('127.0.0.1')!.get('secure-chat-admin')!;
  assert.notEqual(first, planted);
  await desk.signIn(VIEWER_TOKEN);
  const second = desk.browser.jar.get('127.0.0.1')!.get('secure-chat-admin')!;
  assert.notEqual(second, first);
  for (const old of [planted, first]) {
    const other = new Desk(url, browser({ cookie: `secure-chat-admin=${old}` }));
    assert.equal((await other.open('')).status, 401);
  }
});

test('a session ends after 15 minutes without a request, and after 8 hours in any case', async (t) => {
  const { url, browser } = await startAdministered(t);
  const desk = new Desk(url, browser());
  await desk.signIn();
  const start = Date.now();
  let now = start;
  t.mock.method(Date, 'now', () => now);
  const MINUTE = 60_000;
  now = start + 14 * MINUTE;
  assert.equal((await desk.open('')).status, 200);
  now = start + 28 * MINUTE;
  assert.equal((await desk.open('')).status, 200, 'each request begins the idle time anew');
  const idle = new Desk(url, browser());
  await idle.signIn();
  for (let minutes = 42; minutes < 480; minutes += 14) {
    now = start + minutes * MINUTE;
    assert.equal((await desk.open('')).status, 200, `${minutes} minutes`);
  }
  assert.equal((await idle.open('')).status, 401);
  now = start + 480 * MINUTE + 1;
  assert.equal((await desk.open('')).status, 401);
});

inEveryFace('guessing ends in 429, as a page', async (t, face) => {
  const { url, browser } = await startAdministered(t, { face });
  const desk = new Desk(url, browser());
  for (let guess = 0; guess < 10; guess += 1) {
    const answer = await desk.post('/sign-in', { token: `adm_a-wrong-guess-of-some-length-${guess}` });
    assert.equal(answer.status, 401);
    assert.doesNotMatch(answer.body, /wrong-guess/);
  }
  const answer = await desk.post('/sign-in', { token: ADMIN_TOKEN });
  assert.equal(answer.status, 429);
  assert.match(shownOf(answer.body), /Too many attempts/);
});

inEveryFace(
  'a script without a session gets a problem, and a link from elsewhere comes in by one more step',
  async (t, face) => {
    const { url, browser } = await startAdministered(t, { face });
    const desk = new Desk(url, browser());
    assert.equal(codeOf(await desk.browser.fetch(`${desk.base}/audit`)), 'login_required');
    await desk.signIn();
    const held = desk.browser.jar.get('127.0.0.1')!;
    // SameSite=Strict: the first request comes without the cookie
    desk.browser.jar.delete('127.0.0.1');
    const elsewhere = await desk.open('/audit?kind=visitors', { 'sec-fetch-site': 'cross-site' });
    assert.equal(elsewhere.status, 200);
    const [, next] = /http-equiv="refresh" content="0; url=([^"]*)"/.exec(elsewhere.body)!;
    assert.equal(next, '/secure-chat/admin/audit?kind=visitors');
    assert.equal((await desk.open('/audit?kind=visitors')).status, 401, 'and not once more');
    desk.browser.jar.set('127.0.0.1', held);
    assert.equal((await desk.open('/audit?kind=visitors')).status, 200);
  },
);

test('a session of one process is known to the other, and its end too', { skip: redisMissing }, async (t) => {
  const redis = (await startRedis())!;
  t.after(() => redis.stop());
  const options = { redisUrl: redis.url, admin: { tokenHash: [...TOKEN_HASHES] } };
  const [one, two] = [await startAdministered(t, { options }), await startAdministered(t, { options })];
  const desk = new Desk(one.url, one.browser());
  await desk.signIn();
  const other = new Desk(two.url, desk.browser);
  const page = await other.open('');
  assert.match(shownOf(page.body), /anna administrator/);
  const stored = await everythingIn(redis.url);
  const cookie = desk.browser.jar.get('127.0.0.1')!.get('secure-chat-admin')!;
  for (const secret of [cookie, hiddenOf(page.body).csrf!, ADMIN_TOKEN, 'anna'])
    assert.equal(stored.includes(secret), false);
  await other.post('/sign-out', { csrf: hiddenOf(page.body).csrf! });
  assert.equal((await desk.open('')).status, 401);
});

test(
  'a token that is taken out of the configuration, or gets another role, ends its sessions',
  { skip: redisMissing },
  async (t) => {
    const redis = (await startRedis())!;
    t.after(() => redis.stop());
    const start = (tokenHash: string[]) =>
      startAdministered(t, { options: { redisUrl: redis.url, admin: { tokenHash } } });
    const [first, other] = TOKEN_HASHES as [string, string];
    const one = await start([first, other]);
    const [anna, viggo] = [new Desk(one.url, one.browser()), new Desk(one.url, one.browser())];
    await anna.signIn();
    await viggo.signIn(VIEWER_TOKEN);
    const later = await start([first.replace('administrator:', 'viewer:')]);
    for (const desk of [anna, viggo])
      assert.equal((await new Desk(later.url, desk.browser).open('')).status, 401);
    assert.equal((await anna.open('')).status, 200, 'where it still holds');
  },
);

inEveryFace(
  'the cookie of a session is good for the API, with its CSRF token for what changes',
  async (t, face) => {
    const { url, browser } = await startAdministered(t, { face });
    const desk = new Desk(url, browser());
    const { csrf } = hiddenOf((await desk.signIn()).body);
    const me = await desk.browser.fetch(`${desk.base}/api/v1/me`, {
      headers: { 'sec-fetch-site': 'same-origin' },
    });
    assert.equal(me.status, 200, me.body);
    assert.equal((JSON.parse(me.body) as { name: string }).name, 'anna');
    const revoke = (headers: Record<string, string>) =>
      desk.browser.fetch(`${desk.base}/api/v1/sessions/revocations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', ...headers },
        body: JSON.stringify({ subject: 'abcdefghijabcdefghij1234' }),
      });
    assert.equal((await revoke({})).status, 403);
    assert.equal((await revoke({ 'x-csrf-token': csrf! })).status, 200);
  },
);

test('below a path of the site every address of the pages has it', async (t) => {
  const publicUrl = 'https://chat.bank.example/help/chat';
  const { url, browser } = await startAdministered(t, {
    options: { publicUrl, admin: { tokenHash: [...TOKEN_HASHES] } },
  });
  const desk = new Desk(`${url}/help/chat`, browser());
  const signedIn = await desk.post('/sign-in', { token: ADMIN_TOKEN });
  assert.equal(signedIn.headers.get('location'), '/help/chat/secure-chat/admin');
  const page = await desk.open('');
  assert.equal(page.status, 200);
  const addresses = [...page.body.matchAll(/(?:href|action)="(\/[^"]*)"/g)].map(([, address]) => address!);
  assert.ok(addresses.length > 10);
  assert.deepEqual(
    addresses.filter((address) => !address.startsWith('/help/chat/secure-chat/')),
    [],
  );
});
