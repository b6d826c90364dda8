import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { codeOf } from '../support/problem-code.ts';
import { startProvider } from '../support/provider.ts';
import { everythingIn } from '../support/redis-dump.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { kari } from '../support/system.ts';
import { idOf, NO_COOKIES, PuzzelPage, SAME_SITE, startPuzzel } from './puzzel-page.ts';

const PUBLIC = 'https://chat.vendor.example';
const redis = await startRedis();
after(() => redis?.stop());
const skip = redis === undefined ? redisMissing : false;

test(
  'state, handle and chat go through all processes, once, and the store knows none',
  { skip },
  async (t) => {
    const provider = await startProvider({ person: kari });
    t.after(() => provider.stop());
    const sessionSecret = 'one secret for all processes of this test';
    const options = { sessionSecret, redisUrl: redis!.url, publicUrl: PUBLIC };
    const first = await startPuzzel(t, { provider, options });
    const second = await startPuzzel(t, { provider, options });
    const secrets = ['kari-sub', '17029012345'];
    for (const kind of [SAME_SITE, NO_COOKIES]) {
      const visitor = first.browser();
      const page = new PuzzelPage(first.url, visitor, kind);
      const elsewhere = new PuzzelPage(second.url, visitor, kind);
      const { location, state } = JSON.parse((await page.state()).body) as Record<
        'location' | 'state',
        string
      >;
      const callback = (await visitor.navigate(location)).headers.get('location')!;
      const landed = await visitor.navigate(callback.replace(PUBLIC, second.url));
      const code = new URL(landed.headers.get('location')!).searchParams.get('authCode')!;
      assert.equal(codeOf(await visitor.fetch(callback.replace(PUBLIC, first.url))), 'state_mismatch');
      const starts = await Promise.all([page.start(code), elsewhere.start(code)]);
      const [started] = starts.filter(({ status }) => status === 200);
      assert.deepEqual(starts.map(({ status }) => status).sort(), [200, 401]);
      const id = idOf(started!);
      secrets.push(code, state, id);
      for (const { url } of [first, second])
        assert.equal((await new PuzzelPage(url, visitor, kind).say(id)).status, 200);
      if (kind === SAME_SITE) continue;
      assert.equal(codeOf(await elsewhere.say(id.split('.')[0]!)), 'queue_refused');
      secrets.push(id.split('.')[1]!);
    }
    const text = await everythingIn(redis!.url);
    for (const secret of secrets) assert.ok(!text.includes(secret), 'a dump gives nobody a chat');
    for (const entry of [...first.log, ...second.log])
      for (const secret of secrets) assert.ok(!JSON.stringify(entry).includes(secret), entry.message);
  },
);
