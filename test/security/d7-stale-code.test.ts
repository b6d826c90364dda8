/**
 * Threat: a code that is late, lost on its way or wanted twice leads to a loop, to a second token call, or to a half identity.
 * A code goes to the token endpoint once; an expired one is repeated by one silent login, and then it is `code_expired`.
 */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Behaviour, Provider } from '../support/provider.ts';
import { closesMidBody, stallsMidBody } from '../support/provider-troubles.ts';
import { runs } from '../support/runs.ts';
import { identityOf, inEveryFace, startSystem } from '../support/system.ts';
import { LOGIN } from '../support/login-walk.ts';
import { codeOf } from '../support/problem-code.ts';
import { until } from '../support/until.ts';

/** Fails when a code was sent twice. Codes are compared, never printed. */
function assertEachCodeOnce(provider: Provider): void {
  const sent = provider.requests.flatMap(({ endpoint, body }) =>
    endpoint === 'token' ? [body.get('code')] : [],
  );
  assert.equal(new Set(sent).size, sent.length, 'a code was sent twice');
}

for (const codeRedemption of ['queue-entry', 'callback'] as const) {
  inEveryFace(`an expired code: one more silent login, then the end (${codeRedemption})`, async (t, face) => {
    const { url, provider, upstream, browser } = await startSystem(t, {
      face,
      connection: { codeRedemption },
    });
    provider.behave({ token: { error: 'invalid_grant' } });
    const visitor = browser();
    const visit = await visitor.open(`${url}/queues/q_bank`);
    assert.equal(visit.status, 401);
    assert.deepEqual(
      [provider.calls('authorize'), provider.calls('token'), upstream.requests.length],
      [2, 2, 0],
    );
    const reloaded = await visitor.navigate(visit.url);
    assert.equal(reloaded.status, 401);
    assert.equal(provider.calls('authorize'), 2, 'a reload starts nothing');
    assertEachCodeOnce(provider);
    provider.behave({});
    assert.equal((await visitor.open(`${url}/queues/q_bank`)).status, 200);
    assert.equal(identityOf(upstream)['x-secure-chat-id'], 'kari-sub');
  });

  test(`a code that is late once is made good without anybody noticing (${codeRedemption})`, async (t) => {
    const { url, provider, upstream, browser } = await startSystem(t, { connection: { codeRedemption } });
    provider.behave({ codeLifetimeMs: -1 });
    const visitor = browser();
    let visit = await visitor.navigate(`${url}/queues/q_bank`);
    while (visit.status === 302) {
      if (provider.calls('token') === 1) provider.behave({});
      visit = await visitor.navigate(new URL(visit.headers.get('location')!, visit.url).href);
    }
    assert.deepEqual([visit.status, provider.calls('token'), upstream.requests.length], [200, 2, 1]);
    assertEachCodeOnce(provider);
  });
}

test('two tabs, ten scripts: one token call, however the provider answers', async (t) => {
  const { url, provider, upstream, browser } = await startSystem(t);
  const answers: [Behaviour, number][] = [
    [{}, 200],
    [{ token: { error: 'invalid_grant' } }, 401],
    [{ token: { error: 'server_error' } }, 502],
    [{ token: 500 }, 503],
    [{ token: 'drop' }, 503],
    [{ userinfo: 'drop' }, 503],
  ];
  for (const [behaviour, status] of answers) {
    const visitor = browser();
    provider.behave({});
    await visitor.open(url + LOGIN);
    provider.behave(behaviour);
    const before = [provider.calls('token'), upstream.requests.length] as const;
    const visits = await Promise.all(Array.from({ length: 12 }, () => visitor.fetch(`${url}/queues/q_bank`)));
    const seen = new Set(visits.map((visit) => visit.status));
    assert.equal(provider.calls('token') - before[0], 1);
    assert.ok(
      [...seen].every((one) => one === status || one === 401),
      `${[...seen].join()} for ${status}`,
    );
    assert.ok(seen.has(status));
    assert.equal(upstream.requests.length - before[1], status === 200 ? 12 : 0);
  }
  assertEachCodeOnce(provider);
});

test('a connection lost between code and token: the code is spent, and a new login is offered', async (t) => {
  const losses = ['drop', 'hang', closesMidBody, stallsMidBody, 500, 503, 429] satisfies Behaviour['token'][];
  const lose = async (token: (typeof losses)[number]): Promise<void> => {
    // more than a login here needs: what is waited for is the provider that hangs
    const system = await startSystem(t, { options: { providerTimeoutMs: 2000 } });
    const { url, provider, upstream, browser } = system;
    const visitor = browser();
    await visitor.open(url + LOGIN);
    provider.behave({ token });
    const before = upstream.requests.length;
    const lost = await visitor.fetch(`${url}/queues/q_bank`);
    assert.deepEqual([lost.status, codeOf(lost)], [503, 'provider_unavailable']);
    const after = await visitor.fetch(`${url}/queues/q_bank`);
    assert.deepEqual([after.status, codeOf(after)], [401, 'login_required']);
    assert.equal(upstream.requests.length, before);
    provider.behave({});
    assert.equal((await visitor.open(`${url}/queues/q_bank`)).status, 200);
    assertEachCodeOnce(provider);
  };
  await Promise.all(losses.map(lose));
});

inEveryFace(
  'a provider that was not even reached has not had the code: it is as good as before',
  async (t, face) => {
    const { url, provider, browser } = await startSystem(t, { face });
    const visitor = browser();
    await visitor.open(url + LOGIN);
    await provider.down();
    for (let i = 0; i < 2; i++)
      assert.equal(codeOf(await visitor.fetch(`${url}/queues/q_bank`)), 'provider_unavailable');
    await provider.up();
    assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, 200);
    assert.equal(provider.calls('token'), 1);
  },
);

test('two requests while userinfo is slow: one redemption, and both are verified', async (t) => {
  const { url, provider, browser } = await startSystem(t);
  const visitor = browser();
  await visitor.open(url + LOGIN);
  const answers: ServerResponse[] = [];
  provider.behave({ userinfo: (response) => void answers.push(response) });
  const [first, second] = [visitor.fetch(`${url}/queues/q_bank`), visitor.fetch(`${url}/queues/q_bank`)];
  await until('the question for userinfo', () => answers.length > 0);
  answers[0]!.writeHead(200, { 'content-type': 'application/json' }).end('{"sub":"kari-sub"}');
  assert.deepEqual([(await first).status, (await second).status, provider.calls('token')], [200, 200, 1]);
});

test('any order of late, lost and good codes: no loop, no code twice, an identity only after a good one', async (t) => {
  const { url, provider, upstream, browser } = await startSystem(t, {
    options: { loginsPerMinute: 1_000_000 },
  });
  const fates: Record<string, Behaviour> = {
    good: {},
    late: { token: { error: 'invalid_grant' } },
    lost: { token: 'drop' },
    forged: { idToken: { alg: 'none' } },
  };
  const step = fc.tuple(fc.constantFrom(...Object.keys(fates)), fc.boolean());
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
      const visitor = browser();
      for (const [fate, navigates] of steps) {
        provider.behave(fates[fate]!);
        const before = [provider.calls('authorize'), upstream.requests.length] as const;
        const visit = navigates
          ? await visitor.open(`${url}/queues/q_bank`)
          : await visitor.open(url + LOGIN).then(() => visitor.fetch(`${url}/queues/q_bank`));
        assert.ok(provider.calls('authorize') - before[0] <= 2, 'a loop');
        assert.equal(upstream.requests.length - before[1] >= 1, visit.status === 200 || !navigates);
        if (!navigates) assert.equal(visit.status === 200, fate === 'good', fate);
        if (visit.status === 200) break;
      }
      assertEachCodeOnce(provider);
    }),
    { numRuns: runs(15) },
  );
});
