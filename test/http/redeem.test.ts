import assert from 'node:assert/strict';
import { identityOf, inEveryFace, startSystem } from '../support/system.ts';

const LOGIN = '/secure-chat/login?queueKey=q_bank&returnTo=/portal';

inEveryFace(
  'the code waits for the queue: nothing is redeemed before the first secure-queue request',
  async (t, face) => {
    const { url, provider, browser } = await startSystem(t, { face });
    const visitor = browser();
    await visitor.open(url + LOGIN);
    assert.equal(provider.calls('token'), 0);
    const pending = JSON.parse((await visitor.fetch(`${url}/secure-chat/session`)).body) as unknown;
    assert.deepEqual(pending, { authenticated: false, pending: true, connection: 'Signicat' });
    await visitor.fetch(`${url}/queues/q_bank`);
    assert.equal(provider.calls('token'), 1);
  },
);

inEveryFace(
  'six first requests at the same moment redeem once, and all of them are verified',
  async (t, face) => {
    const { url, provider, upstream, browser } = await startSystem(t, { face });
    const visitor = browser();
    await visitor.open(url + LOGIN);
    const visits = await Promise.all(Array.from({ length: 6 }, () => visitor.fetch(`${url}/queues/q_bank`)));
    assert.deepEqual(
      visits.map(({ status }) => status),
      Array(6).fill(200),
    );
    assert.equal(provider.calls('token'), 1);
    assert.equal(
      upstream.requests.filter(({ headers }) => headers['x-secure-chat-id'] === 'kari-sub').length,
      6,
    );
  },
);

inEveryFace('a code that expired while it waited leads to one more silent login, once', async (t, face) => {
  const { url, provider, browser } = await startSystem(t, { face });
  provider.behave({ token: { error: 'invalid_grant' } });
  const visit = await browser().open(`${url}/queues/q_bank`);
  assert.equal(visit.status, 401);
  assert.match(visit.body, /interactive=1/);
  assert.equal(provider.calls('authorize'), 2);
  assert.equal(provider.calls('token'), 2);
});

inEveryFace(
  'the one repetition of an expired code succeeds without the visitor noticing',
  async (t, face) => {
    const { url, provider, browser } = await startSystem(t, { face });
    const visitor = browser();
    await visitor.open(url + LOGIN);
    provider.behave({ token: { error: 'invalid_grant' } });
    const first = await visitor.navigate(`${url}/queues/q_bank`);
    assert.equal(first.status, 302);
    provider.behave({});
    const visit = await visitor.open(first.headers.get('location')!);
    assert.equal(visit.status, 200);
  },
);

inEveryFace(
  'a script hears login_required for the first expired code and code_expired for the second',
  async (t, face) => {
    const { url, provider, browser } = await startSystem(t, { face });
    provider.behave({ token: { error: 'invalid_grant' } });
    const visitor = browser();
    const codes: unknown[] = [];
    for (let i = 0; i < 2; i++) {
      await visitor.open(url + LOGIN);
      const refusal = await visitor.fetch(`${url}/queues/q_bank`);
      assert.equal(refusal.status, 401);
      codes.push((JSON.parse(refusal.body) as { code: string }).code);
    }
    assert.deepEqual(codes, ['login_required', 'code_expired']);
  },
);

inEveryFace('codeRedemption "callback" redeems at once', async (t, face) => {
  const { url, provider, browser } = await startSystem(t, {
    face,
    connection: { codeRedemption: 'callback' },
  });
  const visitor = browser();
  await visitor.open(url + LOGIN);
  assert.equal(provider.calls('token'), 1);
  const session = JSON.parse((await visitor.fetch(`${url}/secure-chat/session`)).body) as Record<
    string,
    unknown
  >;
  assert.equal(session['authenticated'], true);
});

inEveryFace(
  'in callback mode an expired code is repeated once and then comes back as code_expired',
  async (t, face) => {
    const { url, provider, browser } = await startSystem(t, {
      face,
      connection: { codeRedemption: 'callback' },
    });
    provider.behave({ token: { error: 'invalid_grant' } });
    const visit = await browser().open(url + LOGIN);
    assert.equal(new URL(visit.url).searchParams.get('authError'), 'code_expired');
    assert.equal(provider.calls('authorize'), 2);
  },
);

inEveryFace(
  'a provider that answers nonsense is 502, one that is away 503, and neither is an identity',
  async (t, face) => {
    const { url, provider, upstream, browser } = await startSystem(t, { face });
    const outcomes: [Parameters<typeof provider.behave>[0], number, string][] = [
      [{ token: 'html' }, 502, 'provider_error'],
      [{ idToken: { alg: 'none' } }, 502, 'provider_error'],
      [{ userinfoClaims: { sub: 'somebody-else' } }, 502, 'provider_error'],
      [{ token: 500 }, 503, 'provider_unavailable'],
      [{ token: 'drop' }, 503, 'provider_unavailable'],
    ];
    for (const [behaviour, status, code] of outcomes) {
      const visitor = browser();
      await visitor.open(url + LOGIN);
      const before = upstream.requests.length;
      provider.behave(behaviour);
      const refusal = await visitor.fetch(`${url}/queues/q_bank`);
      provider.behave({});
      assert.deepEqual(
        [refusal.status, (JSON.parse(refusal.body) as { code: string }).code],
        [status, code],
        JSON.stringify(behaviour),
      );
      assert.equal(upstream.requests.length, before);
      assert.equal(
        (await visitor.fetch(`${url}/queues/q_bank`)).status,
        401,
        'the code is spent, nothing is guessed',
      );
    }
  },
);

inEveryFace(
  'a code that never left because the provider was down is kept and redeemed later',
  async (t, face) => {
    const { url, provider, upstream, browser } = await startSystem(t, { face });
    const visitor = browser();
    await visitor.open(url + LOGIN);
    await provider.down();
    assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, 503);
    await provider.up();
    assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, 200);
    assert.equal(identityOf(upstream)['x-secure-chat-id'], 'kari-sub');
  },
);
