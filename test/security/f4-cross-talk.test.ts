/** Requests that are under way together receive one another's identity: hundreds of browsers over shared connections, each sees its own. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { faces } from '../support/faces.ts';
import { quickClient } from '../support/quick-client.ts';
import { runs } from '../support/runs.ts';
import { startSystem } from '../support/system.ts';
import { headerValues, type UpstreamHandler } from '../support/upstream.ts';

/** Answers in another order than it was asked: each request waits for as many turns as its address says. */
const disorderly: UpstreamHandler = async (req, res, recorded) => {
  const turns = createHash('md5').update(recorded.url).digest()[0]! % 16;
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  const { rawHeaders, url } = recorded;
  const [id, nickName] = ['X-Secure-Chat-Id', 'X-Secure-Chat-Nickname'].map((name) =>
    headerValues(rawHeaders, name).join('|'),
  );
  req.resume();
  res.end(JSON.stringify({ url, id, nickName }));
};

for (const face of faces) {
  const count = runs(face === faces[0] ? 120 : 40);
  test(`${count} browsers at once: each is, for the chat server and for itself, the person it logged in as (${face.name})`, async (t) => {
    const { url, provider, browser } = await startSystem(t, {
      face,
      upstream: disorderly,
      options: { loginsPerMinute: 1_000_000 },
    });
    const people = Array.from({ length: count }, (_, n) => ({
      n,
      cookie: '',
      sub: `sub-${n}`,
      name: `Person${n}`,
    }));
    for (const { n, sub, name } of people)
      provider.people.set(`p${n}`, {
        sub,
        given_name: name,
        'signicat.national_id': String(10_000_000_000 + n),
      });
    await Promise.all(
      people.map(async (person) => {
        const visitor = browser({ cookie: '' });
        visitor.jar.set('127.0.0.1', new Map([['as', `p${person.n}`]]));
        const first = await visitor.open(`${url}/queues/q_bank?n=${person.n}`);
        assert.equal(first.status, 200);
        assert.equal((JSON.parse(first.body) as { id: string }).id, person.sub, 'the request that redeemed');
        person.cookie = visitor.cookies('127.0.0.1');
      }),
    );
    // few connections, so that one person's request follows another's on the same socket
    const ask = quickClient(t, url, 6);
    const askAs = async ({ n, cookie, sub, name }: (typeof people)[number]): Promise<void> => {
      const [queue, info, open] = await Promise.all([
        ask(`/queues/q_bank/x?n=${n}`, { headers: { cookie } }),
        ask('/secure-chat/session', { headers: { cookie } }),
        ask(`/queues/q_open/x?n=${n}`, { headers: { cookie } }),
      ]);
      assert.deepEqual(JSON.parse(queue.body), { url: `/queues/q_bank/x?n=${n}`, id: sub, nickName: name });
      const { chatId, nickName } = JSON.parse(info.body) as { chatId: string; nickName: string };
      assert.deepEqual([chatId, nickName], [sub, name]);
      assert.deepEqual(JSON.parse(open.body), { url: `/queues/q_open/x?n=${n}`, id: '', nickName: '' });
    };
    await Promise.all([...people, ...people.toReversed()].map(askAs));
    assert.equal(provider.calls('token'), count, 'one redemption each');
  });
}
