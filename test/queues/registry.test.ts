import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  assertOutcomes,
  customerOf,
  outcomeOf,
  resolverOf,
  resolveTarget,
  ruleOf,
  type Sent,
} from './queue-fixtures.ts';

const SHARED = [
  customerOf('1', { shared: 'A', mine: 'A', 'a:b': 'A' }),
  customerOf('2', { shared: 'A', yours: undefined, 'b:c': 'A' }),
];

test('a key that two customers share needs the customer', () => {
  const resolver = resolverOf({
    customers: SHARED,
    queueRules: [
      ruleOf({ path: '/c/:customerKey/:queueKey' }),
      ruleOf({ path: '/q/:queueKey' }),
      ruleOf({ path: '/sessions', body: 'queueKey' }),
      ruleOf({ path: '/fixed/:customerKey', queueKey: 'shared' }),
      ruleOf({ query: 'queueKey' }),
    ],
  });
  const customer = (target: string, sent?: Sent) => resolveTarget(resolver, target, sent)?.customerKey;
  assert.equal(customer('/c/1/shared'), '1');
  assert.equal(customer('/c/2/shared'), '2');
  assert.equal(customer('/x?queueKey=shared&customerKey=2'), '2');
  assert.equal(customer('/x?CustomerKey[]=%32&queueKey=shared'), '2');
  assert.equal(customer('/sessions', { json: '{"queueKey":"shared","customerKey":2}' }), '2');
  assert.equal(customer('/sessions', { form: 'queueKey=shared&customerKey=+1' }), '1');
  assert.equal(customer('/fixed/2'), '2');
  assert.equal(customer('/c/1/mine'), '1');
  assert.equal(customer('/q/mine'), '1');
  assertOutcomes(resolver, [
    ['/q/shared', 'queue_ambiguous'],
    ['/x?queueKey=shared', 'queue_ambiguous'],
    ['/x?queueKey=shared&customerKey=', 'queue_ambiguous'],
    ['/x?queueKey=shared&customerKey=3', 'queue_ambiguous'],
    ['/x?queueKey=shared&customerKey=1&customerKey=2', 'queue_ambiguous'],
    ['/c/1/shared?queueKey=shared&customerKey=2', 'queue_ambiguous'],
    ['/c/2/mine', 'queue_ambiguous'],
    ['/x?queueKey=mine&customerKey=2', 'queue_ambiguous'],
    ['/x?queueKey=mine&customerKey=3', 'queue_ambiguous'],
    ['/sessions', 'queue_ambiguous', { json: '{"queueKey":"shared"}' }],
    ['/x?customerKey=1&customerKey=2', 'none'],
    ['/c/3/unknown', 'none'],
  ]);
});

test('customer keys match without regard to case and outer blanks', () => {
  const resolver = resolverOf({
    customers: [customerOf('Acme', { q: 'A' }), customerOf('Other', { q: undefined })],
  });
  assertOutcomes(resolver, [
    ['/x?queueKey=q&customerKey=+ACME', 'secure:q'],
    ['/x?queueKey=q&customerKey=acme&customerKey=Acme', 'secure:q'],
    ['/x?queueKey=q&customerKey=other', 'open:q'],
  ]);
});

test('customer and queue are never joined to one key', () => {
  const resolver = resolverOf({
    customers: [customerOf('a:b', { c: 'A' }), customerOf('a', { 'b:c': undefined })],
    queueRules: [ruleOf({ path: '/c/:customerKey/:queueKey' })],
  });
  assertOutcomes(resolver, [
    ['/c/a:b/c', 'secure:c'],
    ['/c/a/b:c', 'open:b:c'],
    ['/c/a:b/b:c', 'queue_ambiguous'],
    ['/c/a/c', 'queue_ambiguous'],
  ]);
});

test('names of the object prototype are no queues', () => {
  for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    assertOutcomes(resolverOf(), [
      [`/queues/${key}`, 'none'],
      [`/x?queueKey=${key}&${key}=1`, 'none'],
    ]);
  }
});

test('findQueue follows the same rules', () => {
  const resolver = resolverOf({ customers: SHARED });
  for (const [queueKey, customerKey, expected] of [
    ['mine', undefined, 'secure:mine'],
    [' MINE ', ' 1 ', 'secure:mine'],
    ['mine', '', 'secure:mine'],
    ['yours', undefined, 'open:yours'],
    ['mine', '2', 'queue_ambiguous'],
    ['shared', undefined, 'queue_ambiguous'],
    ['shared', '2', 'secure:shared'],
    ['shared', '3', 'queue_ambiguous'],
    ['míne', undefined, 'queue_ambiguous'],
    ['mine\0', undefined, 'request_malformed'],
    ['other', undefined, 'none'],
    ['', undefined, 'none'],
  ] as const) {
    assert.equal(
      outcomeOf(() => resolver.findQueue(queueKey, customerKey)),
      expected,
      `${queueKey} ${customerKey}`,
    );
  }
  const refusing = resolverOf({ unknownQueues: 'refuse' });
  assert.equal(
    outcomeOf(() => refusing.findQueue('other', undefined)),
    'queue_refused',
  );
});

test('a customer with two queues of equal keys is a TypeError', () => {
  const customers = [customerOf('1', { a: undefined, ' A': 'X' })];
  assert.throws(() => resolverOf({ customers }), TypeError);
});

test('a number in any spelling that some server reads is one key, for secure keys that are numbers', () => {
  const resolver = resolverOf({
    customers: [customerOf('1', { 7: 'A', 1000: 'A', q_7: 'A', 9: undefined, '07x': undefined })],
  });
  for (const key of ['007', '7.0', '7e0', '0x7', '%D9%A7', '7abc', '1_000', '1e3', '0x3e8', 'x,7.'])
    assertOutcomes(resolver, [[`/x?queueKey=${key}`, 'queue_ambiguous']]);
  assertOutcomes(resolver, [
    ['/x?queueKey=7', 'secure:7'],
    ['/x?queueKey=9', 'open:9'],
    ['/x?queueKey=07x', 'open:07x'],
    ...['70', 'x7', '8', 'q_8', '10000', '0x9', '-7', '6.9'].map(
      (key) => [`/x?queueKey=${key}`, 'none'] as const,
    ),
  ]);
});
