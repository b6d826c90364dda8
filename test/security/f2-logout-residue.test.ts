/** Somebody logs out and something stays: after POST /logout neither record nor cookie is left, and the next person at the machine is nobody. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import type { Visit } from '../support/browser.ts';
import { chromiumMissing, startChromium } from '../support/chromium.ts';
import { PAGE } from '../support/cookieless-page.ts';
import { dropIn, standAlone } from '../support/faces.ts';
import { walkLogin } from '../support/login-walk.ts';
import { ticketAddress } from '../support/portal-logout.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { runs } from '../support/runs.ts';
import { inEveryFace, startSystem } from '../support/system.ts';
import { attributesOf, sessionCookieOf } from '../support/visitor-cookies.ts';

const redis = await startRedis();
after(() => redis?.stop());

const SECRET = 'a secret for tests that is long enough';
const HTML = { accept: 'text/html' };

for (const face of [standAlone, dropIn]) {
  for (const publicUrl of [undefined, 'https://chat.example.no']) {
    test(`the cookie is taken back with the attributes it was given with (${face.name}, ${publicUrl ?? 'loopback'})`, async (t) => {
      const { url, browser } = await startSystem(t, { face, ...(publicUrl && { options: { publicUrl } }) });
      const visitor = browser();
      const { landed } = await walkLogin(visitor, url, '/secure-chat/login?queueKey=q_bank', publicUrl);
      const name = sessionCookieOf(visitor)![0];
      const ours = (lines: readonly string[]) => lines.filter((line) => line.startsWith(`${name}=`));
      const [given, ...more] = ours(landed.headers.getSetCookie());
      const answer = await visitor.fetch(`${url}/secure-chat/logout`, { method: 'POST' });
      const [taken, ...others] = ours(answer.headers.getSetCookie());
      assert.deepEqual([more, others], [[], []], 'one line each');
      assert.deepEqual(attributesOf(taken!), attributesOf(given!));
      assert.match(taken!, new RegExp(`^${name}=; .*Expires=Thu, 01 Jan 1970 00:00:00 GMT`));
      const secure = ['httponly', 'path=/', 'samesite=lax', ...(publicUrl ? ['secure'] : [])];
      assert.deepEqual(attributesOf(given!), secure);
      assert.equal(name.startsWith('__Host-'), publicUrl !== undefined);
      assert.equal(visitor.cookies('127.0.0.1'), '');
    });
  }
}

inEveryFace(
  'after the log-out the next person at the machine is nobody, also by way of old cookies and old pages',
  async (t, face) => {
    const { url, browser, provider, upstream } = await startSystem(t, { face });
    for (const entered of [true, false]) {
      const visitor = browser();
      const { landed } = await walkLogin(
        visitor,
        url,
        '/secure-chat/login?queueKey=q_bank&returnTo=/queues/q_bank',
      );
      const page = landed.headers.get('location')!;
      if (entered) assert.equal((await visitor.navigate(page)).status, 200);
      const before = new Map(visitor.jar.get('127.0.0.1'));
      const tokens = provider.calls('token');
      assert.equal((await visitor.fetch(`${url}/secure-chat/logout`, { method: 'POST' })).status, 204);
      provider.setPerson(undefined);
      const arrived = upstream.requests.length;
      const thief = browser();
      thief.jar.set('127.0.0.1', before);
      for (const next of [visitor, thief]) {
        assert.equal((await next.fetch(`${url}/queues/q_bank`)).status, 401);
        assert.equal((await next.fetch(`${url}/queues/q_bank`, { method: 'POST', body: 'hei' })).status, 401);
        assert.equal((await next.fetch(`${url}/secure-chat/session`)).body, '{"authenticated":false}');
        assert.notEqual((await next.open(page)).status, 200, 'the browser goes back');
      }
      assert.equal(upstream.requests.length, arrived);
      assert.equal(provider.calls('token'), tokens, 'a code that waited is gone too');
      provider.setPerson({ sub: 'kari-sub', given_name: 'Kari' });
    }
  },
);

for (const face of [standAlone, dropIn]) {
  test(
    `after the log-out Redis holds nothing of the visitor (${face.name})`,
    { skip: redisMissing },
    async (t) => {
      const { url, browser } = await startSystem(t, {
        face,
        options: { sessionSecret: SECRET, redisUrl: redis!.url },
      });
      const client = new Redis(redis!.url);
      t.after(() => client.quit());
      await client.flushall();
      const visitor = browser();
      await visitor.open(`${url}/queues/q_bank`);
      await walkLogin(visitor, url, '/secure-chat/login?queueKey=q_loan&returnTo=/queues/q_loan');
      const kinds = async () => new Set((await client.keys('*')).map((key) => key.split(':')[1]));
      assert.ok((await kinds()).has('session'));
      await visitor.fetch(`${url}/secure-chat/logout`, { method: 'POST' });
      // nobody's, sealed and pseudonymous, or worth nothing and gone in seconds: that a login came back, and that it replaced a session
      const left = [...(await kinds())].filter(
        (kind) => !['assertion-keys', 'audit', 'audit-head', 'handle', 'superseded'].includes(kind!),
      );
      assert.deepEqual(left, []);
    },
  );
}

inEveryFace('another site logs nobody out: it ends no session and takes no cookie away', async (t, face) => {
  const { url, browser } = await startSystem(t, { face });
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  // a browser sends a Lax cookie along with no POST of another site, but would take the deletion from its answer
  for (const origin of ['https://evil.example', 'null', `${url}.evil.example`]) {
    const answer = await browser().fetch(`${url}/secure-chat/logout`, {
      method: 'POST',
      headers: { ...HTML, origin },
    });
    assert.deepEqual(answer.headers.getSetCookie(), [], origin);
  }
  assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, 200);
  for (const origin of [url, 'https://www.bank.example']) {
    const one = browser();
    await one.open(`${url}/queues/q_bank`);
    assert.equal(
      (await one.fetch(`${url}/secure-chat/logout`, { method: 'POST', headers: { origin } })).status,
      204,
    );
    assert.equal((await one.fetch(`${url}/queues/q_bank`)).status, 401, origin);
  }
});

test(
  'a real browser stays logged in when another site posts the log-out, and forgets when its own page does',
  { skip: chromiumMissing },
  async (t) => {
    const { url } = await startSystem(t, {
      upstream: (_req, res) =>
        void res
          .writeHead(200, { 'content-type': 'text/html' })
          .end('<form method=post action=/secure-chat/logout></form>'),
    });
    const site = createServer((_req, res) => {
      res.writeHead(200, { 'content-type': 'text/html' });
      res.end(`<!doctype html><form method=post action="${url}/secure-chat/logout"></form>`);
    });
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      site.closeAllConnections();
      site.close();
    });
    const chromium = await startChromium();
    t.after(() => chromium.close());
    const context = await chromium.newContext();
    const tab = await context.newPage();
    const ours = async () => (await context.cookies()).filter(({ name }) => name === 'secure-chat').length;
    const post = () =>
      Promise.all([tab.waitForEvent('framenavigated'), tab.evaluate('document.forms[0].submit()')]);
    await tab.goto(`${url}/queues/q_bank`);
    assert.equal(await ours(), 1);
    // localhost and 127.0.0.1 are different sites
    await tab.goto(`http://localhost:${(site.address() as AddressInfo).port}/`);
    await post();
    assert.equal(await ours(), 1);
    await tab.goto(`${url}/queues/q_bank`);
    await post();
    assert.equal(await ours(), 0);
  },
);

inEveryFace(
  'pages of other origins end nothing, not even with the visitor’s cookie, and get no ticket',
  async (t, face) => {
    const { url, browser } = await startSystem(t, { face });
    const visitor = browser();
    await visitor.open(`${url}/queues/q_bank`);
    const origin = fc.oneof(
      fc.constantFrom(`${PAGE}/`, `${PAGE}:443`, `${PAGE}.`, PAGE.toUpperCase(), `${PAGE}.evil.example`, ''),
      fc.constantFrom(`${url}/`, url.replace('http:', 'https:'), `${PAGE}, ${PAGE}`, `null, ${url}`),
      fc.domain().map((name) => `https://${name}`),
    );
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    await fc.assert(
      fc.asyncProperty(origin, fc.boolean(), fc.boolean(), async (named, withCookie, navigates) => {
        const sender = withCookie ? visitor : browser();
        const answer = await sender[navigates ? 'navigate' : 'fetch'](`${url}/secure-chat/logout`, {
          method: 'POST',
          headers: { ...form, origin: named },
          body: 'provider=0',
        });
        assert.deepEqual(answer.headers.getSetCookie(), [], named);
        assert.doesNotMatch(answer.headers.get('location') ?? '', /ticket/);
        const info = await visitor.fetch(`${url}/secure-chat/session`);
        assert.match(info.body, /"authenticated":true/, named);
      }),
      { numRuns: runs(25) },
    );
    assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, 200);
  },
);

inEveryFace(
  'a log-out ticket is worth nothing in another browser, altered, or a second time',
  async (t, face) => {
    const { url, browser } = await startSystem(t, { face });
    const victim = browser();
    await victim.open(`${url}/queues/q_bank`);
    const attacker = browser();
    // whoever is no browser can write the portal's origin, and so has a ticket and its cookie
    const address = await ticketAddress(attacker, url);
    const own = await ticketAddress(victim, url);
    const [ticket, mine] = [address, own].map((text) => text.split('ticket=')[1]!) as [string, string];
    const cookies = victim.cookies('127.0.0.1');
    const path = `${url}/secure-chat/logout`;
    const theft = fc.constantFrom<() => Promise<Visit>>(
      () => victim.navigate(address),
      () => victim.fetch(address),
      () => victim.fetch(address, { method: 'HEAD' }),
      () => victim.navigate(`${path}?ticket=${mine.slice(0, -1)}`),
      () => victim.navigate(`${path}?ticket=${mine.toLowerCase()}`),
      () => victim.navigate(`${path}?ticket=${mine}x`),
      () => victim.navigate(`${path}?ticket=`),
      () => victim.navigate(`${path}?ticket=${ticket}&ticket=${mine}`),
      () => victim.navigate(`${url}/secure-chat/login?ticket=${mine}`),
      () => victim.navigate(`${path}?authCode=${mine}`),
      () => browser().navigate(own),
      () => attacker.navigate(own),
      () => browser({ cookie: cookies.replaceAll(/(-tx-[\w-]+=)[^;]*/g, '$1x.y') }).navigate(own),
    );
    await fc.assert(
      fc.asyncProperty(theft, async (steal) => {
        const { status } = await steal();
        assert.ok([400, 405].includes(status), String(status));
        assert.equal((await victim.fetch(`${url}/queues/q_bank`)).status, 200);
      }),
      { numRuns: runs(25) },
    );
    assert.equal((await victim.navigate(own)).status, 200, 'and none of them has used it up');
    assert.equal((await victim.fetch(`${url}/queues/q_bank`)).status, 401);
    await victim.open(`${url}/queues/q_bank`);
    assert.equal((await browser({ cookie: cookies }).navigate(own)).status, 400, 'a second time');
    assert.equal((await victim.fetch(`${url}/queues/q_bank`)).status, 200);
  },
);
