import assert from 'node:assert/strict';
import { inEveryFace, startSystem } from '../support/system.ts';

inEveryFace(
  'nobody is logged in: one silent attempt, then a 401 page with a way to log in',
  async (t, face) => {
    const { url, upstream, provider, browser, log } = await startSystem(t, { face });
    provider.setPerson(undefined);
    const visitor = browser();
    const visit = await visitor.open(`${url}/queues/q_bank`);
    assert.equal(visit.status, 401);
    assert.equal(new URL(visit.url).searchParams.get('authError'), 'login_required');
    assert.match(visit.headers.get('content-type') ?? '', /text\/html/);
    assert.match(visit.body, /\/secure-chat\/login\?queueKey=q_bank[^"]*interactive=1/);
    assert.equal(provider.calls('authorize'), 1);
    assert.equal(upstream.requests.length, 0);
    assert.equal(log.filter(({ message }) => message === 'silent login failed').length, 1);

    const again = await visitor.open(visit.url);
    assert.equal(again.status, 401, 'a reload of that page does not try again');
    assert.equal(provider.calls('authorize'), 1);
  },
);

inEveryFace(
  'who logs in at the portal after a failed attempt and opens the chat again is verified',
  async (t, face) => {
    const { url, provider, browser } = await startSystem(t, { face });
    provider.setPerson(undefined);
    const visitor = browser();
    assert.equal((await visitor.open(`${url}/queues/q_bank`)).status, 401);
    provider.setPerson({ sub: 'late', given_name: 'Late' });
    assert.equal((await visitor.open(`${url}/queues/q_bank`)).status, 200);
  },
);

inEveryFace('a script without identity gets 401 and where to log in, never a redirect', async (t, face) => {
  const { url, upstream, provider, browser } = await startSystem(t, { face });
  const visitor = browser();
  const refusal = await visitor.fetch(`${url}/queues/q_bank/messages`, { method: 'POST', body: 'x' });
  assert.equal(refusal.status, 401);
  assert.equal(refusal.headers.get('content-type'), 'application/problem+json');
  const problem = JSON.parse(refusal.body) as Record<string, unknown>;
  assert.equal(problem['code'], 'login_required');
  assert.equal(problem['status'], 401);
  assert.ok(
    typeof problem['requestId'] === 'string' &&
      typeof problem['title'] === 'string' &&
      typeof problem['detail'] === 'string',
  );
  assert.equal(problem['loginUrl'], `${url}/secure-chat/login?queueKey=q_bank`);
  assert.equal(upstream.requests.length + provider.calls('authorize'), 0);

  const login = await visitor.open(problem['loginUrl']);
  assert.equal(new URL(login.url).pathname, '/');
  assert.equal((await visitor.fetch(`${url}/queues/q_bank/messages`)).status, 200);
});

inEveryFace(
  'every ordinary error of the provider brings the visitor back, and every other is provider_error',
  async (t, face) => {
    const { url, provider, browser } = await startSystem(t, { face });
    const words = ['interaction_required', 'consent_required', 'account_selection_required', 'access_denied'];
    for (const error of [...words, 'server_error', 'made_up<script>']) {
      provider.behave({ authorizeError: error });
      const visit = await browser().open(
        `${url}/secure-chat/login?queueKey=q_bank&returnTo=/page%3Fa%3D1%23top`,
      );
      const landed = new URL(visit.url);
      assert.equal(landed.searchParams.get('authError'), words.includes(error) ? error : 'provider_error');
      assert.equal(landed.pathname + landed.hash, '/page#top');
      assert.equal(landed.searchParams.get('a'), '1');
    }
  },
);

inEveryFace(
  'a browser that keeps no cookies is sent to the provider once and ends on an error page',
  async (t, face) => {
    const { url, provider, browser } = await startSystem(t, { face });
    const visitor = browser();
    let visit = await visitor.navigate(`${url}/queues/q_bank`);
    for (let step = 0; visit.status === 302 && step < 20; step++) {
      visitor.jar.clear();
      visit = await visitor.navigate(new URL(visit.headers.get('location')!, visit.url).href);
    }
    assert.equal(visit.status, 400);
    assert.equal(provider.calls('authorize'), 1);
  },
);

inEveryFace(
  'a browser that loses its session cookie after the login sees the 401 page, not a loop',
  async (t, face) => {
    const { url, provider, browser } = await startSystem(t, { face });
    const visitor = browser();
    const first = await visitor.navigate(`${url}/queues/q_bank`);
    const second = await visitor.navigate(first.headers.get('location')!);
    const back = await visitor.navigate(second.headers.get('location')!);
    visitor.jar.clear();
    const last = await visitor.navigate(back.headers.get('location')!);
    assert.equal(last.status, 401);
    assert.equal(provider.calls('authorize'), 1);
  },
);
