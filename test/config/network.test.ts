import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fourLines, placesOf, problemsOf, production, resolved } from './examples.ts';

const trusted: readonly [unknown, number | string[] | undefined][] = [
  [undefined, undefined],
  [0, undefined],
  ['0', undefined],
  [2, 2],
  [' 1 ', 1],
  ['10.0.0.0/8, loopback', ['10.0.0.0/8', 'loopback']],
  [
    ['2001:db8::/32', 'uniquelocal'],
    ['2001:db8::/32', 'uniquelocal'],
  ],
  [[], undefined],
];
for (const [written, read] of trusted) {
  test(`trustProxy ${JSON.stringify(written)} trusts ${read === undefined ? 'nobody' : JSON.stringify(read)}`, () => {
    assert.deepEqual(resolved({ trustProxy: written }).trustProxy, read);
  });
}
for (const written of [
  true,
  'true',
  'TRUE',
  '*',
  'all',
  '0.0.0.0/0',
  ['::/0'],
  false,
  -1,
  1.5,
  33,
  '33',
  'myproxy',
  ['1'],
  '10.0.0.0/33',
  '10.0.0.0/00',
  '0.0.0.0/0.0.0.0',
  'loopback,evil.example',
]) {
  test(`trustProxy ${JSON.stringify(written)} is a problem`, () => {
    assert.deepEqual(placesOf({ ...fourLines, trustProxy: written }), ['trustProxy']);
  });
}
test('whoever asks to trust everybody is told to name a hop count', () => {
  const [text] = problemsOf({ ...fourLines, trustProxy: 'true' });
  assert.match(text?.hint ?? '', /hop count \(1 on Heroku\)/);
  const [truth] = problemsOf({ ...fourLines, trustProxy: true });
  assert.match(truth?.expected ?? '', /number of hops \(1 on Heroku\)/);
});

const sessionSecret = 'fi5t-9Kx2p-Wm7rQ-z4LtN-v8BsY-c1HjD';
const redis: readonly [string, boolean][] = [
  ['redis://127.0.0.1:6379', true],
  ['rediss://:p%40ss@h.example:6380/2', true],
  ['REDIS://h', true],
  ['http://h', false],
  ['redis:h', false],
  ['redis://', false],
  ['redis://h/name', false],
  ['redis://h?tls=1', false],
  ['redis://h#x', false],
  ['redis://:p%zz@h', false],
  ['h:6379', false],
];
for (const [redisUrl, good] of redis) {
  test(`redisUrl ${redisUrl} is ${good ? 'taken' : 'a problem'}`, () => {
    assert.deepEqual(placesOf({ ...fourLines, sessionSecret, redisUrl }), good ? [] : ['redisUrl']);
  });
}

test('a wrong redisUrl is one problem in production, not two', () => {
  assert.deepEqual(
    placesOf({ ...fourLines, sessionSecret, publicUrl: 'https://x.example', redisUrl: '' }, production),
    ['redisUrl'],
  );
});

test('redisTlsRejectUnauthorized reaches the configuration', () => {
  const config = resolved({ sessionSecret, redisUrl: 'rediss://h', redisTlsRejectUnauthorized: false });
  assert.deepEqual(config.redis, { url: 'rediss://h', tlsRejectUnauthorized: false });
});
