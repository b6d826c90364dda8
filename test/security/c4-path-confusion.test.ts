/** A path or query that two servers read differently gets nobody past the guard: one reading, which is also what is forwarded. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isGatewayError } from '../../src/errors.ts';
import { readAddress } from '../../src/queues/canonical-path.ts';
import { resolverOf, ruleOf } from '../queues/queue-fixtures.ts';
import {
  honestTargets,
  mutatedTargets,
  secureQueuesReached,
  SITE_RULES,
} from '../support/address-generators.ts';
import { runs } from '../support/runs.ts';
import { askTargets } from '../support/target-client.ts';
import { startSite } from '../support/site.ts';
import { inEveryFace } from '../support/system.ts';

const resolver = resolverOf({ queueRules: SITE_RULES.map(ruleOf) });

/** Undefined when refused. */
function admitted(target: string): { queue: string | undefined; forwarded: string } | undefined {
  try {
    const address = readAddress(target);
    const queue = resolver.resolve({ method: 'GET', address, rawHeaders: [] });
    return { queue: queue?.connection && queue.queueKey, forwarded: address.target };
  } catch (error) {
    if (isGatewayError(error)) return undefined;
    throw error;
  }
}

function assertSafe(target: string): void {
  const result = admitted(target);
  if (result === undefined) return;
  const { queue, forwarded } = result;
  for (const reached of secureQueuesReached(forwarded))
    assert.equal(queue, reached, `${target} goes upstream as ${forwarded}, where it may be ${reached}`);
  assert.deepEqual(admitted(forwarded), result, `${forwarded} is read otherwise the second time`);
}

test('the judge sees what one lenient server or another would', () => {
  for (const target of [
    '/queues/q_bank',
    '//queues\\Q_BANK',
    '/x/..%2fqueues/q_bank.',
    '/%2571ueues/q_bank',
    '/queues;a/q_bank%00x',
    '/queues/q_bank::$DATA',
    '/(S(x))/queues/q_bank',
    '/queues%c0%afq_bank',
    '/%EF%BD%91ueues/q_bank',
    '/%u0071ueues/q_bank',
    '/queues/q_bank.json',
    '/queues/q_bank%3F',
    '/x?QueueKey[]=q_bank',
    '/x?queue.key=q_bank',
    '/x?queue[key=%2571_bank',
    '/x?a;queueKey=%u0071_bank',
    '/x?queueKey=q_open,q_bank',
    '/x%3FqueueKey=q_bank',
    '/x%253Fa=b&queueKey=q_bank',
  ])
    assert.deepEqual([...secureQueuesReached(target)], ['q_bank'], target);
  assert.equal(secureQueuesReached('/queues/q_open?x=queueKey%3Dq_bank').size, 0);
});

test('no changed address reaches a secure queue that the gateway did not see', (t) => {
  const numRuns = runs(4000);
  let passed = 0;
  let secure = 0;
  const started = performance.now();
  fc.assert(
    fc.property(mutatedTargets, (target) => {
      assertSafe(target);
      const result = admitted(target);
      if (result !== undefined) passed += 1;
      if (result?.queue !== undefined) secure += 1;
    }),
    { numRuns },
  );
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  t.diagnostic(`${numRuns} addresses in ${seconds} s: ${passed} admitted, ${secure} of them as secure`);
  assert.ok(
    passed > numRuns / 20 && secure > numRuns / 50,
    'the generator is refused nearly always: it proves nothing',
  );
});

test('cases found before stay closed', () => {
  for (const target of [
    '/x%3FqueueKey=q_bank',
    '/x%EF%BC%9Fa=b&queueKey=q_bank',
    '/x?queueKey=x,q_bank',
    '/?queueKey=q_bank&%EF%BC%9F%u0071ueueKey=q_vip',
    '/x%3FqueueKey=q_bank%23',
    '/x%3Fa=b%26queueKey=q_bank%23y',
    '/queues/q_bank..json',
    '/vip%20.json',
    '/vip+.json',
    '/%71ueues/q_bank',
    '/queues/q_bank.json',
    '/queues/q_bank+',
    '/+vip',
    '/vip%3Fx',
    '/%EF%BD%96ip',
    '/queues/%20q_bank',
    '/vip/%C2%A0x',
    '/%2b/queues/q_bank',
    '/x/%2e%2e+/queues/q_bank',
    '/:%EF%BC%9A$DATA/queues/q_bank',
    '/vip::%CC%81$DATA/a/b',
    '/vip%CC%81/..%CC%81%3Fx',
  ])
    assertSafe(target);
});

test('what goes upstream is the path that was matched, and the query as it came', () => {
  const target = '/%71ueues/q_open/%7e?x=%71';
  assert.deepEqual(admitted(target), { queue: undefined, forwarded: '/queues/q_open/~?x=%71' });
});

test('an honest address passes byte for byte', (t) => {
  const numRuns = runs(2000);
  fc.assert(
    fc.property(honestTargets, (target) => {
      assert.deepEqual(admitted(target), { queue: undefined, forwarded: target });
    }),
    { numRuns },
  );
  t.diagnostic(`${numRuns} honest addresses`);
});

inEveryFace(
  'without identity nothing arrives that could be read as a secure queue, and the honest do',
  async (t, face) => {
    const { url, upstream } = await startSite(t, { face, options: { queueRules: SITE_RULES } });
    const attacks = fc.sample(mutatedTargets, runs(150));
    const honest = fc.sample(honestTargets, runs(100));
    for (const status of await askTargets(url, attacks))
      assert.ok([200, 400, 401].includes(status), String(status));
    for (const request of upstream.requests) {
      assert.deepEqual([...secureQueuesReached(request.url)], [], request.url);
      assert.equal(request.rawHeaders.filter((name) => /^x-secure-chat/i.test(name)).length, 0);
    }
    upstream.requests.length = 0;
    const statuses = await askTargets(url, honest);
    assert.deepEqual(
      honest.filter((_, index) => statuses[index] !== 200),
      [],
    );
    assert.deepEqual(upstream.requests.map((request) => request.url).sort(), [...honest].sort());
  },
);
