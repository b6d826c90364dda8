import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { inEveryFace, startSystem } from '../support/system.ts';

inEveryFace(
  'an address that logs in without end gets 429, at /login, at the queue and at the callback',
  async (t, face) => {
    const { url, browser } = await startSystem(t, { face, options: { loginsPerMinute: 300 } });
    const visitor = browser();
    const statuses: number[] = [];
    for (let i = 0; i < 301; i += 1)
      statuses.push((await visitor.fetch(`${url}/secure-chat/callback?state=x`)).status);
    assert.deepEqual([statuses.indexOf(429), statuses.at(-1)], [300, 429], '300 a minute pass');
    for (let i = 0; i < 300; i += 30) {
      await Promise.all(
        Array.from({ length: 30 }, () => browser().fetch(`${url}/secure-chat/login?queueKey=q_bank`)),
      );
    }
    const refusal = await visitor.fetch(`${url}/secure-chat/login?queueKey=q_bank`);
    assert.deepEqual(
      [refusal.status, (JSON.parse(refusal.body) as { code: string }).code],
      [429, 'rate_limited'],
    );
    assert.ok(Number(refusal.headers.get('retry-after')) > 0);
    assert.equal((await visitor.navigate(`${url}/queues/q_bank`)).status, 429);
    assert.equal((await visitor.fetch(`${url}/queues/q_open`)).status, 200);
  },
);

test('a WebSocket from a foreign origin is refused, from the own and from a customer origin taken', async (t) => {
  const { url, browser } = await startSystem(t);
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  const connect = (origin: string) =>
    new WebSocket(`${url.replace('http', 'ws')}/queues/q_bank/ws`, {
      origin,
      headers: { cookie: visitor.cookies('127.0.0.1') },
    });
  for (const origin of [url, 'https://www.bank.example']) {
    const socket = connect(origin);
    await once(socket, 'open');
    socket.terminate();
  }
  for (const origin of ['https://evil.example', 'null', `${url}.evil.example`]) {
    const [, answer] = (await once(connect(origin), 'unexpected-response')) as [
      unknown,
      { statusCode: number },
    ];
    assert.equal(answer.statusCode, 401, origin);
  }
});
