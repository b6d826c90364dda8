import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CookielessPage, PAGE, challengeOf } from '../support/cookieless-page.ts';
import { connection, identityOf, inEveryFace, kari, ola, startSystem } from '../support/system.ts';
import { startProvider } from '../support/provider.ts';
import { codeOf } from '../support/problem-code.ts';
import { until } from '../support/until.ts';

const BANK = '/queues/q_bank';

inEveryFace(
  'a page without cookies logs in, claims the login and chats under the identity',
  async (t, face) => {
    const { url, provider, upstream, browser, log } = await startSystem(t, { face });
    const [page, visitor] = [new CookielessPage(url), browser()];
    const begun = await page.begin(challengeOf('v'.repeat(43)));
    assert.equal(begun.headers.get('access-control-allow-origin'), PAGE);
    assert.equal(begun.headers.get('cache-control'), 'no-store');
    assert.deepEqual(begun.headers.getSetCookie(), []);
    assert.equal(provider.requests.length, 0, 'nothing asks the provider before the page navigates');

    const login = await page.login(visitor);
    assert.equal(login.landed.origin + login.landed.pathname, `${PAGE}/chat`);
    assert.match(login.authCode, /^[\w-]{43}$/);
    assert.equal(visitor.cookies('127.0.0.1'), '', 'no cookie of the visitor’s is worth this login');
    const claimed = await page.claim(login);
    const answer = JSON.parse(claimed.body) as { token: string; tokenType: string; expiresIn: number };
    assert.deepEqual(Object.keys(answer), ['token', 'tokenType', 'expiresIn']);
    assert.match(answer.token, /^scg_[\w-]{43}$/);
    assert.deepEqual([answer.tokenType, answer.expiresIn], ['Bearer', 600]);
    assert.deepEqual(
      ['cache-control', 'access-control-allow-origin'].map((name) => claimed.headers.get(name)),
      ['no-store', PAGE],
    );
    const { token } = answer;
    const session = async () =>
      JSON.parse((await page.ask('/secure-chat/session', { token })).body) as object;
    assert.deepEqual(await session(), { authenticated: false, pending: true, connection: 'Signicat' });

    const sent = await page.ask(`${BANK}/messages`, { token, method: 'POST', body: 'hei' });
    assert.equal(sent.status, 200);
    assert.equal(sent.headers.get('access-control-allow-origin'), PAGE);
    assert.equal(identityOf(upstream)['x-secure-chat-id'], 'kari-sub');
    assert.equal(identityOf(upstream)['x-secure-chat-queue'], 'q_bank');
    assert.ok(identityOf(upstream)['x-secure-chat-assertion']);
    const { rawHeaders, body } = upstream.requests.at(-1)!;
    assert.doesNotMatch(rawHeaders.join('\n'), /authorization|scg_/i);
    assert.equal(body.toString(), 'hei');
    assert.equal(((await session()) as { chatId: string }).chatId, 'kari-sub');
    assert.equal(provider.calls('token'), 1);
    const lines = JSON.stringify(log);
    for (const secret of [token, login.authCode, login.verifier]) assert.ok(!lines.includes(secret));
  },
);

inEveryFace('a login without cookies leaves the browser’s cookie session as it was', async (t, face) => {
  const { url, provider, upstream, browser } = await startSystem(t, { face });
  const visitor = browser();
  await visitor.open(url + BANK);
  const before = visitor.cookies('127.0.0.1');
  provider.setPerson(ola);
  const page = new CookielessPage(url);
  const token = await page.token(visitor);
  assert.equal(visitor.cookies('127.0.0.1'), before);
  assert.equal((await page.ask(BANK, { token })).status, 200);
  assert.equal(identityOf(upstream)['x-secure-chat-id'], 'ola-sub');
  assert.equal((await visitor.fetch(url + BANK)).status, 200);
  assert.equal(identityOf(upstream)['x-secure-chat-id'], 'kari-sub');
  const cookie = before;
  await page.ask(BANK, { token, headers: { cookie } });
  assert.equal(identityOf(upstream)['x-secure-chat-id'], 'ola-sub', 'the token counts, not the cookie');
  const broken = await page.ask(BANK, { token: `scg_${'x'.repeat(43)}`, headers: { cookie } });
  assert.equal(codeOf(broken), 'login_required', 'nor is the cookie what a broken token falls back to');
  const html = { accept: 'text/html', cookie };
  const page401 = await page.ask(BANK, { token: `scg_${'x'.repeat(43)}`, headers: html });
  assert.equal(page401.status, 401, 'nor does a token start a login by itself');
  await page.ask('/secure-chat/logout', { method: 'POST', token });
  assert.equal((await visitor.fetch(url + BANK)).status, 200, 'nor does the page log the browser out');
});

inEveryFace('with codeRedemption "callback" the identity waits for its page', async (t, face) => {
  const { url, provider, upstream, browser } = await startSystem(t, {
    face,
    connection: { codeRedemption: 'callback' },
  });
  const page = new CookielessPage(url);
  const login = await page.login(browser());
  assert.equal(provider.calls('token'), 1);
  const { token } = JSON.parse((await page.claim(login)).body) as { token: string };
  await page.ask(BANK, { token });
  assert.equal(identityOf(upstream)['x-secure-chat-id'], 'kari-sub');
  assert.equal(provider.calls('token'), 1);
});

inEveryFace(
  'nobody at the provider: the page hears authError, and there is nothing to claim',
  async (t, face) => {
    const { url, provider, browser } = await startSystem(t, { face });
    provider.setPerson(undefined);
    const login = await new CookielessPage(url).login(browser());
    assert.equal(login.landed.searchParams.get('authError'), 'login_required');
    assert.equal(login.authCode, '');
  },
);

test('a popup posts the handle to the origin of the page that asked, also without a returnTo', async (t) => {
  const { url, browser } = await startSystem(t);
  const visitor = browser();
  const begun = await new CookielessPage(url).begin('c'.repeat(43), {
    display: 'popup',
    returnTo: undefined,
  });
  const { location } = JSON.parse(begun.body) as { location: string };
  const visit = await visitor.open(location);
  assert.equal(visit.status, 200);
  assert.match(visit.body, /https:\/\/www\.bank\.example/);
  assert.match(visit.body, /authCode/);
});

inEveryFace('a token renews itself; the old one lives on beside the new one', async (t, face) => {
  const { url, upstream, browser } = await startSystem(t, { face });
  const page = new CookielessPage(url);
  const first = await page.token(browser());
  const early = await page.ask('/secure-chat/token', { method: 'POST', token: first });
  assert.equal(early.status, 200, 'also while the code still waits');
  await page.ask(BANK, { token: first });
  const renewed = await page.ask('/secure-chat/token', { method: 'POST', token: first });
  const { token, expiresIn } = JSON.parse(renewed.body) as { token: string; expiresIn: number };
  assert.ok(expiresIn > 590 && expiresIn <= 600);
  assert.notEqual(token, first);
  for (const each of [first, token]) {
    assert.equal((await page.ask(BANK, { token: each })).status, 200);
    assert.equal(identityOf(upstream)['x-secure-chat-id'], 'kari-sub');
  }
  for (const bad of [undefined, `scg_${'x'.repeat(43)}`]) {
    const refused = await page.ask('/secure-chat/token', { method: 'POST', token: bad });
    assert.equal(codeOf(refused), bad === undefined ? 'request_malformed' : 'login_required');
    assert.equal(refused.headers.get('access-control-allow-origin'), PAGE, 'the page can read why');
  }
});

inEveryFace('log-out with the token ends its session, its tokens and what runs', async (t, face) => {
  const { url, browser, upstream } = await startSystem(t, {
    face,
    upstream: (req, res) => {
      if (req.url!.endsWith('/stream')) res.writeHead(200).write('data: 1\n\n');
      else res.end('ok');
    },
  });
  const page = new CookielessPage(url);
  const token = await page.token(browser());
  const renewed = await page.ask('/secure-chat/token', { method: 'POST', token });
  const second = (JSON.parse(renewed.body) as { token: string }).token;
  const stream = fetch(`${url}${BANK}/stream`, {
    headers: { authorization: `Bearer ${token}`, origin: PAGE },
  }).then((response) => response.text());
  const ended = assert.rejects(stream);
  await until('the request at the upstream', () => upstream.requests.length === 1);
  const foreign = await page.ask('/secure-chat/logout', { method: 'POST', token, origin: url });
  assert.equal(foreign.status, 204);
  assert.equal((await page.ask(BANK, { token })).status, 200, 'a page of another origin ends nothing');
  const answer = await page.ask('/secure-chat/logout', { method: 'POST', token: second });
  assert.deepEqual([answer.status, answer.headers.getSetCookie()], [204, []]);
  await ended;
  for (const each of [token, second]) {
    assert.equal(codeOf(await page.ask(BANK, { token: each })), 'login_required');
    const again = await page.ask('/secure-chat/token', { method: 'POST', token: each });
    assert.equal(codeOf(again), 'login_required');
    const info = await page.ask('/secure-chat/session', { token: each });
    assert.deepEqual(JSON.parse(info.body), { authenticated: false });
  }
});

test('a token and what runs on it end with the identity', async (t) => {
  const provider = await startProvider({ person: kari });
  t.after(() => provider.stop());
  const { url, browser, upstream } = await startSystem(t, {
    provider,
    upstream: (req, res) => {
      if (req.url!.endsWith('/stream')) res.writeHead(200).write('data: 1\n\n');
      else res.end('ok');
    },
    options: {
      session: { idleSeconds: 2, absoluteSeconds: 2 },
      customers: [
        {
          customerKey: '1',
          returnOrigins: [PAGE],
          connections: [connection(provider, { codeRedemption: 'callback' })],
          queues: [{ queueKey: 'q_bank', authConnectionName: 'Signicat' }],
        },
      ],
    },
  });
  const page = new CookielessPage(url);
  const claimed = await page.claim(await page.login(browser()));
  const { token, expiresIn } = JSON.parse(claimed.body) as { token: string; expiresIn: number };
  assert.ok(expiresIn <= 2, 'never beyond the identity');
  const headers = { authorization: `Bearer ${token}`, origin: PAGE };
  const stream = fetch(`${url}${BANK}/stream`, { headers }).then((response) => response.text());
  await until('the request at the upstream', () => upstream.requests.length === 1);
  await assert.rejects(stream);
  assert.equal(codeOf(await page.ask(BANK, { token })), 'login_required');
  assert.equal(codeOf(await page.ask('/secure-chat/token', { method: 'POST', token })), 'login_required');
});

inEveryFace('a login that goes on from a token knows whose chat it was', async (t, face) => {
  const { url, provider, upstream, browser } = await startSystem(t, { face });
  const [page, visitor] = [new CookielessPage(url), browser()];
  const first = await page.token(visitor);
  await page.ask(BANK, { token: first });
  const same = await page.token(visitor, {}, { token: first });
  assert.equal((await page.ask(BANK, { token: same })).status, 200, 'the same person goes on');
  provider.setPerson(ola);
  const other = await page.token(visitor, {}, { token: same });
  const refusal = await page.ask(BANK, { token: other, method: 'POST', body: 'hei' });
  assert.deepEqual([refusal.status, codeOf(refusal)], [409, 'identity_changed']);
  assert.equal(refusal.headers.get('access-control-allow-origin'), PAGE);
  const anew = await page.token(visitor, {}, { token: other });
  assert.equal(
    (await page.ask(BANK, { token: anew })).status,
    200,
    'who was told starts a chat of their own',
  );
  assert.equal(identityOf(upstream)['x-secure-chat-id'], 'ola-sub');
});

inEveryFace(
  'a code that expired in its session is repeated once, then it is code_expired',
  async (t, face) => {
    const { url, provider, browser } = await startSystem(t, { face });
    provider.behave({ token: { error: 'invalid_grant' } });
    const [page, visitor] = [new CookielessPage(url), browser()];
    const first = await page.token(visitor);
    assert.equal(codeOf(await page.ask(BANK, { token: first })), 'login_required');
    const second = await page.token(visitor, {}, { token: first });
    assert.equal(codeOf(await page.ask(BANK, { token: second })), 'code_expired');
  },
);

inEveryFace(
  'what is no token of ours is the upstream’s, and an open queue gets no token at all',
  async (t, face) => {
    const { url, upstream, browser } = await startSystem(t, { face });
    const page = new CookielessPage(url);
    const token = await page.token(browser());
    for (const authorization of [
      'Bearer eyJhbGciOi.J9.x',
      'Basic c2NnXzp4',
      'Digest username="scg_bob"',
      'scg_',
    ]) {
      await page.ask('/queues/q_open', { headers: { authorization } });
      assert.equal(upstream.requests.at(-1)!.headers.authorization, authorization);
    }
    for (const each of [token, `scg_${'x'.repeat(43)}`, 'scg_short']) {
      const visit = await page.ask('/queues/q_open', { token: each });
      assert.equal(visit.status, 200);
      assert.deepEqual(identityOf(upstream), {});
      assert.equal(upstream.requests.at(-1)!.headers.authorization, undefined);
    }
  },
);

test('a login that could not begin leaves its ticket good', async (t) => {
  const { url, provider, browser } = await startSystem(t, { connection: { authPushedRequests: true } });
  const page = new CookielessPage(url);
  await page.login(browser());
  const begun = await page.begin('c'.repeat(43));
  const { location } = JSON.parse(begun.body) as { location: string };
  await provider.down();
  assert.equal((await browser().fetch(location)).status, 503);
  await provider.up();
  assert.equal((await browser().navigate(location)).status, 302);
  assert.deepEqual(codeOf(await browser().fetch(location)), 'transaction_expired', 'once it is enough');
});
