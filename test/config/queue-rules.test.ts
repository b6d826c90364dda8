import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fourLines, placesOf, resolved } from './examples.ts';

const rules: readonly [string, object, string][] = [
  ['a path with :queueKey', { path: '/queues/:queueKey{/*rest}' }, ''],
  ['a path with :customerKey and :queueKey', { path: '/:customerKey/:queueKey' }, ''],
  ['an optional :queueKey', { path: '/chat{/:queueKey}' }, ''],
  ['a query on any path', { query: 'queueKey' }, ''],
  ['a header', { header: 'X-Queue' }, ''],
  ['a body with method and path', { method: 'post', path: '/sessions', body: 'queueKey' }, ''],
  ['a fixed queue', { path: '/vip{/*rest}', queueKey: 'q_bank' }, ''],
  ['no source at all', {}, ''.padEnd(0) + 'queueRules[0]'],
  ['a path without :queueKey', { path: '/queues' }, 'queueRules[0]'],
  ['two sources', { query: 'a', body: 'b' }, 'queueRules[0]'],
  ['a source beside :queueKey', { path: '/:queueKey', queueKey: 'q_bank' }, 'queueRules[0]'],
  ['a path of Express 4', { path: '/queues/*' }, 'queueRules[0].path'],
  ['an open brace', { path: '/queues{/a', query: 'q' }, 'queueRules[0].path'],
  ['a relative path', { path: 'queues/:queueKey' }, 'queueRules[0].path'],
  ['a wildcard that takes several segments', { path: '/queues/*queueKey', query: 'q' }, 'queueRules[0].path'],
  ['a method that HTTP does not have', { method: 'FETCH', query: 'q' }, 'queueRules[0].method'],
  ['a header that is no name', { header: 'x queue' }, 'queueRules[0].header'],
  ['a header that is stripped', { header: 'x_secure.chat-queue' }, 'queueRules[0].header'],
  ['an unknown key', { query: 'q', cookie: 'q' }, 'queueRules[0].cookie'],
];
for (const [what, rule, place] of rules) {
  test(`a rule with ${what} is ${place === '' ? 'taken' : `a problem of ${place}`}`, () => {
    assert.deepEqual(placesOf({ ...fourLines, queueRules: [rule] }), place === '' ? [] : [place]);
  });
}

test('methods are upper case, header names lower case', () => {
  const [rule] = resolved({ queueRules: [{ method: 'post', header: 'X-Queue' }] }).queueRules;
  assert.equal(rule?.method, 'POST');
  assert.equal(rule.header, 'x-queue');
});

test('an empty list of rules is taken as written', () => {
  assert.deepEqual(resolved({ queueRules: [] }).queueRules, []);
});

test('a fixed queue is known by its folded key', () => {
  const about = (queueKey: string) =>
    resolved({ queueRules: [{ queueKey }] }).warnings.filter((warning) => warning.startsWith('queueRules'));
  assert.deepEqual(about(' Q_BANK '), []);
  assert.equal(about('q_vip').length, 1);
});
