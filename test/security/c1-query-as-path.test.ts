/** A path rule that looked into the query or the fragment would take one queue for another: rules see the path only, by whole segments. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { rawRequest } from '../support/raw-client.ts';
import { runs } from '../support/runs.ts';
import { startSite } from '../support/site.ts';
import { inEveryFace } from '../support/system.ts';
import { askTargets } from '../support/target-client.ts';

const decoy = fc.constantFrom(
  '/queues/q_open',
  '/queues/q_other/x',
  '//queues/q_open',
  '%2Fqueues%2Fq_open',
  '&path=/queues/q_open',
  '?/queues/q_open',
  '=/queues/q_open',
  '../q_open',
  '/../q_open',
);
const name = fc.constantFrom('', 'x=', 'path=', 'url=', '_url=', 'q=', 'rest=', ':queueKey=', 'REQUEST_URI=');
const secure = fc.constantFrom('/queues/q_bank', '/queues/q_bank/', '/queues/q_bank/a', '/QUEUES/Q_VIP');

inEveryFace('what stands in the query changes no reading of the path', async (t, face) => {
  const { url, upstream } = await startSite(t, { face });
  const tails = fc
    .array(fc.tuple(name, decoy), { minLength: 1, maxLength: 3 })
    .map((pairs) => pairs.flat().join(''));
  const guarded = fc.sample(
    fc.tuple(secure, tails).map(([path, tail]) => `${path}?${tail}`),
    runs(60),
  );
  for (const [index, status] of (await askTargets(url, guarded)).entries())
    assert.equal(status, 401, guarded[index]);
  assert.equal(upstream.requests.length, 0);

  const honest = fc.sample(
    fc.tuple(
      fc.constantFrom('/x', '/queues/q_open', '/'),
      fc.constantFrom('/queues/q_bank', '%2Fqueues%2Fq_bank'),
    ),
    runs(20),
  );
  const targets = honest.map(([path, tail]) => `${path}?returnUrl=${tail}`);
  assert.deepEqual(new Set(await askTargets(url, targets)), new Set([200]));
  assert.deepEqual(upstream.requests.map((request) => request.url).sort(), [...targets].sort());
});

inEveryFace('a fragment is refused, and an encoded mark never hides the queue', async (t, face) => {
  const { url, upstream } = await startSite(t, { face });
  for (const [target, code] of [
    ['/queues/q_bank#/queues/q_open', 'request_malformed'],
    ['/queues/q_open#/../q_bank', 'request_malformed'],
    ['/x#?queueKey=q_bank', 'request_malformed'],
    ['/queues/q_bank%23/queues/q_open', 'path_ambiguous'],
    ['/queues/q_bank%3Fx', 'path_ambiguous'],
    ['/x%3FqueueKey=q_bank', 'path_ambiguous'],
  ] as const) {
    const answer = await rawRequest(
      Number(new URL(url).port),
      `GET ${target} HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n`,
    );
    assert.match(answer, /^HTTP\/1\.1 400 /, target);
    assert.ok(answer.includes(`"${code}"`), target);
  }
  assert.equal(upstream.requests.length, 0);
  const honest = ['/x%3Fy', '/x%23y', '/queues/q_open%3Fx', '/queues/q_bankier', '/xqueues/q_bank'];
  assert.deepEqual(await askTargets(url, honest), [200, 200, 200, 200, 200]);
});
