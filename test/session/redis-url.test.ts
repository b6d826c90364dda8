import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRedisUrl } from '../../src/session/redis-url.ts';

const addresses: [string, object][] = [
  ['redis://localhost', { host: 'localhost', port: 6379, db: 0 }],
  ['redis://127.0.0.1:7000/3', { host: '127.0.0.1', port: 7000, db: 3 }],
  ['redis://[::1]:7000', { host: '::1', port: 7000, db: 0 }],
  ['redis://:p%40ss%2F@h:1', { host: 'h', port: 1, password: 'p@ss/', db: 0 }],
  ['redis://user:pass@h/', { host: 'h', port: 6379, username: 'user', password: 'pass', db: 0 }],
  [
    'rediss://:p@h.example:2',
    {
      host: 'h.example',
      port: 2,
      password: 'p',
      db: 0,
      tls: { rejectUnauthorized: true, servername: 'h.example' },
    },
  ],
  ['REDISS://10.0.0.1', { host: '10.0.0.1', port: 6379, db: 0, tls: { rejectUnauthorized: true } }],
];

for (const [url, expected] of addresses) {
  test(`the address ${url} is read`, () => {
    assert.deepEqual(parseRedisUrl(url, true), expected);
  });
}

test('only the explicit option takes an unknown certificate', () => {
  assert.deepEqual(parseRedisUrl('rediss://10.0.0.1', false).tls, { rejectUnauthorized: false });
  assert.equal(parseRedisUrl('redis://10.0.0.1', false).tls, undefined);
});

for (const wrong of [
  '',
  'h:1',
  'http://:canary@h',
  'redis://',
  'redis://:canary@h/x',
  'redis://:canary@h?db=2',
  'redis://:canary@h?enableOfflineQueue=true',
  'redis://:canary@h#x',
  '/tmp/canary.sock',
]) {
  test(`the address ${JSON.stringify(wrong)} is refused without repeating it`, () => {
    assert.throws(
      () => parseRedisUrl(wrong, true),
      (error: unknown) => {
        assert.ok(error instanceof TypeError);
        assert.doesNotMatch(error.message, /canary/);
        return true;
      },
    );
  });
}
