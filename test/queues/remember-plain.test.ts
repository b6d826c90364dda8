import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { QueueRequest } from '../../src/queues/resolve.ts';
import { rememberPlain } from '../../src/queues/remember-plain.ts';
import { honestTargets, mutatedTargets } from '../support/address-generators.ts';
import { runs } from '../support/runs.ts';
import { DEFAULT_RULES, outcomeOf, resolverOf, resolveTarget, ruleOf } from './queue-fixtures.ts';

/** A resolver that remembers, and how often it had to work an answer out. */
function counting(queueRules = DEFAULT_RULES) {
  const resolver = resolverOf({ queueRules });
  const seen: string[] = [];
  const counted = {
    ...resolver,
    resolve(request: QueueRequest) {
      seen.push(request.address.target);
      return resolver.resolve(request);
    },
  };
  return { remembering: rememberPlain(counted, queueRules), seen };
}

test('an address that comes again is not worked out again', () => {
  const { remembering, seen } = counting();
  for (let i = 0; i < 5; i += 1) {
    assert.equal(
      outcomeOf(() => resolveTarget(remembering, '/queues/q_bank')),
      'secure:q_bank',
    );
    assert.equal(
      outcomeOf(() => resolveTarget(remembering, '/x?queueKey=q_open')),
      'open:q_open',
    );
    assert.equal(
      outcomeOf(() => resolveTarget(remembering, '/x')),
      'none',
    );
  }
  assert.equal(seen.length, 3);
});

test('however often an address comes, the answer is that of the rules', () => {
  const truth = resolverOf();
  const { remembering } = counting();
  fc.assert(
    fc.property(fc.array(fc.oneof(mutatedTargets, honestTargets), { maxLength: 20 }), (targets) => {
      for (const target of [...targets, ...targets])
        assert.equal(
          outcomeOf(() => resolveTarget(remembering, target)),
          outcomeOf(() => resolveTarget(truth, target)),
          target,
        );
    }),
    { numRuns: runs(200) },
  );
});

test('a refusal is worked out anew, and so is every method but GET', () => {
  const { remembering, seen } = counting();
  const twice = '/queues/q_bank?queueKey=q_vip';
  for (let i = 0; i < 3; i += 1)
    assert.equal(
      outcomeOf(() => resolveTarget(remembering, twice)),
      'queue_ambiguous',
    );
  for (let i = 0; i < 3; i += 1) resolveTarget(remembering, '/queues/q_bank', { method: 'POST' });
  assert.equal(seen.length, 6);
});

test('where a rule reads a header, nothing is remembered', () => {
  const { remembering } = counting([...DEFAULT_RULES, ruleOf({ header: 'X-Queue' })]);
  const resolve = (key: string) =>
    outcomeOf(() => resolveTarget(remembering, '/x', { rawHeaders: ['X-Queue', key] }));
  assert.deepEqual(
    [resolve('q_open'), resolve('q_bank'), resolve('q_open')],
    ['open:q_open', 'secure:q_bank', 'open:q_open'],
  );
});

test('a client that invents addresses does not fill the memory', () => {
  const { remembering, seen } = counting();
  resolveTarget(remembering, '/first');
  for (let i = 0; i < 5000; i += 1) resolveTarget(remembering, `/x?n=${i}`);
  resolveTarget(remembering, '/first');
  assert.equal(seen.filter((target) => target === '/first').length, 2, 'forgotten meanwhile');
  const long = `/${'x'.repeat(300)}`;
  resolveTarget(remembering, long);
  resolveTarget(remembering, long);
  assert.equal(seen.filter((target) => target === long).length, 2, 'too long to be kept');
});
