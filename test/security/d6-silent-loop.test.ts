/**
 * Threat: a browser that forgets (cookies off, ITP, a frame) is sent to the provider for ever. Whatever it forgets and
 * whenever: one silent redirect for each attempt, then a page with a way to log in.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Browser, Visit } from '../support/browser.ts';
import { runs } from '../support/runs.ts';
import { inEveryFace, startSystem } from '../support/system.ts';
import { codeOf } from '../support/problem-code.ts';

/** What the browser forgets before a step: nothing, everything, its login transactions, its session. */
type Forgets = 'nothing' | 'everything' | 'transactions' | 'session';
const FORGETS = ['nothing', 'everything', 'transactions', 'session'] as const;

function forget(visitor: Browser, what: Forgets): void {
  for (const jar of visitor.jar.values())
    for (const name of [...jar.keys()]) {
      const ofLogin = name.includes('-tx-');
      if (what === 'everything' || (what === 'transactions' && ofLogin) || (what === 'session' && !ofLogin))
        jar.delete(name);
    }
}

async function follow(visitor: Browser, address: string, forgets: readonly Forgets[]): Promise<Visit> {
  let visit = await visitor.navigate(address);
  for (let step = 0; visit.status === 302; step++) {
    assert.ok(step < 20, 'a loop');
    forget(visitor, forgets[step % forgets.length] ?? 'nothing');
    visit = await visitor.navigate(new URL(visit.headers.get('location')!, visit.url).href);
  }
  return visit;
}

inEveryFace('whatever is forgotten, and whenever: one authorization request, one end', async (t, face) => {
  const { url, provider, upstream, browser } = await startSystem(t, {
    face,
    options: { loginsPerMinute: 1_000_000 },
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...FORGETS), { minLength: 1, maxLength: 4 }),
      async (forgets) => {
        const before = [provider.calls('authorize'), upstream.requests.length] as const;
        const visit = await follow(browser(), `${url}/queues/q_bank?x=1`, forgets);
        assert.equal(provider.calls('authorize') - before[0], 1);
        assert.ok([200, 400, 401].includes(visit.status), `${visit.status}`);
        assert.match(visit.headers.get('content-type') ?? '', visit.status === 200 ? /json/ : /text\/html/);
        assert.equal(upstream.requests.length - before[1], visit.status === 200 ? 1 : 0);
        if (visit.status === 401) assert.match(visit.body, /interactive=1/);
      },
    ),
    { numRuns: runs(10), examples: [[['everything']], [['transactions']], [['session']], [['nothing']]] },
  );
});

inEveryFace('a reload of the end does not begin again, a new visit does', async (t, face) => {
  const { url, provider, browser } = await startSystem(t, { face });
  const visitor = browser();
  const end = await follow(visitor, `${url}/queues/q_bank`, ['nothing', 'nothing', 'session']);
  assert.equal(end.status, 401);
  for (let i = 0; i < 3; i++) {
    forget(visitor, 'everything');
    assert.equal((await visitor.navigate(end.url)).status, 401);
  }
  assert.equal(provider.calls('authorize'), 1);
  assert.equal((await visitor.open(`${url}/queues/q_bank`)).status, 200);
});

inEveryFace(
  'frames, prefetches, scripts and other methods are never sent to the provider',
  async (t, face) => {
    const { url, provider, upstream, browser } = await startSystem(t, { face });
    const visitor = browser();
    const headers: Record<string, string>[] = [
      { 'sec-fetch-dest': 'iframe' },
      { 'sec-fetch-dest': 'frame' },
      { 'sec-fetch-dest': 'embed' },
      { 'sec-fetch-dest': 'image', 'sec-fetch-mode': 'no-cors' },
      { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
      { 'sec-purpose': 'prefetch;prerender' },
      { purpose: 'prefetch' },
      { 'x-requested-with': 'XMLHttpRequest' },
    ];
    for (const sent of headers) {
      const visit = await visitor.navigate(`${url}/queues/q_bank`, { headers: sent });
      assert.deepEqual([visit.status, codeOf(visit)], [401, 'login_required'], JSON.stringify(sent));
    }
    for (const method of ['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH'])
      assert.equal((await visitor.navigate(`${url}/queues/q_bank`, { method })).status, 401, method);
    assert.equal(provider.calls('authorize') + upstream.requests.length, 0);
    assert.equal((await visitor.open(`${url}/queues/q_bank`)).status, 200, 'a person who opens the page is');
  },
);

test('an expired code in a browser that forgets: two requests at the most', async (t) => {
  const { url, provider, browser } = await startSystem(t, { options: { loginsPerMinute: 1_000_000 } });
  provider.behave({ token: { error: 'invalid_grant' } });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...FORGETS), { minLength: 1, maxLength: 6 }),
      async (forgets) => {
        const before = provider.calls('authorize');
        const visit = await follow(browser(), `${url}/queues/q_bank`, forgets);
        assert.ok([400, 401].includes(visit.status));
        assert.ok(provider.calls('authorize') - before <= 2);
      },
    ),
    { numRuns: runs(20) },
  );
});
