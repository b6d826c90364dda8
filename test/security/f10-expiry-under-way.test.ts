/** A session ends between the page and its POST: the page hears 401 and where to log in, nothing of the body is forwarded, and the same POST passes after the login. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Browser } from '../support/browser.ts';
import { CookielessPage } from '../support/cookieless-page.ts';
import { walkLogin } from '../support/login-walk.ts';
import { openRaw } from '../support/raw-client.ts';
import { connection, inEveryFace, kari, ola, startSystem, type System } from '../support/system.ts';
import { startProvider } from '../support/provider.ts';
import { runs } from '../support/runs.ts';
import { until } from '../support/until.ts';
import { standAlone, type Face } from '../support/faces.ts';
import type { TestContext } from 'node:test';

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly loginUrl: string;
}

/** What ends the identity that a page was loaded with, and what its next request hears. */
const ENDS: Record<
  string,
  { end: (system: System, visitor: Browser) => Promise<unknown>; heard: [number, string] }
> = {
  'a log-out in another tab': {
    end: ({ url }, visitor) => visitor.fetch(`${url}/secure-chat/logout`, { method: 'POST' }),
    heard: [401, 'login_required'],
  },
  'cookies that were cleared': {
    end: (_system, visitor) => {
      visitor.jar.clear();
      return Promise.resolve();
    },
    heard: [401, 'login_required'],
  },
  'somebody else in another tab': {
    end: async ({ url, provider }, visitor) => {
      provider.setPerson(ola);
      await walkLogin(visitor, url, '/secure-chat/login?queueKey=q_bank&returnTo=/portal');
      await visitor.navigate(`${url}/queues/q_loan`);
    },
    heard: [409, 'identity_changed'],
  },
};

const BODIES: readonly (readonly [type: string, body: string])[] = [
  ['application/json', '{"message":"hei","queueKey":"q_bank"}'],
  ['application/x-www-form-urlencoded', 'message=hei+p%C3%A5+deg'],
  [
    'multipart/form-data; boundary=b',
    '--b\r\nContent-Disposition: form-data; name="f"\r\n\r\nhei\r\n--b--\r\n',
  ],
  ['text/plain', 'x'.repeat(300_000)],
  ['application/octet-stream', ''],
];

inEveryFace(
  'a POST after the end hears why and where to log in; nothing of it arrives, and after the login all of it does',
  async (t, face) => {
    const system = await startSystem(t, { face });
    const { url, provider, upstream, browser } = system;
    for (const [name, { end, heard }] of Object.entries(ENDS)) {
      provider.setPerson(kari);
      const visitor = browser();
      await visitor.open(`${url}/queues/q_bank`);
      await end(system, visitor);
      for (const [type, body] of BODIES) {
        const before = upstream.requests.length;
        const post = (accept: string) =>
          visitor.fetch(`${url}/queues/q_bank/messages?n=1`, {
            method: 'POST',
            headers: { 'content-type': type, accept },
            body,
          });
        for (const accept of ['application/json', 'text/html,*/*;q=0.8']) {
          const answer = await post(accept);
          const problem = JSON.parse(answer.body) as Refusal;
          assert.deepEqual([answer.status, problem.code], heard, `${name} ${type}`);
          assert.equal(answer.headers.get('location'), null, 'a redirect would make a GET of it');
          assert.ok(problem.loginUrl.startsWith(`${url}/secure-chat/login?queueKey=q_bank`));
        }
        assert.equal(upstream.requests.length, before, `${name} ${type}`);
      }
      const refusal = JSON.parse(
        (await visitor.fetch(`${url}/queues/q_bank`, { method: 'POST', body: 'hei' })).body,
      ) as Refusal;
      const path = `${refusal.loginUrl.slice(url.length)}&returnTo=/queues/q_bank`;
      const { landed } = await walkLogin(visitor, url, path);
      assert.equal((await visitor.navigate(landed.headers.get('location')!)).status, 200);
      for (const [type, body] of BODIES) {
        const again = await visitor.fetch(`${url}/queues/q_bank/messages?n=1`, {
          method: 'POST',
          headers: { 'content-type': type },
          body,
        });
        assert.equal(again.status, 200, `${name} ${type}`);
        assert.equal(upstream.requests.at(-1)!.body.toString(), body);
      }
    }
  },
);

inEveryFace(
  'a body that is only half there when the answer is known is neither waited for nor asked for nor forwarded',
  async (t, face) => {
    const { url, upstream } = await startSystem(t, { face });
    const port = Number(new URL(url).port);
    const heads = [
      'Content-Length: 100000\r\n\r\nhalf of it',
      'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
      'Content-Length: 100000\r\nExpect: 100-continue\r\n\r\n',
    ];
    for (const head of heads) {
      const client = await openRaw(port);
      client.write(`POST /queues/q_bank HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n${head}`);
      const text = await client.until('"loginUrl"');
      assert.match(text, /^HTTP\/1\.1 401 /, 'the first and only answer');
      client.destroy();
    }
    assert.equal(upstream.requests.length, 0);
  },
);

inEveryFace(
  'an identity that ends while a body is on its way breaks both sides off: no whole request arrives, no success is told',
  async (t, face) => {
    const { url, browser, upstream } = await startSystem(t, { face });
    const visitor = browser();
    await visitor.open(`${url}/queues/q_bank`);
    await upstream.next();
    const client = await openRaw(Number(new URL(url).port));
    client.write(
      `POST /queues/q_bank/messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 100000\r\nCookie: ${visitor.cookies('127.0.0.1')}\r\n\r\n${'x'.repeat(50_000)}`,
    );
    const arrived = await upstream.next();
    await visitor.fetch(`${url}/secure-chat/logout`, { method: 'POST' });
    const { text } = await client.closed;
    assert.equal(text, '', 'broken off at once, not answered when some time limit is over');
    assert.equal(await arrived.closed, true);
    assert.equal(arrived.ended, false);
  },
);

test('an identity that is over by the clock is over for the next POST', async (t) => {
  const system = await withShortLife(t, standAlone);
  const { url, browser, upstream } = system;
  const visitor = browser();
  // the request that redeems the code is admitted by what it has just been given, however short that lives
  assert.equal((await visitor.open(`${url}/queues/q_bank`)).status, 200);
  const post = () => visitor.fetch(`${url}/queues/q_bank`, { method: 'POST', body: 'hei' });
  await until('the end of the identity', async () => (await post()).status !== 200);
  const posts = upstream.requests.length;
  const answer = await post();
  assert.deepEqual([answer.status, (JSON.parse(answer.body) as Refusal).code], [401, 'login_required']);
  assert.equal(upstream.requests.length, posts);
});

async function withShortLife(t: TestContext, face: Face): Promise<System> {
  const provider = await startProvider({ person: kari });
  t.after(() => provider.stop());
  return startSystem(t, {
    face,
    provider,
    options: {
      session: { idleSeconds: 1, absoluteSeconds: 1 },
      customers: [
        {
          customerKey: '1',
          connections: [connection(provider)],
          queues: [{ queueKey: 'q_bank', authConnectionName: 'Signicat' }],
        },
      ],
    },
  });
}

inEveryFace(
  'a token that is renewed while its page logs out opens nothing afterwards, nor does a code redeemed meanwhile',
  async (t, face) => {
    const { url, browser } = await startSystem(t, { face });
    const page = new CookielessPage(url);
    const renew = (token: string) => page.ask('/secure-chat/token', { method: 'POST', token });
    const leave = (token: string) => page.ask('/secure-chat/logout', { method: 'POST', token });
    const enter = (token: string) => page.ask('/queues/q_bank', { token });
    const act = fc.constantFrom(renew, leave, enter);
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 4 }), fc.boolean(), fc.nat(4), async (acts, used, at) => {
        const token = await page.token(browser());
        if (used) assert.equal((await enter(token)).status, 200);
        const all = acts.toSpliced(at, 0, leave);
        // an answer that is under way breaks off with its session
        const visits = await Promise.all(all.map((one) => one(token).catch(() => undefined)));
        const renewed = visits.flatMap((visit) => /scg_[\w-]{43}/.exec(visit?.body ?? '') ?? []);
        for (const old of [token, ...renewed]) {
          assert.equal((await enter(old)).status, 401);
          assert.equal((await renew(old)).status, 401);
          const info = await page.ask('/secure-chat/session', { token: old });
          assert.equal(info.body, '{"authenticated":false}');
        }
      }),
      { numRuns: runs(8) },
    );
    const staying = await page.token(browser());
    const { token } = JSON.parse((await renew(staying)).body) as { token: string };
    for (const honest of [staying, token]) assert.equal((await enter(honest)).status, 200, 'who stays');
  },
);
