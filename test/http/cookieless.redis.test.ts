import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { CookielessPage, PAGE, challengeOf } from '../support/cookieless-page.ts';
import { startProvider } from '../support/provider.ts';
import { everythingIn } from '../support/redis-dump.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { connection, identityOf, kari, startSystem } from '../support/system.ts';

const redis = await startRedis();
after(() => redis?.stop());
const skip = redis === undefined ? redisMissing : false;

test(
  'two gateways on one Redis share tickets, claims, tokens and log-out, and each is used once between them',
  { skip },
  async (t) => {
    const provider = await startProvider({ person: kari });
    t.after(() => provider.stop());
    const options = {
      sessionSecret: 'one secret for all processes of this test',
      redisUrl: redis!.url,
      customers: [
        {
          customerKey: '12345',
          returnOrigins: [PAGE],
          connections: [connection(provider)],
          queues: [{ queueKey: 'q_bank', authConnectionName: 'Signicat' }],
        },
      ],
    };
    const [first, second] = [
      await startSystem(t, { provider, options }),
      await startSystem(t, { provider, options }),
    ];
    const pages = [new CookielessPage(first.url), new CookielessPage(second.url)] as const;
    const begun = await pages[0].begin(challengeOf('v'.repeat(43)));
    const ticket = (JSON.parse(begun.body) as { location: string }).location.slice(first.url.length);
    const starts = await Promise.all(
      [first, second, first, second].map(({ url, browser }) => browser().fetch(url + ticket)),
    );
    assert.deepEqual(starts.map(({ status }) => status).sort(), [302, 400, 400, 400]);

    const login = await pages[0].login(first.browser());
    const claims = await Promise.all([0, 1, 0, 1, 0, 1].map((at) => pages[at]!.claim(login)));
    assert.deepEqual(claims.map(({ status }) => status).sort(), [200, 401, 401, 401, 401, 401]);
    const { token } = JSON.parse(claims.find(({ status }) => status === 200)!.body) as { token: string };
    const visits = await Promise.all([0, 1, 0, 1].map((at) => pages[at]!.ask('/queues/q_bank', { token })));
    assert.deepEqual(
      visits.map(({ status }) => status),
      [200, 200, 200, 200],
    );
    assert.equal(provider.calls('token'), 1);
    assert.equal(identityOf(second.upstream)['x-secure-chat-id'], 'kari-sub');

    const waiting = await pages[1].login(second.browser());
    const text = await everythingIn(redis!.url);
    for (const secret of [
      token,
      token.slice(4),
      waiting.authCode,
      waiting.verifier,
      challengeOf(waiting.verifier),
      PAGE,
    ])
      assert.ok(!text.includes(secret), 'a dump gives nobody a login');

    assert.equal((await pages[1].ask('/secure-chat/logout', { method: 'POST', token })).status, 204);
    assert.equal((await pages[0].ask('/queues/q_bank', { token })).status, 401);
  },
);
