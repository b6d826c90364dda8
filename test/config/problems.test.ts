import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConfigError, resolveConfig } from '../../src/config/config.ts';
import { gatewayOptionsSchema, type GatewayOptions } from '../../src/config/options.ts';
import { formatPath } from '../../src/config/problems.ts';
import { development, fourLines, fullForm, placesOf, problemsOf, production } from './examples.ts';

/** A value that must turn up in no message, in every form in which it may be planted. */
const CANARY = 'CANARY0secret';

function messageOf(options: unknown, context = development): string {
  try {
    resolveConfig(options as GatewayOptions, context);
    return '';
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return `${error.message}\n${JSON.stringify(error.problems)}\n${String(error.stack)}`;
  }
}

test('all problems are told at once, of the shape and of the meaning, deep and flat', () => {
  const places = placesOf(
    {
      publicUrl: 'http://chat.example.no',
      upstream: { url: 'ftp://x', timeoutMS: 3 },
      headerPrefix: 'X',
      port: 'eighty',
      trustProxy: true,
      unknownQueues: 'opne',
      sessionSecret: 'short',
      sealKey: 'short',
      customers: [
        {
          customerKey: '1',
          returnOrigins: ['https://*.bank.example'],
          connections: [
            {
              authConnectionName: 'A',
              authEndpoint: 'http://provider.example',
              authMapping: { name: { MapType: 'Nickname' }, nin: { MapType: 'ChatId' } },
            },
          ],
          queues: [{ queueKey: 'q', authConnectionName: 'B' }, { queueKey: ' Q ' }, { queuekey: 'x' }],
        },
        { customerKey: '1', connections: 5 },
      ],
      queueRules: [{ path: '/x/*' }, { path: '/x' }],
    },
    production,
  );
  assert.deepEqual(
    [...places].sort(),
    [
      'customers[0].connections[0].authClientId',
      'customers[0].connections[0].authEndpoint',
      'customers[0].connections[0].authMapping.name.MapType',
      'customers[0].connections[0].authMapping.nin',
      'customers[0].queues[0].authConnectionName',
      'customers[0].queues[1].queueKey',
      'customers[0].queues[2].queueKey',
      'customers[0].queues[2].queuekey',
      'customers[0].returnOrigins[0]',
      'customers[1].connections',
      'customers[1].customerKey',
      'headerPrefix',
      'port',
      'publicUrl',
      'queueRules[0].path',
      'queueRules[1]',
      'redisUrl',
      'sealKey',
      'sessionSecret',
      'trustProxy',
      'unknownQueues',
      'upstream.timeoutMS',
      'upstream.url',
    ].sort(),
  );
});

test('the message has a line for each problem: place, expectation, cure', () => {
  const message = messageOf({ ...fourLines, authMapping: { name: { MapType: 'Nickname' } }, publicURL: 'x' });
  assert.match(message, /^The configuration has 2 problems:$/m);
  assert.match(
    message,
    /^ {2}authMapping\.name\.MapType: expected one of "Variable", "ChatId", "NickName" \(did you mean "NickName"\?\)$/m,
  );
  assert.match(message, /^ {2}publicURL: expected a known key \(did you mean "publicUrl"\?\)$/m);
});

const typos: readonly [string, object, string][] = [
  ['authClientID', { authClientID: 'x' }, 'authClientId'],
  ['AUTH_CLIENT_SECRET', { AUTH_CLIENT_SECRET: 'x' }, 'authClientSecret'],
  ['upstream.timeout', { upstream: { url: 'http://h', timeout: 1 } }, 'timeoutMs'],
  ['session.cookiename', { session: { cookiename: 'x' } }, 'cookieName'],
  ['queueRules[0].quary', { queueRules: [{ quary: 'x' }] }, 'query'],
  ['authMapping.name.mapType', { authMapping: { name: { mapType: 'ChatId' } } }, 'MapType'],
  ['authDecryptionKeys.key', { authDecryptionKeys: { keys: [], key: 1 } }, 'keys'],
  ['unknownQueues', { unknownQueues: 'refused' }, 'refuse'],
  ['logLevel', { logLevel: 'warning' }, 'warn'],
  ['authTokenAuthMethod', { authTokenAuthMethod: 'client-secret-post' }, 'client_secret_post'],
  ['codeRedemption', { codeRedemption: 'queueEntry' }, 'queue-entry'],
  ['preset', { preset: 'puzzel' }, 'puzzel-v1'],
  ['authPrompt', { authPrompt: 'nonee' }, 'none'],
  ['queueRules[0].method', { queueRules: [{ method: 'PSOT', query: 'q' }] }, 'POST'],
];
for (const [place, options, meant] of typos) {
  test(`a slip in ${place} is met with "did you mean ${meant}"`, () => {
    const problem = problemsOf({ ...fourLines, ...options }).find(({ path }) => path === place);
    assert.equal(problem?.hint, `did you mean "${meant}"?`);
  });
}

test('a name that resembles none is answered with the known ones', () => {
  const [problem] = problemsOf({ ...fourLines, session: { zebra: 1 } });
  assert.equal(problem?.hint, 'known are: cookieName, idleSeconds, absoluteSeconds');
});

test('no wrong value of any key is ever printed', () => {
  const wrongValues: readonly unknown[] = [
    CANARY,
    `http://${CANARY}@host.example/?${CANARY}#${CANARY}`,
    `${CANARY} ${CANARY}\n\u0000é`,
    [CANARY, [CANARY]],
    { kty: CANARY, d: CANARY, keys: [{ kty: 'RSA', d: CANARY }] },
    [{ kty: 'RSA', d: CANARY }, { kty: CANARY }],
    `${CANARY},${CANARY}`,
    `{"k":"${CANARY}"`,
  ];
  for (const key of Object.keys(gatewayOptionsSchema.shape)) {
    for (const value of wrongValues) {
      for (const base of [fourLines, fullForm]) {
        for (const context of [development, production]) {
          const message = messageOf({ ...base, [key]: value }, context);
          assert.ok(!message.toLowerCase().includes(CANARY.toLowerCase()), `${key}: ${message}`);
        }
      }
    }
  }
});

test('no wrong value inside customers, rules, upstream and session is printed', () => {
  const message = messageOf({
    upstream: { url: CANARY, timeoutMs: CANARY },
    session: { cookieName: `${CANARY}=;`, idleSeconds: CANARY },
    queueRules: [{ path: `/${CANARY}/*`, query: 1 }, { method: CANARY, header: `${CANARY} x` }, CANARY],
    customers: [
      {
        customerKey: 5,
        returnOrigins: `${CANARY},https://x.example/${CANARY}`,
        connections: [
          {
            authConnectionName: [CANARY],
            authClientSecret: [CANARY],
            authEndpoint: `http://${CANARY}.example`,
            authPrompt: CANARY,
            authScope: `"${CANARY}"`,
            authMapping: { a: { MapType: CANARY, Description: [CANARY] } },
            authRequestSigningKey: { kty: 'oct', k: CANARY },
          },
          CANARY,
        ],
        queues: [{ queueKey: 'q', authConnectionName: CANARY }],
      },
      CANARY,
    ],
  });
  assert.match(message, /problems/);
  assert.ok(!message.toLowerCase().includes(CANARY.toLowerCase()), message);
});

test('secrets that are right are not printed when something else is wrong', () => {
  const message = messageOf(
    {
      ...fourLines,
      port: -1,
      sessionSecret: `${CANARY}-0987654321-qwertyuiop-zxcv`,
      sealKey: CANARY,
      redisUrl: `redis://:${CANARY}@h`,
      authClientSecret: CANARY,
    },
    production,
  );
  assert.ok(!message.includes(CANARY), message);
});

test('the warnings hold no secret', () => {
  const config = resolveConfig(
    {
      ...fourLines,
      preset: 'puzzel-v1',
      redisUrl: `rediss://:${CANARY}@h`,
      redisTlsRejectUnauthorized: false,
      sessionSecret: `${CANARY}-0987654321-qwertyuiop-zxcv`,
      authClientSecret: CANARY,
    },
    development,
  );
  assert.ok(!JSON.stringify(config.warnings).includes(CANARY));
});

test('a long or odd unknown key is cut and made ASCII', () => {
  assert.equal(
    formatPath(['a', 0, 'b.c', 'x'.repeat(41), 'ø"\n']),
    'a[0]["b.c"]["xxxxxxxxxxxx..."]["?\\"\\n"]',
  );
  assert.equal(formatPath([]), 'options');
});

const polluters = [
  '{"__proto__":{"polluted":1}}',
  '{"authMapping":{"__proto__":{"MapType":"Variable"}}}',
  '{"session":{"__proto__":{"idleSeconds":1}}}',
  '{"customers":[{"__proto__":{"polluted":1}}]}',
];
for (const text of polluters) {
  test(`the key __proto__ is refused and pollutes nothing: ${text}`, () => {
    const options = JSON.parse(text) as object;
    const places = placesOf({
      ...fourLines,
      ...options,
      ...(text.startsWith('{"__proto__') ? { ['__proto__']: 1 } : {}),
    });
    assert.ok(
      places.some((place) => place.endsWith('__proto__')),
      places.join(),
    );
    assert.equal(Reflect.get({}, 'polluted'), undefined);
    assert.equal(Reflect.get({}, 'MapType'), undefined);
  });
}

test('claims named like members of Object are ordinary claims', () => {
  const authMapping = Object.fromEntries(
    ['constructor', 'hasOwnProperty', 'toString'].map((claim) => [claim, { MapType: 'Variable' as const }]),
  );
  const config = resolveConfig({ ...fourLines, authMapping }, development);
  assert.deepEqual(
    config.customers[0]?.connections[0]?.mapping.map(({ claim }) => claim),
    ['constructor', 'hasOwnProperty', 'toString'],
  );
});

test('whatever is given, the answer is a configuration or a ConfigError', () => {
  const keys = Object.keys(gatewayOptionsSchema.shape);
  const options = fc.dictionary(fc.constantFrom(...keys), fc.jsonValue({ maxDepth: 4 }), { maxKeys: 12 });
  fc.assert(
    fc.property(fc.oneof(options, fc.jsonValue()), (value) => {
      try {
        resolveConfig(value as GatewayOptions, development);
      } catch (error) {
        assert.ok(error instanceof ConfigError, String(error));
      }
    }),
    { numRuns: 300 },
  );
});

test('the problems of an error are frozen', () => {
  const problems = problemsOf({});
  assert.ok(Object.isFrozen(problems) && problems.every((problem) => Object.isFrozen(problem)));
});
