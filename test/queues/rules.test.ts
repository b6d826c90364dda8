import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAddress } from '../../src/queues/canonical-path.ts';
import { createQueueResolver } from '../../src/queues/resolve.ts';
import { assertOutcomes, ONE_CUSTOMER, resolverOf, ruleOf, type Sent } from './queue-fixtures.ts';

test('a rule for GET holds for HEAD, a rule without a method for all, another for its own', () => {
  const resolver = resolverOf({
    queueRules: [
      ruleOf({ method: 'get', path: '/g', queueKey: 'q_bank' }),
      ruleOf({ method: 'POST', path: '/p', queueKey: 'q_bank' }),
      ruleOf({ path: '/all', queueKey: 'q_bank' }),
    ],
  });
  const expected = {
    '/g': ['GET', 'HEAD'],
    '/p': ['POST'],
    '/all': ['GET', 'HEAD', 'POST', 'OPTIONS', 'PURGE'],
  };
  for (const [target, methods] of Object.entries(expected)) {
    for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS', 'PURGE']) {
      assertOutcomes(resolver, [[target, methods.includes(method) ? 'secure:q_bank' : 'none', { method }]]);
    }
  }
});

test('rule paths are Express 5 paths: case, trailing slash, optional parts, letters outside ASCII', () => {
  const resolver = resolverOf({
    queueRules: [
      ruleOf({ path: '/kø/:queueKey' }),
      ruleOf({ path: '/c%C3%A5/:queueKey' }),
      ruleOf({ path: '/opt{/:queueKey}' }),
      ruleOf({ path: '/files/*rest', queueKey: 'q_vip' }),
    ],
  });
  assertOutcomes(resolver, [
    ['/k%C3%B8/q_bank', 'secure:q_bank'],
    ['/K%c3%98/q_bank/', 'secure:q_bank'],
    ['/C%C3%85/q_bank', 'secure:q_bank'],
    ['/ca%CC%8A/q_bank', 'secure:q_bank'],
    ['/ca/q_bank', 'none'],
    ['/k%C3%B3/q_bank', 'path_ambiguous'],
    ['/opt', 'none'],
    ['/opt/q_bank', 'secure:q_bank'],
    ['/files/a/b', 'secure:q_vip'],
    ['/files', 'none'],
  ]);
});

test('a header names the queue, from every line and between commas', () => {
  const resolver = resolverOf({ queueRules: [ruleOf({ header: 'X-Queue' })] });
  const rows: [string[], string][] = [
    [['X-Queue', 'q_bank'], 'secure:q_bank'],
    [['x-queue', ' Q_BANK '], 'secure:q_bank'],
    [['X_Queue', 'q_bank'], 'secure:q_bank'],
    [['X-Queue', '"q_bank"'], 'secure:q_bank'],
    [['X-Queue', 'q_bank, q_bank'], 'secure:q_bank'],
    [['X-Queue', 'q_bank, '], 'secure:q_bank'],
    [['X-Queue', 'q_open', 'X-Queue', 'q_bank'], 'queue_ambiguous'],
    [['X-Queue', 'q_open', 'X_QUEUE', 'q_bank'], 'queue_ambiguous'],
    [['X-Queue', 'q_open,q_bank'], 'queue_ambiguous'],
    [['X-Queue', '%71_bank'], 'request_malformed'],
    [['X-Queue', '\xff'], 'request_malformed'],
    [['X-Queue', ''], 'none'],
    [['X-Queues', 'q_bank', 'Other', 'X-Queue'], 'none'],
  ];
  for (const [rawHeaders, expected] of rows) assertOutcomes(resolver, [['/x', expected, { rawHeaders }]]);
});

test('a body names the queue, and only where a rule reads it is it needed', () => {
  const rule = ruleOf({ method: 'POST', path: '/sessions', body: 'queueKey' });
  const resolver = resolverOf({ queueRules: [rule, ruleOf({ query: 'queueKey' })] });
  const post = (json: string): Sent => ({ method: 'POST', json });
  assertOutcomes(resolver, [
    ['/sessions', 'secure:q_bank', post('{"queueKey":"q_bank"}')],
    ['/sessions', 'secure:q_bank', { method: 'POST', form: 'queueKey=q_bank' }],
    ['/sessions', 'queue_ambiguous', { method: 'POST', form: 'queueKey=q_bank&queueKey=q_open' }],
    ['/sessions', 'request_malformed', post('{"queueKey":"q_open","queueKey":"q_bank"}')],
    ['/sessions', 'request_malformed', post('{"queueKey":["q_bank"]}')],
    ['/sessions', 'request_malformed', post('not json')],
    ['/sessions', 'request_malformed', post('{"queueKey":"q_bank\\ud800"}')],
    ['/sessions?queueKey=q_open', 'queue_ambiguous', post('{"queueKey":"q_bank"}')],
    ['/sessions.json', 'path_ambiguous', post('{"queueKey":"q_bank"}')],
    ['/sessions', 'none', post('{"x":1}')],
    ['/sessions', 'none', post('')],
    ['/messages', 'none', post('{"queueKey":"q_bank"}')],
  ]);
  for (const [method, target, needed] of [
    ['POST', '/sessions', true],
    ['POST', '/Sessions/', true],
    ['POST', '/sessions.json', true],
    ['POST', '/s%C3%A9ssions', true],
    ['GET', '/sessions', false],
    ['POST', '/sessions/1', false],
  ] as const) {
    assert.equal(resolver.needsBody(method, readAddress(target)), needed, `${method} ${target}`);
  }
  assert.equal(resolverOf().needsBody('POST', readAddress('/sessions')), false);
});

test('resolving without the body that a rule reads is a mistake of the caller', () => {
  const resolver = resolverOf({ queueRules: [ruleOf({ body: 'queueKey' })] });
  assert.throws(
    () => resolver.resolve({ method: 'POST', address: readAddress('/'), rawHeaders: [] }),
    TypeError,
  );
});

test('a rule that configuration should have refused is a TypeError', () => {
  const config = { customers: ONE_CUSTOMER, queueRules: [], unknownQueues: 'open' } as const;
  for (const rule of [
    ruleOf({}),
    ruleOf({ path: '/x' }),
    ruleOf({ path: '/x/*queueKey' }),
    ruleOf({ path: '/a(b)', query: 'q' }),
  ]) {
    assert.throws(() => createQueueResolver({ ...config, queueRules: [rule] }), TypeError);
  }
});
