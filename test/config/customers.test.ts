import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { resolveConfig } from '../../src/config/config.ts';
import { foldQueueKey } from '../../src/config/fold-queue-key.ts';
import { fourLines, placesOf, problemsOf, resolved } from './examples.ts';
import { anyCodePoint } from '../support/any-code-point.ts';

const connection = {
  authConnectionName: 'A',
  authClientId: 'c',
  authEndpoint: 'https://p.example',
  authMapping: {},
};
const other = { ...connection, authConnectionName: 'B' };

function withCustomers(...customers: object[]): object {
  return { upstream: 'http://h', customers };
}

test('a queue that names no connection of its customer is a problem, with the name that was meant', () => {
  const [problem] = problemsOf(
    withCustomers(
      {
        customerKey: '1',
        connections: [{ ...connection, authConnectionName: 'Signicat' }],
        queues: [{ queueKey: 'q', authConnectionName: 'Signicad' }],
      },
      { customerKey: '2', connections: [{ ...connection, authConnectionName: 'Signicad' }] },
    ),
  );
  assert.equal(problem?.path, 'customers[0].queues[0].authConnectionName');
  assert.equal(problem.hint, 'did you mean "Signicat"?');
});

test('a queue of a connection that is itself broken is no second problem', () => {
  const places = placesOf(
    withCustomers({
      customerKey: '1',
      connections: [{ ...connection, authConnectionName: 7 }],
      queues: [{ queueKey: 'q', authConnectionName: 'A' }],
    }),
  );
  assert.deepEqual(places, ['customers[0].connections[0].authConnectionName']);
});

const secure = (requiredAcrValues: unknown) =>
  withCustomers({
    customerKey: '1',
    connections: [connection],
    queues: [{ queueKey: 'q', authConnectionName: 'A', requiredAcrValues }],
  });

test('requiredAcrValues is a list or one text with blanks, each value once', () => {
  for (const written of ['idp:nbid  idp:sbid idp:nbid', ['idp:nbid', 'idp:sbid'], ['idp:nbid idp:sbid']]) {
    const config = resolveConfig(secure(written), { production: false, face: 'gateway' });
    const [queue] = config.customers[0]!.queues;
    assert.deepEqual(queue!.requiredAcrValues, ['idp:nbid', 'idp:sbid']);
  }
});

test('a demand that nothing could check is a problem', () => {
  const place = 'customers[0].queues[0].requiredAcrValues';
  for (const written of ['', ' ', []]) assert.deepEqual(placesOf(secure(written)), [place]);
  assert.deepEqual(
    placesOf(
      withCustomers({
        customerKey: '1',
        connections: [connection],
        queues: [{ queueKey: 'q', requiredAcrValues: 'idp:nbid' }],
      }),
    ),
    [place],
  );
});

test('several connections of a customer serve their own queues', () => {
  const config = resolved({
    ...Object.fromEntries(Object.keys(fourLines).map((key) => [key, undefined])),
    upstream: 'http://h',
    customers: [
      {
        customerKey: '1',
        connections: [connection, other],
        queues: [
          { queueKey: 'a', authConnectionName: 'A' },
          { queueKey: 'b', authConnectionName: 'B' },
        ],
      },
    ],
  });
  assert.deepEqual(
    config.customers[0]?.queues.map((queue) => queue.connection?.name),
    ['A', 'B'],
  );
});

const repeats: readonly [string, object, string[]][] = [
  [
    'a customer key',
    withCustomers({ customerKey: '1', connections: [] }, { customerKey: ' 1', connections: [] }),
    ['customers[1].customerKey'],
  ],
  [
    'a connection name within a customer',
    withCustomers({ customerKey: '1', connections: [connection, connection] }),
    ['customers[0].connections[1].authConnectionName'],
  ],
  [
    'a connection name of two customers',
    withCustomers(
      { customerKey: '1', connections: [connection] },
      { customerKey: '2', connections: [connection] },
    ),
    [],
  ],
  [
    'a queue key in another case',
    withCustomers({
      customerKey: '1',
      connections: [],
      queues: [{ queueKey: 'Bank' }, { queueKey: 'x' }, { queueKey: 'bANK ' }],
    }),
    ['customers[0].queues[2].queueKey'],
  ],
  [
    'a queue key in full width',
    withCustomers({
      customerKey: '1',
      connections: [],
      queues: [{ queueKey: 'bank' }, { queueKey: 'ｂａｎｋ' }],
    }),
    ['customers[0].queues[1].queueKey'],
  ],
  [
    'a queue key of two customers',
    withCustomers(
      { customerKey: '1', connections: [], queues: [{ queueKey: 'q' }] },
      { customerKey: '2', connections: [], queues: [{ queueKey: 'q' }] },
    ),
    [],
  ],
  ['a secure queue of the four-line form', { ...fourLines, secureQueues: 'q, Q' }, ['secureQueues[1]']],
];
for (const [what, options, places] of repeats) {
  test(`${what} may ${places.length === 0 ? '' : 'not '}stand twice`, () => {
    assert.deepEqual(placesOf(options), places);
  });
}

test('the four-line form and customers do not mix, and every key too many is named', () => {
  const places = placesOf({
    ...fourLines,
    returnOrigins: [],
    customers: [{ customerKey: '1', connections: [connection] }],
  });
  assert.deepEqual(places.sort(), [
    'authClientId',
    'authConnectionName',
    'authEndpoint',
    'authMapping',
    'returnOrigins',
    'secureQueues',
  ]);
});

test('one of the four lines calls for the others', () => {
  assert.deepEqual(placesOf({ upstream: 'http://h', secureQueues: 'q' }).sort(), [
    'authClientId',
    'authConnectionName',
    'authEndpoint',
  ]);
  assert.deepEqual(placesOf({ ...fourLines, authClientId: '' }), ['authClientId']);
});

test('an empty list of customers is a plain proxy, with a warning', () => {
  const nothing = Object.fromEntries(Object.keys(fourLines).map((key) => [key, undefined]));
  const config = resolved({ ...nothing, upstream: 'http://h', customers: [] });
  assert.deepEqual(config.customers, []);
  assert.ok(
    config.warnings.some((warning) => warning.startsWith('customers[].queues names no secure queue')),
  );
});

const prompts: readonly [unknown, string | undefined][] = [
  [undefined, 'none'],
  ['none', 'none'],
  ['', undefined],
  ['  ', undefined],
  ['off', undefined],
  ['OFF', undefined],
  [false, undefined],
  [null, undefined],
  ['login', 'login'],
  ['consent  login', 'consent login'],
  ['select_account', 'select_account'],
];
for (const [written, prompt] of prompts) {
  test(`authPrompt ${JSON.stringify(written)} asks with ${prompt ?? 'no prompt'}`, () => {
    assert.equal(resolved({ authPrompt: written }).customers[0]?.connections[0]?.prompt, prompt);
  });
}
for (const written of ['none login', 'always', true, 1]) {
  test(`authPrompt ${JSON.stringify(written)} is a problem`, () => {
    assert.deepEqual(placesOf({ ...fourLines, authPrompt: written }), ['authPrompt']);
  });
}

const scopes: readonly [string, string][] = [
  ['openid profile', 'openid profile'],
  ['profile nin', 'openid profile nin'],
  ['  profile   openid profile ', 'profile openid'],
  ['signicat.national_id', 'openid signicat.national_id'],
];
for (const [written, scope] of scopes) {
  test(`authScope ${JSON.stringify(written)} asks for ${scope}`, () => {
    assert.equal(resolved({ authScope: written }).customers[0]?.connections[0]?.scope, scope);
  });
}
test('a scope with quotes or letters outside ASCII is a problem', () => {
  for (const authScope of ['"openid"', 'a\\b', 'øpenid']) {
    assert.deepEqual(placesOf({ ...fourLines, authScope }), ['authScope'], authScope);
  }
});

const jwks: readonly [string, object, string[]][] = [
  ['a public RSA key', { authDecryptionKeys: [{ kty: 'RSA', n: 'n', e: 'e' }] }, ['authDecryptionKeys[0]']],
  [
    'a public EC key in a set',
    { authDecryptionKeys: { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }] } },
    ['authDecryptionKeys.keys[0]'],
  ],
  ['a symmetric decryption key', { authDecryptionKeys: [{ kty: 'oct', k: 'k' }] }, []],
  [
    'a symmetric signing key',
    { authRequestSigningKey: { kty: 'oct', k: 'k' } },
    ['authRequestSigningKey.kty'],
  ],
  [
    'a signing key without d',
    { authRequestSigningKey: { kty: 'OKP', crv: 'Ed25519', x: 'x' } },
    ['authRequestSigningKey'],
  ],
  ['an unknown key type', { authRequestSigningKey: { kty: 'rsa' } }, ['authRequestSigningKey.kty']],
  ['a key without type', { authDecryptionKeys: [{}] }, ['authDecryptionKeys[0].kty']],
  ['a key as text', { authDecryptionKeys: 'x' }, ['authDecryptionKeys']],
];
for (const [what, options, places] of jwks) {
  test(`${what} is ${places.length === 0 ? 'taken' : `a problem of ${places.join()}`}`, () => {
    assert.deepEqual(placesOf({ ...fourLines, ...options }), places);
  });
}

test('queue keys fold once: case, outer blanks and compatibility forms', () => {
  assert.equal(foldQueueKey('  Q_Bank\t'), 'q_bank');
  assert.equal(foldQueueKey('ＢＡＮＫ\u3000'), 'bank');
  assert.equal(foldQueueKey('Å'), foldQueueKey('a\u030a'));
});

test('folding a queue key twice changes nothing', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: anyCodePoint }),
      (key) => foldQueueKey(foldQueueKey(key)) === foldQueueKey(key),
    ),
    { numRuns: 2000 },
  );
});
