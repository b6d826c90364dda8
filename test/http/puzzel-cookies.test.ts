import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Browser } from '../support/browser.ts';
import { codeOf } from '../support/problem-code.ts';
import { faces } from '../support/faces.ts';
import { identityOf, inEveryFace, kari, ola } from '../support/system.ts';
import { startProvider } from '../support/provider.ts';
import { BASE, idOf, NO_COOKIES, PAGE, PuzzelPage, startPuzzel } from './puzzel-page.ts';

const PUBLIC = 'https://chat.vendor.example';
/** A page of another site in a browser whose cookies live in a jar of that site's own. */
const PARTITIONED = { ...NO_COOKIES, cookies: true };

test('where a page of another site may keep cookies, its chat hangs on them and on no secret', async (t) => {
  for (const face of faces.slice(0, 2)) {
    const { url, upstream, browser } = await startPuzzel(t, {
      face,
      options: { publicUrl: PUBLIC },
    });
    const script = browser();
    const page = new PuzzelPage(url, script, PARTITIONED);
    const begun = await page.state();
    const attributes =
      /^__Host-secure-chat-page-x=[\w-]{43}; Path=\/; Max-Age=3600; HttpOnly; SameSite=None; Secure; Partitioned$/;
    assert.match(begun.headers.get('set-cookie')!, attributes);
    const { location } = JSON.parse(begun.body) as { location: string };
    const top = browser();
    const answered = await top.navigate(location);
    const landed = await top.navigate(answered.headers.get('location')!.replace(PUBLIC, url));
    const code = new URL(landed.headers.get('location')!).searchParams.get('authCode')!;
    const thief = new PuzzelPage(url, browser(), PARTITIONED);
    await thief.state();
    assert.equal(
      codeOf(await thief.start(code)),
      'login_required',
      'a page in another browser has another cookie',
    );
    const started = await page.start(code);
    assert.equal(started.status, 200, started.body);
    assert.equal(idOf(started), '12345-chat1');
    const cookie = started.headers.getSetCookie().find((line) => line.startsWith('__Host-secure-chat='))!;
    for (const attribute of ['SameSite=None', 'Secure', 'Partitioned', 'HttpOnly', 'Path=/'])
      assert.ok(cookie.split('; ').includes(attribute), `${attribute}: ${cookie}`);
    assert.equal((await page.say('12345-chat1')).status, 200);
    assert.equal(identityOf(upstream)['x-secure-chat-id'], 'kari-sub');
    const out = await script.fetch(`${url}/secure-chat/logout`, {
      method: 'POST',
      headers: { origin: PAGE, 'sec-fetch-site': 'cross-site' },
    });
    assert.match(out.headers.get('set-cookie')!, /1970.*SameSite=None; Secure; Partitioned/);
    assert.equal(codeOf(await page.say('12345-chat1')), 'login_required');
  }
});

inEveryFace('the session gets a new id, and what another connection knew stays', async (t, face) => {
  const { url, provider, browser } = await startPuzzel(t, { face });
  const page = new PuzzelPage(url, browser());
  const sessionOf = () =>
    [...page.visitor.jar.get('127.0.0.1')!].find(([name]) => /^(?:secure-chat|host\.sid)$/.test(name))?.[1];
  await page.chat(provider.issuer);
  const first = sessionOf();
  const planted = new Browser();
  planted.jar.set('127.0.0.1', new Map(page.visitor.jar.get('127.0.0.1')));
  await page.chat(provider.issuer);
  assert.notEqual(sessionOf(), first);
  assert.ok(first !== undefined);
  assert.equal(
    codeOf(await new PuzzelPage(url, planted).start(undefined)),
    'login_required',
    'the old id opens nothing',
  );
});

inEveryFace(
  'codes that expire are repeated once where they are redeemed at once, and say so else',
  async (t, face) => {
    const { url, provider, browser } = await startPuzzel(t, {
      face,
      connection: { codeRedemption: 'callback' },
    });
    const page = new PuzzelPage(url, browser());
    const id = await page.chat(provider.issuer);
    assert.equal((await page.say(id)).status, 200);
    provider.behave({ token: { error: 'invalid_grant' } });
    const again = await page.visitor.navigate(await page.answered(provider.issuer));
    const second = new URL(again.headers.get('location')!);
    assert.equal(second.origin, provider.issuer);
    assert.equal(second.searchParams.get('redirect_uri'), `${url}${BASE}/auth/redirect`);
    const back = await page.visitor.navigate(second.href);
    const landed = await page.visitor.navigate(back.headers.get('location')!);
    assert.match(landed.headers.get('location')!, /\?authError=code_expired$/);
  },
);

inEveryFace(
  'a code that waits and expires leads to one more login, then to code_expired',
  async (t, face) => {
    const { url, provider, upstream, browser } = await startPuzzel(t, { face });
    const page = new PuzzelPage(url, browser());
    provider.behave({ token: { error: 'invalid_grant' } });
    assert.equal(codeOf(await page.start(await page.login(provider.issuer))), 'login_required');
    assert.equal(codeOf(await page.start(await page.login(provider.issuer))), 'code_expired');
    provider.behave({});
    assert.equal((await page.start(await page.login(provider.issuer))).status, 200);
    assert.equal(upstream.requests.length, 1);
  },
);

test('a chat by its secret ends with the identity, and with nothing of another', async (t) => {
  const provider = await startProvider({ person: kari });
  t.after(() => provider.stop());
  const { url, browser } = await startPuzzel(t, {
    provider,
    options: { session: { idleSeconds: 600, absoluteSeconds: 1200 } },
  });
  const page = new PuzzelPage(url, browser(), NO_COOKIES);
  const first = await page.chat(provider.issuer);
  provider.setPerson(ola);
  const second = await new PuzzelPage(url, browser(), NO_COOKIES).chat(provider.issuer);
  const [, tail = ''] = first.split('.');
  assert.equal(
    codeOf(await page.say(`${second.split('.')[0]!}.${tail}`)),
    'queue_refused',
    'a secret is of one chat',
  );
  assert.equal((await page.say(second)).status, 200);
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 1_300_000 });
  assert.equal(codeOf(await page.say(first)), 'login_required');
});
