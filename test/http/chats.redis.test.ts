import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Redis } from 'ioredis';
import { faces } from '../support/faces.ts';
import { startProvider } from '../support/provider.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { kari, ola } from '../support/system.ts';
import { startChat, startChats, verdict } from './chat-server.ts';

const redis = await startRedis();
after(() => redis?.stop());
const skip = redis === undefined ? redisMissing : false;
const sessionSecret = 'one secret for all processes of this test';
const LIFE_MS = 30 * 86_400_000;

test('every process knows whose a chat is, and the store knows no id', { skip }, async (t) => {
  const provider = await startProvider({ person: kari });
  t.after(() => provider.stop());
  const options = { sessionSecret, redisUrl: redis!.url };
  const first = await startChats(t, { provider, options });
  const second = await startChats(t, { provider, options });
  const visitor = first.browser();
  await visitor.open(`${first.url}/queues/q_bank`);
  const id = await startChat(visitor, first.url);
  assert.equal(verdict(await visitor.fetch(`${second.url}/chats/${id}`)), '200');
  assert.equal(verdict(await second.browser().fetch(`${second.url}/chats/${id}`)), '401 login_required');
  provider.setPerson(ola);
  const thief = second.browser();
  await thief.open(`${second.url}/secure-chat/login?queueKey=q_bank&returnTo=/portal`);
  assert.equal(verdict(await thief.fetch(`${second.url}/chats/${id}`)), '403 queue_refused');
  assert.equal(verdict(await thief.fetch(`${first.url}/chats/${id}`)), '403 queue_refused');

  const client = new Redis(redis!.url);
  t.after(() => {
    client.disconnect();
  });
  const keys = (await client.keys('*')).filter((key) => /(?:^|:)chat(?:-alike)?:/.test(key));
  assert.equal(keys.length, 2);
  for (const key of keys) {
    const text = `${key}=${(await client.get(key))!}`;
    for (const secret of [id, 'kari-sub', 'q_bank', '12345']) assert.ok(!text.includes(secret));
    const left = await client.pttl(key);
    assert.ok(left > LIFE_MS - 60_000 && left <= LIFE_MS, 'thirty days');
  }
});

test('a chat outlives the logins of its person, and each use begins its life anew', { skip }, async (t) => {
  const own = (await startRedis())!;
  t.after(() => own.stop());
  const system = await startChats(t, { options: { sessionSecret, redisUrl: own.url } });
  const { url, browser } = system;
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  const id = await startChat(visitor, url);
  const client = new Redis(own.url);
  t.after(() => {
    client.disconnect();
  });
  const sessions = (await client.keys('*')).filter((key) => !/(?:^|:)chat(?:-alike)?:/.test(key));
  await client.del(...sessions);
  assert.equal(
    verdict(await visitor.fetch(`${url}/chats/${id}`)),
    '401 login_required',
    'all logins are over',
  );
  await visitor.open(`${url}/secure-chat/login?queueKey=q_bank&returnTo=/portal`);
  assert.equal(verdict(await visitor.fetch(`${url}/chats/${id}`)), '200');

  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 59 * 60_000 });
  const chats = async () =>
    (await client.keys('*')).filter((key) => /(?:^|:)chat(?:-alike)?:/.test(key)).sort();
  const read = async () => Promise.all((await chats()).map((key) => client.get(key)));
  const before = await read();
  await visitor.open(`${url}/secure-chat/login?queueKey=q_bank&returnTo=/portal`);
  assert.equal(verdict(await visitor.fetch(`${url}/chats/${id}`)), '200');
  assert.deepEqual(await read(), before, 'not within the hour');
  t.mock.timers.tick(2 * 60_000);
  assert.equal(verdict(await visitor.fetch(`${url}/chats/${id}`)), '200');
  const renewed = await read();
  assert.ok(
    renewed.every((value, index) => value !== before[index]),
    'after it',
  );
  t.mock.timers.tick(LIFE_MS);
  await visitor.open(`${url}/secure-chat/login?queueKey=q_bank&returnTo=/portal`);
  assert.equal(
    verdict(await visitor.fetch(`${url}/queues/q_bank/chats/${id}`)),
    '403 queue_refused',
    'and ends',
  );
});

for (const face of faces) {
  test(`without its store no chat goes on; what names none does (${face.name})`, { skip }, async (t) => {
    const own = (await startRedis())!;
    const { url, browser, upstream } = await startChats(t, {
      face,
      options: { sessionSecret, redisUrl: own.url },
    });
    const visitor = browser();
    await visitor.open(`${url}/queues/q_bank`);
    const id = await startChat(visitor, url);
    await own.stop();
    const arrived = upstream.requests.length;
    for (const path of [`/queues/q_bank/chats/${id}`, `/chats/${id}`, `/queues/q_open/chats/${id}`])
      assert.equal(verdict(await visitor.fetch(url + path)), '503 session_store_unavailable', path);
    assert.equal(upstream.requests.length, arrived);
    for (const path of ['/queues/q_open', '/chats', '/other']) {
      assert.equal(verdict(await visitor.fetch(url + path)), '200', path);
    }
  });
}
