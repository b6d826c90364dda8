/** `WEB_CONCURRENCY` with real processes, on one port, with one Redis: what visitors see of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Agent, request } from 'undici';
import { Browser } from '../support/browser.ts';
import { startProvider } from '../support/provider.ts';
import { openRaw } from '../support/raw-client.ts';
import { redisMissing } from '../support/redis.ts';
import { kari } from '../support/system.ts';
import { until } from '../support/until.ts';
import { isAlive, startWorkers } from './rig.ts';

const skip = redisMissing;

test(
  'one login is good in every worker, and one log-out ends what runs in all of them',
  { skip },
  async (t) => {
    const provider = await startProvider({ person: kari });
    t.after(() => provider.stop());
    const { port, url, upstream } = await startWorkers(t, { AUTH_ENDPOINT: provider.issuer });
    const visitor = new Browser();
    assert.equal((await visitor.open(`${url}/queues/q_bank`)).status, 200);
    const streams = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const client = await openRaw(port);
        const cookie = visitor.cookies('127.0.0.1');
        client.write(`GET /queues/q_bank/stream HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\n\r\n`);
        await client.until('data:');
        return client;
      }),
    );
    assert.equal(new Set(upstream.requests.slice(-6).map(({ connection }) => connection)).size, 6);
    assert.equal((await visitor.fetch(`${url}/secure-chat/logout`, { method: 'POST' })).status, 204);
    await Promise.all(streams.map(({ closed }) => closed));
  },
);

test('SIGUSR2 replaces all workers under load, and no request is lost', { skip }, async (t) => {
  const { child, said, pids, url, finish, upstream } = await startWorkers(t);
  const kept = new Agent({ connections: 4 });
  t.after(() => kept.close());
  const done = { load: false, requests: 0 };
  const load = (dispatcher: Agent | undefined) => async () => {
    while (!done.load) {
      const { statusCode, body } = await request(`${url}/hello`, {
        dispatcher: dispatcher ?? new Agent({ pipelining: 0 }),
      });
      await body.dump();
      assert.equal(statusCode, 200);
      done.requests += 1;
    }
  };
  const slow = [1, 2].map(() => new Browser().fetch(`${url}/slow`));
  await until('both slow ones', () => finish.length === 2);
  const clients = [load(kept), load(kept), load(undefined)].map((start) => start());
  child.kill('SIGUSR2');
  await until('the first new worker', () => said('retiring').length === 1);
  for (const end of finish) end();
  await until('the end of it', () => said('all workers are replaced').length === 1);
  const before = done.requests;
  await until('more requests', () => done.requests > before + 20);
  done.load = true;
  await Promise.all(clients);
  for (const { body } of await Promise.all(slow)) assert.equal(body, 'late');
  const [first, second, ...fresh] = pids();
  assert.equal(fresh.length, 2);
  await until('the old ones to be gone', () => !isAlive(first!) && !isAlive(second!));
  assert.ok(fresh.every(isAlive));
  assert.ok(upstream.requests.length > 0);
});
