/** `WEB_CONCURRENCY` with real processes, on one port, with one Redis: how workers begin and end. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { Browser } from '../support/browser.ts';
import { freePort, redisMissing } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { exitOf, isAlive, run, startWorkers } from './rig.ts';

const skip = redisMissing;

test(
  'a worker that is killed comes back, ever later when that goes on, and the other one serves meanwhile',
  { skip },
  async (t) => {
    const { child, said, pids, url } = await startWorkers(t);
    const [first, second] = pids();
    assert.ok(![first, second].includes(child.pid) && first !== second);
    for (const deaths of [1, 2, 3]) {
      process.kill(deaths === 1 ? second! : pids().at(-1)!, 'SIGKILL');
      await until('the news', () => said('a worker has died and is started again').length === deaths);
      for (let requests = 0; requests < 10; requests += 1)
        assert.equal((await new Browser().fetch(`${url}/hello`)).status, 200);
      await until('a new worker', () => pids().length === 2 + deaths);
    }
    assert.deepEqual(
      said('a worker has died and is started again').map(({ how, retryMs }) => [how, retryMs]),
      [250, 500, 1000].map((ms) => ['SIGKILL', ms]),
    );
    assert.ok(isAlive(first!));
    child.kill('SIGTERM');
    assert.equal(await exitOf(child), 0);
    for (const pid of pids()) assert.equal(isAlive(pid), false);
  },
);

test(
  'SIGTERM drains every worker: what runs finishes, whoever is new is told, the exit is 0',
  { skip },
  async (t) => {
    const { child, said, url, finish } = await startWorkers(t);
    const slow = Array.from({ length: 4 }, () => new Browser().fetch(`${url}/slow`));
    await until('all of them', () => finish.length === 4);
    child.kill('SIGTERM');
    await until('both workers to drain', () => said('draining').length === 2);
    child.kill('SIGTERM');
    assert.equal((await new Browser().fetch(`${url}/hello`)).status, 503);
    for (const end of finish) end();
    for (const { body } of await Promise.all(slow)) assert.equal(body, 'late');
    assert.equal(await exitOf(child), 0);
    assert.equal(said('a worker has died and is started again').length, 0);
  },
);

test('workers do not outlive a supervisor that is killed', { skip }, async (t) => {
  const { child, pids } = await startWorkers(t);
  child.kill('SIGKILL');
  await until('the workers to end', () => pids().every((pid) => !isAlive(pid)));
});

test('a port that is taken ends all with 1 and one reason', { skip }, async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  t.after(() => taken.close());
  await once(taken, 'listening');
  const { child, said } = run(t, {
    PORT: String((taken.address() as AddressInfo).port),
    REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
    UPSTREAM_URL: 'http://127.0.0.1:9',
  });
  assert.equal(await exitOf(child), 1);
  const [line, ...others] = said('no worker can serve');
  assert.match(String(line?.['reason']), /cannot listen on port \d+: .*EADDRINUSE/);
  assert.deepEqual(others, []);
});

test('problems of the configuration are told once, by the one process that there is then', async (t) => {
  const { child, output } = run(t, { PORT: '0', UPSTREAM_URL: 'http://127.0.0.1:9' });
  assert.equal(await exitOf(child), 1);
  assert.equal(output.errors.split('WEB_CONCURRENCY (workers): expected 1 without Redis').length, 2);
  assert.equal(output.text, '');
});
