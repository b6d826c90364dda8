import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolved } from './examples.ts';

const warnings: readonly [string, object, RegExp][] = [
  ['no secure queue', { secureQueues: undefined }, /^secureQueues names no secure queue/],
  ['the assumed publicUrl', { port: 4000 }, /^publicUrl is not set: http:\/\/localhost:4000 is used/],
  ['a random session secret', {}, /^sessionSecret is not set/],
  ['state in memory', {}, /^redisUrl is not set/],
  ['metrics that nobody serves', { metricsPort: 9464 }, /^metricsPort is accepted/],
  [
    'an unverified Redis',
    {
      redisUrl: 'rediss://h',
      sessionSecret: 'k3jh5-9d8fg-qwz81-mnb0v-c4x7z-lk6pa',
      redisTlsRejectUnauthorized: false,
    },
    /^redisTlsRejectUnauthorized is false/,
  ],
  ['a missing mapping', { authMapping: undefined }, /^authMapping is not set/],
  ['a public client', {}, /^authClientSecret is not set/],
  [
    'a rule for a queue that is in no list',
    { queueRules: [{ queueKey: 'q_vip' }] },
    /^queueRules\[0\]\.queueKey is in no queues list/,
  ],
];
for (const [what, options, message] of warnings) {
  test(`a warning tells of ${what}`, () => {
    assert.ok(resolved(options).warnings.some((warning) => message.test(warning)));
  });
}

test('an empty mapping is allowed and worth no warning', () => {
  assert.ok(!resolved({ authMapping: {} }).warnings.some((warning) => warning.startsWith('authMapping')));
});
