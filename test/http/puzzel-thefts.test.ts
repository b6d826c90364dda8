import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CookielessPage } from '../support/cookieless-page.ts';
import { codeOf } from '../support/problem-code.ts';
import { identityOf, inEveryFace, kari, ola } from '../support/system.ts';
import { BASE, CUSTOMER, NO_COOKIES, PAGE, PuzzelPage, SAME_SITE, startPuzzel } from './puzzel-page.ts';

inEveryFace('a login that another browser began ends before its code is looked at', async (t, face) => {
  const { url, provider, browser } = await startPuzzel(t, { face });
  for (const kind of [SAME_SITE, NO_COOKIES, { cookies: true }, { ...NO_COOKIES, site: undefined }]) {
    const attacker = browser({ 'user-agent': 'attacker' });
    const callback = await new PuzzelPage(url, attacker, kind).answered(provider.issuer);
    assert.equal(codeOf(await browser({ 'user-agent': 'victim' }).fetch(callback)), 'state_mismatch');
  }
  const page = new PuzzelPage(url, browser());
  const other = new PuzzelPage(url, browser());
  await other.state();
  const callback = await page.answered(provider.issuer);
  assert.equal(codeOf(await other.visitor.fetch(callback)), 'state_mismatch', 'a cookie of another browser');
  assert.equal(provider.calls('token'), 0);
  const landed = await page.visitor.navigate(callback);
  assert.match(landed.headers.get('location')!, /authCode=/, 'and has not used it up');
  assert.equal(codeOf(await page.visitor.fetch(callback)), 'state_mismatch', 'once');
});

inEveryFace('a stolen handle opens nothing, and stays its owner’s', async (t, face) => {
  const { url, provider, upstream, browser } = await startPuzzel(t, { face });
  const bound = new PuzzelPage(url, browser());
  const unbound = new PuzzelPage(url, browser(), NO_COOKIES);
  const handles = [await bound.login(provider.issuer), await unbound.login(provider.issuer)] as const;
  const other = new PuzzelPage(url, browser());
  await other.state();
  const thieves = [
    other,
    new PuzzelPage(url, browser(), { cookies: true }),
    new PuzzelPage(url, browser(), { ...NO_COOKIES, origin: url }),
    new PuzzelPage(url, browser(), { ...NO_COOKIES, origin: 'https://evil.example' }),
  ];
  for (const thief of thieves)
    for (const code of handles) {
      const visit = await thief.start(code);
      assert.equal(codeOf(visit), 'login_required');
      assert.match(visit.body, /"loginUrl":"http/);
    }
  assert.equal(codeOf(await new PuzzelPage(url, browser(), NO_COOKIES).start(handles[0])), 'login_required');
  for (const code of ['x', 'A'.repeat(43), handles[0].slice(1)])
    assert.equal(codeOf(await bound.start(code)), 'login_required');
  assert.equal(upstream.requests.length, 0);
  assert.equal(provider.calls('token'), 0);
  assert.equal((await bound.start(handles[0])).status, 200);
  assert.equal((await unbound.start(handles[1])).status, 200);
  assert.equal(upstream.requests.length, 2);
});

test('of many starts with one handle one gets it', async (t) => {
  const { url, provider, upstream, browser } = await startPuzzel(t);
  const page = new PuzzelPage(url, browser(), NO_COOKIES);
  const code = await page.login(provider.issuer);
  const starts = await Promise.all(Array.from({ length: 8 }, () => page.start(code)));
  assert.deepEqual(
    starts.map(({ status }) => status).sort((a, b) => a - b),
    [200, ...Array<number>(7).fill(401)],
  );
  assert.equal(upstream.requests.length, 1);
});

inEveryFace(
  'the handle of an ordinary login needs its cookie, one with a verifier is not taken',
  async (t, face) => {
    const { url, provider, upstream, browser } = await startPuzzel(t, { face });
    const visitor = browser();
    const landed = await visitor.open(`${url}/secure-chat/login?queueKey=q_bank&returnTo=/portal`);
    const code = new URL(landed.url).searchParams.get('authCode')!;
    const page = new PuzzelPage(url, visitor);
    const thief = new PuzzelPage(url, browser());
    await thief.visitor.open(`${url}/secure-chat/login?queueKey=q_bank&returnTo=/portal`);
    upstream.requests.splice(0);
    assert.equal(codeOf(await thief.start(code)), 'login_required');
    assert.equal(codeOf(await new PuzzelPage(url, browser(), NO_COOKIES).start(code)), 'login_required');
    assert.equal((await page.start(code)).status, 200);
    assert.equal(codeOf(await page.start(code)), 'login_required');
    const claimed = await new CookielessPage(url).login(browser());
    assert.equal(codeOf(await page.start(claimed.authCode)), 'login_required');
    assert.equal(upstream.requests.length, 1);
    assert.equal(provider.calls('token'), 1);
  },
);

inEveryFace('a chat is its person’s: another browser has nothing of its id', async (t, face) => {
  const { url, provider, upstream, browser } = await startPuzzel(t, { face });
  const page = new PuzzelPage(url, browser());
  const id = await page.chat(provider.issuer);
  const arrived = upstream.requests.length;
  const attempts = async (thief: PuzzelPage, expected: string) => {
    for (const visit of [
      await thief.say(id),
      await thief.ask(`/sessions/${id}/messages/0`),
      await thief.ask(`/sessions/${id}/1`, { method: 'DELETE' }),
      await thief.ask(`/sessions/${id}/email`, { json: { toEmailAddress: 'm@evil.example' } }),
      await thief.ask(`/sessions/${id}/survey`, { json: { queueKey: 'q_bank' } }),
    ])
      assert.equal(codeOf(visit), expected, visit.url);
  };
  await attempts(new PuzzelPage(url, browser()), 'login_required');
  provider.setPerson(ola);
  const thief = new PuzzelPage(url, browser());
  const own = await thief.chat(provider.issuer);
  await attempts(thief, 'queue_refused');
  const survey = (who: PuzzelPage, at: string, parentSessionId: unknown) =>
    who.ask(`/sessions/${at}/survey`, { json: { nickName: 'x', parentSessionId } });
  assert.equal(codeOf(await survey(thief, own, id)), 'queue_refused');
  assert.equal(
    codeOf(await survey(thief, own, 'chat1')),
    'queue_refused',
    'by the upstream’s part of the id',
  );
  assert.equal(
    codeOf(await survey(thief, `${CUSTOMER}-open`, 'chat1')),
    'queue_refused',
    'from an open chat',
  );
  assert.equal(codeOf(await thief.ask(`/sessions/${own}/sessions/${id}`)), 'path_ambiguous');
  assert.equal(upstream.requests.length, arrived + 1);
  assert.equal((await survey(thief, own, 'a key of the survey')).status, 200);
  assert.equal((await survey(thief, own, own)).status, 200);
  assert.equal((await page.say(id)).status, 200);
});

inEveryFace('who logs in after somebody else in one browser starts a chat of their own', async (t, face) => {
  const { url, provider, upstream, browser } = await startPuzzel(t, { face });
  const page = new PuzzelPage(url, browser());
  const first = await page.chat(provider.issuer);
  provider.setPerson(ola);
  const second = await page.chat(provider.issuer);
  assert.equal(identityOf(upstream)['x-secure-chat-id'], 'ola-sub');
  assert.equal(codeOf(await page.say(first)), 'identity_changed');
  assert.equal((await page.say(second)).status, 200);
  provider.setPerson(kari);
  const again = await page.start(await page.login(provider.issuer));
  assert.equal(again.status, 200);
  assert.equal((await page.say(first)).status, 200, 'a new login of the same person goes on');
});

test('a page that no customer has gets no state, and a login lands nowhere else', async (t) => {
  const { url, provider, browser } = await startPuzzel(t);
  const page = new PuzzelPage(url, browser());
  for (const json of [{ returnTo: 'https://evil.example/' }, { url: '//evil.example' }, { origin: 'null ' }])
    assert.equal(codeOf(await page.state(json)), 'return_to_refused', JSON.stringify(json));
  const evil = new PuzzelPage(url, browser(), {
    origin: 'https://evil.example',
    site: 'cross-site',
    cookies: true,
  });
  const refused = await evil.state();
  assert.equal(codeOf(refused), 'return_to_refused');
  assert.deepEqual(
    [refused.headers.get('set-cookie'), refused.headers.get('access-control-allow-origin')],
    [null, null],
  );
  const nameless = new PuzzelPage(url, browser(), { cookies: true });
  assert.equal(codeOf(await nameless.state({})), 'return_to_refused', 'nobody knows where to');
  assert.equal(codeOf(await page.ask('/auth/state/999', { json: {} })), 'queue_refused');
  assert.equal(codeOf(await page.ask(`/auth/state/${CUSTOMER}`)), 'method_not_allowed');
  assert.equal(codeOf(await page.ask('/auth/redirect', { method: 'POST' })), 'method_not_allowed');
  assert.equal(provider.calls('authorize'), 0);
  for (const [name, ask] of Object.entries({
    json: () => page.state({ pageUrl: `${PAGE}/deep?x=1&authCode=old` }),
    text: () =>
      page.ask(`/auth/state/${CUSTOMER}`, {
        method: 'POST',
        body: `${PAGE}/deep?x=1`,
        headers: { 'content-type': 'text/plain' },
      }),
    form: () =>
      page.ask(`/auth/state/${CUSTOMER}`, {
        method: 'POST',
        body: `url=${encodeURIComponent(`${PAGE}/deep?x=1`)}`,
      }),
    query: () =>
      page.ask(`/auth/state/${CUSTOMER}?returnUrl=${encodeURIComponent(`${PAGE}/deep?x=1`)}`, {
        method: 'POST',
      }),
    referer: () =>
      page.ask(`/auth/state/${CUSTOMER}`, {
        method: 'POST',
        headers: { referer: `${PAGE}/deep?x=1` },
      }),
  })) {
    const landed = await page.visitor.navigate(await page.answered(provider.issuer, await ask()));
    assert.match(
      landed.headers.get('location')!,
      /^https:\/\/www\.bank\.example\/deep\?x=1&authCode=[\w-]{43}$/,
      name,
    );
  }
});

test('who is nobody at the provider is back on the page, and states are bounded like logins', async (t) => {
  const { url, provider, browser } = await startPuzzel(t, { options: { loginsPerMinute: 300 } });
  provider.setPerson(undefined);
  const page = new PuzzelPage(url, browser());
  assert.equal(await page.login(provider.issuer), '?authError=login_required');
  const states = [];
  for (let i = 0; i < 30; i++)
    states.push(...(await Promise.all(Array.from({ length: 10 }, () => page.state()))));
  assert.equal(codeOf(states.at(-1)!), 'rate_limited');
  assert.equal((await page.ask(`/auth/state/${CUSTOMER}`, { method: 'POST' })).status, 429);
});

test('the login’s redirect URI is where it came in, at any base', async (t) => {
  const { url, provider, browser } = await startPuzzel(t);
  const page = new PuzzelPage(url, browser());
  const { state, location } = JSON.parse((await page.state()).body) as { state: string; location: string };
  assert.equal(new URL(location).searchParams.get('state'), state);
  const at = await page.visitor.navigate(page.authorizeUrl(provider.issuer, state, '/v1'));
  const landed = await page.visitor.navigate(at.headers.get('location')!);
  const code = new URL(landed.headers.get('location')!).searchParams.get('authCode')!;
  assert.equal((await page.start(code)).status, 200);
  const { body } = provider.requests.find(({ endpoint }) => endpoint === 'token')!;
  assert.equal(body.get('redirect_uri'), `${url}/v1/auth/redirect`);
  assert.equal(body.get('code_verifier'), null);
  const shown = await page.visitor.navigate(location);
  const again = await page.visitor.navigate(shown.headers.get('location')!);
  assert.equal(codeOf(again), '400', 'its state is used up');
  assert.ok(BASE.length > 0);
});
