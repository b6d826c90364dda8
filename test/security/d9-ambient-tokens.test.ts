/**
 * Threat: something that a client sends is believed beside the session: a bearer token, an assertion, another product's
 * header, a cookie made by hand. Identity comes from the gateway's own session and from nothing else.
 */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import type { TokenShape } from '../support/provider-tokens.ts';
import { runs } from '../support/runs.ts';
import { identityOf, inEveryFace, startSystem } from '../support/system.ts';
import { LOGIN } from '../support/login-walk.ts';
import { codeOf } from '../support/problem-code.ts';

const SECRET = 'a secret for tests that is long enough';

inEveryFace('valid tokens of the provider, sent by the client anywhere, are nobody', async (t, face) => {
  const { url, provider, upstream, browser } = await startSystem(t, { face });
  let idToken = '';
  const take: TokenShape['rewrite'] = (token) => (idToken = token);
  provider.behave({ idToken: { rewrite: take } });
  const verified = browser();
  await verified.open(`${url}/queues/q_bank`);
  const bearer = provider.requests.find(({ endpoint }) => endpoint === 'userinfo')!.headers.authorization!;
  const accessToken = bearer.slice(7);
  const arrived = upstream.requests.length;
  const handle = new URL((await browser().open(url + LOGIN)).url).searchParams.get('authCode')!;
  for (const token of [idToken, accessToken, handle]) {
    const places: Record<string, string>[] = [
      { authorization: `Bearer ${token}` },
      { authorization: `bearer ${token}` },
      { authorization: `Basic ${Buffer.from(`kari-sub:${token}`).toString('base64')}` },
      { 'proxy-authorization': `Bearer ${token}` },
      { 'x-secure-chat-assertion': token },
      { 'x-forwarded-access-token': token, 'x-forwarded-user': 'kari-sub' },
      { 'x-auth-request-user': 'kari-sub', 'x-auth-request-access-token': token },
      { 'x-amzn-oidc-data': token, 'x-amzn-oidc-identity': 'kari-sub' },
      { 'x-id-token': token, 'x-userinfo': Buffer.from('{"sub":"kari-sub"}').toString('base64') },
      { 'remote-user': 'kari-sub', 'ssl-client-verify': 'SUCCESS' },
      { cookie: `access_token=${token}; id_token=${token}; secure-chat=${token}; host.sid=${token}` },
    ];
    for (const headers of places) {
      const visit = await browser().fetch(`${url}/queues/q_bank`, { headers });
      assert.deepEqual([visit.status, codeOf(visit)], [401, 'login_required'], Object.keys(headers).join());
    }
    for (const query of [
      `authCode=${token}`,
      `access_token=${token}`,
      `id_token=${token}`,
      `code=${token}`,
    ]) {
      const visit = await browser().fetch(`${url}/queues/q_bank?${query}`);
      assert.equal(visit.status, 401, query.split('=')[0]);
    }
  }
  assert.equal(upstream.requests.length, arrived + 1, 'but the page that the login landed on');
  const honest = await verified.fetch(`${url}/queues/q_bank`, {
    headers: { authorization: 'Bearer own-of-app' },
  });
  assert.equal(honest.status, 200, "a token of the application's own does no harm");
  assert.equal(identityOf(upstream)['x-secure-chat-id'], 'kari-sub');
  assert.equal(upstream.requests.at(-1)!.headers.authorization, 'Bearer own-of-app');
});

test('a cookie that anybody could have put together opens nothing', async (t) => {
  const { url, upstream, browser } = await startSystem(t);
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  const jar = visitor.jar.get('127.0.0.1')!;
  const [name, value] = [...jar].find(([cookie]) => !cookie.includes('-tx-'))!;
  const plain = decodeURIComponent(value);
  const [id = '', signature = ''] = plain.slice(2).split('.');
  const mac = (text: string, key: string) =>
    createHmac('sha256', key).update(text).digest('base64').replace(/=+$/, '');
  const arrived = upstream.requests.length;
  const refused = async (cookie: string, why: string) => {
    const visit = await browser().fetch(`${url}/queues/q_bank`, { headers: { cookie: `${name}=${cookie}` } });
    assert.deepEqual([visit.status, codeOf(visit)], [401, 'login_required'], why);
  };
  const made: Record<string, string> = {
    'no signature': `s:${id}`,
    'an empty signature': `s:${id}.`,
    'no marker': `${id}.${signature}`,
    'a JSON cookie': `j:{"id":"${id}"}`,
    'an own key': `s:${id}.${mac(id, 'key of the attacker')}`,
    'another split': `s:${id.slice(0, -1)}.${id.slice(-1)}${signature}`,
    'the dot moved': `s:${id}${signature.slice(0, 1)}.${signature.slice(1)}`,
    'two signatures': `s:${id}.${signature}.${signature}`,
    'another session, well signed': `s:${'A'.repeat(id.length)}.${mac('A'.repeat(id.length), SECRET)}`,
  };
  for (const [why, cookie] of Object.entries(made)) await refused(encodeURIComponent(cookie), why);
  const change = fc.tuple(
    fc.nat(plain.length - 1),
    fc.constantFrom('a', 'Z', '0', '9', '-', '_', '.', '+', '/', ':'),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
      const letters = Array.from(plain);
      for (const [at, letter] of changes) letters[at] = letter;
      // the last letter of a base64 text of 32 bytes has two bits to spare
      fc.pre(Buffer.from(letters.join(''), 'base64').compare(Buffer.from(plain, 'base64')) !== 0);
      fc.pre(letters.join('').slice(0, -1) !== plain.slice(0, -1));
      await refused(encodeURIComponent(letters.join('')), 'a letter changed');
    }),
    { numRuns: runs(60) },
  );
  assert.equal(upstream.requests.length, arrived);
  const honest = await browser().fetch(`${url}/queues/q_bank`, {
    headers: { cookie: `a=b; ${name}=${value}` },
  });
  assert.equal(honest.status, 200);
});

test('the cookie of a gateway with other secrets opens nothing here', async (t) => {
  const one = await startSystem(t);
  const other = await startSystem(t, {
    provider: one.provider,
    options: { sessionSecret: 'another secret for tests that is long enough' },
  });
  const visitor = other.browser();
  await visitor.open(`${other.url}/queues/q_bank`);
  assert.equal((await visitor.fetch(`${other.url}/queues/q_bank`)).status, 200);
  assert.equal((await visitor.fetch(`${one.url}/queues/q_bank`)).status, 401);
});
