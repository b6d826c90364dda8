import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createParameterReader } from '../../src/queues/parameters.ts';
import { assertRefused } from './queue-fixtures.ts';

const read = createParameterReader(['queueKey', 'customerKey']);

test('every spelling of a name that some server accepts is read', () => {
  const spellings = [
    'queueKey',
    'QUEUEKEY',
    'queuekey',
    '%71ueueKey',
    'queue%4bey',
    '%2571ueueKey',
    '%u0071ueueKey',
    '%c1%b1ueueKey',
    '%e0%81%b1ueueKey',
  ];
  spellings.push(
    'queueKey[]',
    'queueKey%5B%5D',
    'queueKey[0]',
    'queueKey[a][b]',
    'queueKey[',
    '[queueKey]',
    '[queueKey][]',
    '+queueKey',
    'queueKey+',
    '%20queueKey%09',
    '?queueKey',
  );
  spellings.push(
    'queueKey%00',
    'queueKey%00x',
    'queue%00Key',
    '%EF%BB%BFqueueKey',
    'queue%E2%80%8BKey',
    'queue%E2%84%AAey',
    '%EF%BD%91ueueKey',
    'queue%ffKey',
    '%25%37%31ueueKey',
  );
  for (const name of spellings) {
    for (const text of [`${name}=q`, `a=b&${name}=q&c`, `a;${name}=q`, `a=b&amp;${name}=q`]) {
      assert.deepEqual(read(text).get('queueKey'), ['q'], text);
    }
  }
});

test('a name that only resembles the wanted one is not read', () => {
  for (const name of [
    'queue',
    'queueKey2',
    'myqueueKey',
    'queue_Key',
    'a[queueKey]',
    'queue-key',
    'x%3DqueueKey',
  ]) {
    assert.equal(read(`${name}=q`).size, 0, name);
  }
  assert.equal(read('queueKey').size, 0);
});

test('a wanted name with an underscore is found in the spellings that PHP turns into it', () => {
  const php = createParameterReader(['queue_key']);
  for (const name of [
    'queue_key',
    'queue.key',
    'queue+key',
    'queue%20key',
    'queue[key',
    'Queue%5Bkey',
    'queue%2ekey',
    'queue%2520key',
  ]) {
    assert.deepEqual(php(`${name}=q`).get('queue_key'), ['q'], name);
  }
});

test('a wanted name of odd characters is found', () => {
  for (const name of ['q-k', 'q$k', 'kø', 'q*(k']) {
    assert.deepEqual(
      createParameterReader([name])(`a=1&${encodeURIComponent(name)}=q`).get(name),
      ['q'],
      name,
    );
  }
});

test('all values are returned, decoded, in order', () => {
  const found = read('queueKey=a&QueueKey[]=b+c&x=1&queueKey=%C3%A5&customerKey=7&queueKey=');
  assert.deepEqual(found.get('queueKey'), ['a', 'b c', 'å', '']);
  assert.deepEqual(found.get('customerKey'), ['7']);
});

test('a semicolon gives both of its readings', () => {
  assert.deepEqual(read('queueKey=a;b=c').get('queueKey'), ['a;b=c', 'a']);
  assert.deepEqual(read('queueKey=a;queueKey=b').get('queueKey'), ['a;queueKey=b', 'a', 'b']);
  assert.deepEqual(read('x=1;queueKey=b').get('queueKey'), ['b']);
});

test('a wanted value that is not percent-encoded UTF-8 is request_malformed, another value is not looked at', () => {
  for (const value of ['%', '%zz', '%ff', '%c0%af', '%u0071', '%e5', '%ed%a0%80']) {
    assertRefused(() => read(`queueKey=${value}`), 'request_malformed', value);
    assert.equal(read(`x=${value}`).size, 0);
  }
});

test('a long text is read in bounded time', () => {
  for (const piece of [
    'queueKey=a&',
    'queueKey;',
    '%25',
    '%71',
    '[',
    '+',
    'a;',
    'queueKey[',
    '%2525=&',
    '%c1%b1',
    '?',
    'queueKe',
  ]) {
    // of this process: a busy machine takes the clock's time, not this
    const start = process.cpuUsage();
    read(piece.repeat(Math.floor(65_536 / piece.length)));
    assert.ok(process.cpuUsage(start).user < 500_000, piece);
  }
});
