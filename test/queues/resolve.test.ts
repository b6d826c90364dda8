import { test } from 'node:test';
import { assertOutcomes, customerOf, resolverOf, ruleOf } from './queue-fixtures.ts';

test('by default the path and the query name the queue', () => {
  assertOutcomes(resolverOf(), [
    ['/queues/q_bank', 'secure:q_bank'],
    ['/queues/q_bank/', 'secure:q_bank'],
    ['/queues/q_bank/messages/1', 'secure:q_bank'],
    ['/QUEUES/Q_BANK', 'secure:q_bank'],
    ['/%71ueues/%71_bank', 'secure:q_bank'],
    ['/queues/q_open', 'open:q_open'],
    ['/anything?queueKey=q_bank', 'secure:q_bank'],
    ['/?queueKey=q_open', 'open:q_open'],
    ['/queues/q_bank', 'secure:q_bank', { method: 'DELETE' }],
    ['/queues/q_bank', 'secure:q_bank', { method: 'OPTIONS' }],
    ['/queues', 'none'],
    ['/queues/', 'none'],
    ['/', 'none'],
    ['/x/queues/q_bank', 'none'],
    ['/queuesx/q_bank', 'none'],
    ['/static/app.min.js?v=1', 'none'],
  ]);
});

test('path rules see the path only, by whole segments', () => {
  assertOutcomes(resolverOf(), [
    ['/queues/q_bank?x=/queues/q_open', 'secure:q_bank'],
    ['/queues/q_open?x=/queues/q_bank', 'open:q_open'],
    ['/x?/queues/q_bank', 'none'],
    ['/queues/q_bank#/queues/q_open', 'request_malformed'],
    ['/queues/q_bank%23/queues/q_open', 'path_ambiguous'],
    ['/queues/q_bank%3Fx', 'path_ambiguous'],
    ['/x%3F/queues/q_bank', 'none'],
    ['/queues/q_banker', 'none'],
  ]);
});

test('all rules that match are read, and two different answers are queue_ambiguous', () => {
  assertOutcomes(resolverOf(), [
    ['/queues/q_bank?queueKey=q_bank', 'secure:q_bank'],
    ['/queues/q_bank?queueKey=Q_BANK+', 'secure:q_bank'],
    ['/queues/q_bank?queueKey=q_open', 'queue_ambiguous'],
    ['/queues/q_open?queueKey=q_bank', 'queue_ambiguous'],
    ['/queues/q_bank?queueKey=unknown', 'queue_ambiguous'],
    ['/queues/unknown?queueKey=q_bank', 'queue_ambiguous'],
    ['/queues/unknown?queueKey=other', 'queue_ambiguous'],
    ['/x?queueKey=q_open&queueKey=q_bank', 'queue_ambiguous'],
    ['/x?queueKey=q_bank&queueKey=q_bank', 'secure:q_bank'],
    ['/x?queueKey=q_open&queueKey[]=q_bank', 'queue_ambiguous'],
    ['/x?queueKey=q_open&QUEUEKEY=q_bank', 'queue_ambiguous'],
    ['/x?queueKey=q_open&%71ueueKey=q_bank', 'queue_ambiguous'],
    ['/x?queueKey=q_open;queueKey=q_bank', 'queue_ambiguous'],
    ['/x?queueKey=q_bank;a=b', 'queue_ambiguous'],
    ['/x?a=b;queueKey=q_bank', 'secure:q_bank'],
    ['/x?queueKey=&queueKey=q_bank', 'secure:q_bank'],
  ]);
});

test('queue keys match without regard to case and outer blanks', () => {
  const padded = [customerOf('1', { ' Q_Bank ': 'A', Kø: 'A', 'with blank': 'A', 'a.b': 'A' })];
  const resolver = resolverOf({ customers: padded });
  assertOutcomes(resolver, [
    ['/queues/q_bank', 'secure: Q_Bank '],
    ['/queues/%20Q_BANK', 'secure: Q_Bank '],
    ['/x?queueKey=%20q_bank%09', 'secure: Q_Bank '],
    ['/x?queueKey=+Q_Bank+', 'secure: Q_Bank '],
    ['/x?queueKey=%EF%BD%91_bank', 'secure: Q_Bank '],
    ['/queues/K%C3%98', 'secure:Kø'],
    ['/queues/k%c3%b8', 'secure:Kø'],
    ['/queues/With%20Blank', 'secure:with blank'],
    ['/x?queueKey=with+blank', 'secure:with blank'],
    ['/queues/a.b', 'secure:a.b'],
    ['/x?queueKey=', 'none'],
    ['/x?queueKey=+', 'none'],
    ['/x?queueKey', 'none'],
  ]);
});

test('an unknown queue follows unknownQueues', () => {
  assertOutcomes(resolverOf({ unknownQueues: 'open' }), [
    ['/queues/other', 'none'],
    ['/x?queueKey=other', 'none'],
  ]);
  assertOutcomes(resolverOf({ unknownQueues: 'refuse' }), [
    ['/queues/other', 'queue_refused'],
    ['/x?queueKey=other', 'queue_refused'],
    ['/queues/q_open', 'open:q_open'],
    ['/queues/q_bank', 'secure:q_bank'],
    ['/x', 'none'],
  ]);
});

test('a key that a less exact server takes for a secure queue is refused, known or unknown queues alike', () => {
  for (const unknownQueues of ['open', 'refuse'] as const) {
    assertOutcomes(resolverOf({ unknownQueues }), [
      ['/x?queueKey=q_b%C3%A1nk', 'queue_ambiguous'],
      ['/x?queueKey=q_%E2%80%8Bbank', 'queue_ambiguous'],
      ['/x?queueKey=q_ban%CC%81k', 'queue_ambiguous'],
      ['/x?queueKey=q_bank%2B', 'queue_ambiguous'],
      ['/queues/q_bank+', 'queue_ambiguous'],
      ['/queues/q_b%C3%A1nk', 'queue_ambiguous'],
    ]);
  }
  assertOutcomes(resolverOf(), [
    ['/x?queueKey=q_%C3%B8pen', 'none'],
    ['/x?queueKey=k%C3%B8', 'none'],
  ]);
});

test('a configured key is itself, even where a less exact server could take it for another', () => {
  const resolver = resolverOf({
    customers: [customerOf('1', { q: 'A', 'q.a': 'B', 'q+': undefined, qø: 'C', qo: 'D' })],
  });
  assertOutcomes(resolver, [
    ['/queues/q.a', 'secure:q.a'],
    ['/queues/q', 'secure:q'],
    ['/queues/q+', 'open:q+'],
    ['/queues/q%C3%B8', 'secure:qø'],
    ['/queues/qo', 'secure:qo'],
    ['/queues/q.b', 'path_ambiguous'],
  ]);
});

test('Turkish letters and rare blanks count as what a less exact server makes of them', () => {
  const resolver = resolverOf({ customers: [customerOf('1', { 'my line': 'A' })] });
  assertOutcomes(resolver, [
    ['/x?queueKey=my+l%C4%B1ne', 'queue_ambiguous'],
    ['/x?queueKey=my%E1%9A%80line', 'queue_ambiguous'],
  ]);
});

test('a less exact reading that leads to the queue that was found is no other answer', () => {
  assertOutcomes(resolverOf(), [
    ['/qu%C3%A9ues/q_bank?queueKey=q_bank', 'secure:q_bank'],
    ['/qu%C3%A9ues/q_bank?queueKey=q_vip', 'path_ambiguous'],
  ]);
});

test('a key that no server should be given is request_malformed', () => {
  assertOutcomes(
    resolverOf(),
    ['q_bank%00', 'q_bank%00x', '%2571_bank', '%25u0071_bank', '%u0071_bank', '%ff', '%C2%85x', 'q%0Ab'].map(
      (value) => [`/x?queueKey=${value}`, 'request_malformed'] as const,
    ),
  );
});

test('a path that a less exact server reads as that of a secure queue is path_ambiguous', () => {
  const rules = [
    ruleOf({ path: '/queues/:queueKey{/*rest}' }),
    ruleOf({ path: '/vip{/*rest}', queueKey: 'q_vip' }),
    ruleOf({ path: '/enter', query: 'queueKey' }),
  ];
  assertOutcomes(resolverOf({ queueRules: rules }), [
    ['/queues/q_bank.json', 'path_ambiguous'],
    ['/queues/q_open.json', 'none'],
    ['/queues/other.json', 'none'],
    ['/queues/q_bank/photo.json', 'secure:q_bank'],
    ['/%EF%BD%91ueues/q_bank', 'path_ambiguous'],
    ['/qu%C3%A9ues/q_bank', 'path_ambiguous'],
    ['/qu%C3%A9ues/q_open', 'none'],
    ['/%20queues/q_bank', 'path_ambiguous'],
    ['/+queues/q_bank', 'path_ambiguous'],
    ['/vip.json', 'path_ambiguous'],
    ['/vip%3Fa', 'path_ambiguous'],
    ['/v%C3%ADp/x', 'path_ambiguous'],
    ['/vip/x.json', 'secure:q_vip'],
    ['/enter.json?queueKey=q_bank', 'path_ambiguous'],
    ['/enter.json?queueKey=q_open', 'none'],
    ['/wiki/k%C3%B8.html?x=%C3%B8', 'none'],
  ]);
});
