/** Many logins at once, or begun and left: all that are open land on their own page, the oldest give way, and the cookie header stays small. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { dropIn, standAlone } from '../support/faces.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { visitorKinds, reachInto } from '../support/redis-dump.ts';
import { walkLogin } from '../support/login-walk.ts';
import { inEveryFace, startSystem } from '../support/system.ts';

const redis = await startRedis();
after(() => redis?.stop());

const MANY = 40;
/** Open transactions of one browser. */
const MOST = 12;
/** A twentieth of what common servers take for all headers together. */
const HEADER_BYTES = 1700;
const login = (tab: number, display = 'page') =>
  `/secure-chat/login?queueKey=${tab % 2 ? 'q_bank' : 'q_loan'}&display=${display}&returnTo=/portal?tab=${tab}`;

inEveryFace(
  'ten tabs that begin together and come back in any order each land on their own page',
  async (t, face) => {
    const { url, browser, provider } = await startSystem(t, { face });
    for (const publicKnown of [false, true]) {
      const visitor = browser();
      if (publicKnown) await visitor.open(`${url}/queues/q_bank`);
      const begun = await Promise.all(
        Array.from({ length: 10 }, (_, tab) => visitor.navigate(url + login(tab))),
      );
      const callbacks = await Promise.all(
        begun.map(async ({ headers }) =>
          (await visitor.navigate(headers.get('location')!)).headers.get('location')!,
        ),
      );
      const order = callbacks
        .map((callback, tab) => ({ callback, tab }))
        .sort((a, b) => a.callback.localeCompare(b.callback));
      await Promise.all(
        order.map(async ({ callback, tab }) => {
          const { status, headers } = await visitor.navigate(callback);
          assert.equal(status, 302);
          assert.ok(headers.get('location')!.startsWith(`${url}/portal?tab=${tab}&authCode=`), `tab ${tab}`);
        }),
      );
      assert.equal((await visitor.open(`${url}/queues/q_bank`)).status, 200);
      assert.ok(visitor.cookies('127.0.0.1').length < 300, 'nothing of ten logins stays');
    }
    assert.ok(provider.calls('authorize') >= 20);
  },
);

inEveryFace(
  'logins that are begun and left cost the header a dozen cookies; the latest dozen land, older ones can begin anew',
  async (t, face) => {
    const { url, browser } = await startSystem(t, { face });
    const visitor = browser();
    const callbacks: string[] = [];
    for (let tab = 0; tab < MANY; tab += 1) {
      const { headers } = await visitor.navigate(url + login(tab));
      callbacks.push((await visitor.navigate(headers.get('location')!)).headers.get('location')!);
      const header = visitor.cookies('127.0.0.1');
      assert.ok(header.length < HEADER_BYTES, `${header.length} bytes`);
      assert.ok(header.split('; ').length <= MOST);
    }
    for (const [tab, callback] of callbacks.entries()) {
      const answer = await visitor.fetch(callback);
      assert.equal(answer.status, tab < MANY - MOST ? 400 : 302, `tab ${tab}`);
    }
    const { landed } = await walkLogin(visitor, url, login(1));
    assert.equal(landed.status, 302);
    assert.ok(visitor.cookies('127.0.0.1').length < 300);
  },
);

inEveryFace(
  'tabs beyond the dozen that begin in the same moment are cut back by the next login',
  async (t, face) => {
    const { url, browser } = await startSystem(t, { face });
    const visitor = browser();
    await Promise.all(Array.from({ length: MANY }, (_, tab) => visitor.navigate(url + login(tab))));
    const { landed } = await walkLogin(visitor, url, login(1));
    assert.equal(landed.status, 302);
    assert.ok(visitor.cookies('127.0.0.1').length < HEADER_BYTES);
  },
);

for (const face of [standAlone, dropIn]) {
  test(
    `a browser that begins without end has a dozen records in the store (${face.name})`,
    { skip: redisMissing },
    async (t) => {
      const store = reachInto(t, redis!.url);
      await store.client.flushall();
      const options = { sessionSecret: 'a secret for tests that is long enough', redisUrl: redis!.url };
      const { url, browser } = await startSystem(t, { face, options });
      const visitor = browser();
      for (let tab = 0; tab < MANY; tab += 1) await visitor.navigate(url + login(tab));
      assert.deepEqual(visitorKinds(await store.read()), Array(MOST).fill('login'));
    },
  );
}
