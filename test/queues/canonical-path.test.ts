import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isGatewayError } from '../../src/errors.ts';
import { readAddress } from '../../src/queues/canonical-path.ts';
import { assertRefused } from './queue-fixtures.ts';

const seed = Number(process.env['FC_SEED'] ?? Date.now() % 2 ** 31);

const HONEST = [
  '/',
  '/queues/q_bank',
  '/queues/q_bank/',
  '/queues/q_bank?',
  '/queues/q_bank?x=/queues/q_open',
  '/a.b/c..d/.well-known/..e/~user/1-2_3',
  '/a!$&\'()*+,=:@b/|^[]{}`<>"x',
  '/a%20b/k%C3%B8/k%c3%b8/%E6%BC%A2/%F0%9F%98%80',
  '/a%3Fb/c%23d/%2Cx%40%3a',
  '/x?a=%zz&b=%00&c=%2e%2e%2f&d=;;&e=\\..//',
  '/x??a?b=?',
];

test('an honest address passes byte for byte', () => {
  for (const target of HONEST) assert.equal(readAddress(target).target, target);
});

test('an honest address made at random passes byte for byte', (t) => {
  t.diagnostic(`seed ${seed}`);
  const letters = fc.constantFrom(
    ..."abzAZ09_~-!$'*,=:@&+".split(''),
    ...'åøæéüß漢字ñ😀'.match(/./gu)!.map(encodeURIComponent),
  );
  const inner = fc.oneof(letters, fc.constantFrom('.', '%20', '%c3%B8', '%3F', '%2c', '%40'));
  const segment = fc
    .tuple(fc.array(inner, { maxLength: 8 }), letters)
    .map(([head, last]) => head.join('') + last)
    .filter((text) => !/:\$/.test(text));
  const query = fc.stringMatching(/^[!"$-~]{0,40}$/).map((text) => `?${text}`);
  fc.assert(
    fc.property(
      fc.array(segment, { maxLength: 5 }),
      fc.constantFrom('', '/'),
      fc.option(query, { nil: '' }),
      (segments, slash, search) => {
        const target = `${segments.map((text) => `/${text}`).join('')}${segments.length === 0 ? '/' : slash}${search}`;
        const address = readAddress(target);
        assert.equal(address.target, target);
        assert.equal(address.query, search.slice(1));
        assert.equal(address.decodedPath, decodeURIComponent(address.path));
      },
    ),
    { numRuns: 2000, seed },
  );
});

test('percent-encoded unreserved characters are decoded, for matching and for forwarding', () => {
  for (const [target, expected] of [
    ['/%71ueues/q%5Fbank', '/queues/q_bank'],
    ['/%41%5a%61%7A%30%39%2d%5f%7E', '/AZaz09-_~'],
    ['/a%2Eb/%71?%71', '/a.b/q?%71'],
    ['/%40%5B%60%7B%2F', undefined],
    ['/%40%5B%60%7B%2c%3a', '/%40%5B%60%7B%2c%3a'],
  ] as const) {
    if (expected === undefined) assertRefused(() => readAddress(target), 'path_ambiguous', target);
    else assert.equal(readAddress(target).target, expected);
  }
});

test('the parts of an address are told apart', () => {
  assert.deepEqual(readAddress('/k%C3%B8/%71?a=%71'), {
    path: '/k%C3%B8/q',
    decodedPath: '/kø/q',
    query: 'a=%71',
    target: '/k%C3%B8/q?a=%71',
  });
});

test('what is no origin form or holds what no address may hold is request_malformed', () => {
  const targets = [
    '',
    '*',
    '?x',
    'queues/q_bank',
    'http://upstream/queues/q_bank',
    'host:443',
    '//x#',
    '\\queues',
  ];
  targets.push(
    '/a#b',
    '/a?b#c',
    '/a b',
    '/a\tb',
    '/a\0',
    '/a\r\n',
    '/a\x7f',
    '/kø',
    '/a?kø',
    '/a?b c',
    '/a?b\0',
    '/\u00a0',
  );
  for (const target of targets)
    assertRefused(() => readAddress(target), 'request_malformed', JSON.stringify(target));
});

test('an escape in the path that is broken or no UTF-8 is request_malformed', () => {
  const targets = [
    '/%',
    '/%7',
    '/%zz',
    '/%u0071',
    '/a%2',
    '/%%32f',
    '/%c0%af',
    '/%c1%b1',
    '/%e0%80%af',
    '/%f0%80%80%af',
  ];
  targets.push('/%ff', '/%ed%a0%80', '/%f4%90%80%80', '/%c3', '/%c3x', '/%80');
  for (const target of targets) assertRefused(() => readAddress(target), 'request_malformed', target);
});

/** Each of these is put before, into and behind honest segments. */
const TWO_READINGS: Record<string, string[]> = {
  'dot segments': ['/.', '/..', '/%2e', '/%2E%2e', '/.%2e', '/%2e.', '/...', '/..;', '/..%20'],
  'empty segments': ['//', '///'],
  backslashes: ['/\\', '/a\\b', '/%5c', '/a%5Cb', '/..%5c'],
  'path parameters': ['/;', '/a;b=c', '/a%3bb', '/a%3B'],
  'encoded slashes': ['/a%2fb', '/a%2Fb', '/%2f'],
  'encoded percent signs': ['/%25', '/%252f', '/%2525', '/%2571ueues', '/a%25zz'],
  'control characters': ['/a%00b', '/a%0a', '/%0d%0a', '/%1f', '/%7F', '/a%C2%85b', '/a%E2%80%A8b'],
  'loose ends': [
    '/a.',
    '/a..',
    '/a%2e',
    '/a%20',
    '/a.%20',
    '/a%C2%A0',
    '/a%E2%80%83',
    '/a%E3%80%80',
    '/a%E2%80%8B',
    '/a%EF%BB%BF',
    '/a%20.',
    '/a.%CC%81',
  ],
  'look-alikes': [
    '/a%EF%BC%8Fb',
    '/a%EF%BC%BCb',
    '/a%EF%BC%8Eb',
    '/a%EF%BC%9Bb',
    '/a%EF%BC%85b',
    '/a%E2%88%95b',
    '/a%E2%81%84b',
    '/a%E2%88%96b',
    '/a%C2%A5b',
    '/%E2%80%A5',
    '/%EF%BC%8E%EF%BC%8E',
    '/a%E2%80%A4',
    '/a%CD%BEb',
    '/%CC%81',
    '/.%CC%81.%CC%81',
  ],
  'parts that servers cut out': [
    '/(S(x))',
    '/(s(x))',
    '/%28F%28x))',
    '/a::$DATA',
    '/a:%24i30:$INDEX_ALLOCATION',
    '/a%3a:$data',
  ],
};

test('a path that two servers could read differently is path_ambiguous, wherever it has its odd part', () => {
  for (const [family, parts] of Object.entries(TWO_READINGS)) {
    for (const part of parts) {
      for (const target of [
        part,
        `${part}/queues/q_bank`,
        `/queues${part}/q_bank`,
        `/queues/q_bank${part}`,
        `${part}/`,
        `${part}?x=1`,
      ]) {
        assertRefused(() => readAddress(target), 'path_ambiguous', `${family}: ${target}`);
      }
    }
  }
});

test('the query is no part of the path', () => {
  for (const query of ['/../', '%2f', '//', '\\', ';', '%00', '%', 'a. ', '%c0%af'].map((text) =>
    text.trim(),
  )) {
    assert.equal(readAddress(`/x?${query}`).query, query);
  }
});

test('no address crashes or holds up the reader', (t) => {
  t.diagnostic(`seed ${seed}`);
  const pieces = [
    '/',
    '//',
    '.',
    '..',
    '%',
    '%2',
    '%2e',
    '%25',
    '%c0%af',
    '%E2%80%A4',
    ';',
    '\\',
    'a',
    '?',
    '#',
    '%20',
    ' ',
    '\0',
    'ø',
    '(S(',
    ':$',
    '%CC%81',
  ];
  const odd = fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((parts) => `/${parts.join('')}`);
  fc.assert(
    fc.property(odd, (target) => {
      try {
        const address = readAddress(target);
        assert.equal(
          readAddress(address.target).target,
          address.target,
          'a canonical address is its own reading',
        );
      } catch (error) {
        if (!isGatewayError(error)) throw error;
      }
    }),
    { numRuns: 20_000, seed },
  );
  for (const piece of [...pieces, '/a', '/a.', 'a.', '%41', '%CC%81a', '/%2e%41', '.a']) {
    for (const end of ['', '%', '%20', '\0', '.', '%00', '%C2%A0x']) {
      const target = `/${piece.repeat(Math.floor(16_000 / piece.length))}${end}`;
      const took = Math.min(...[1, 2, 3].map(() => millisecondsToRead(target)));
      assert.ok(took < 100, `${took} ms for 16 kB of ${JSON.stringify(piece)} and ${JSON.stringify(end)}`);
    }
  }
});

/** The best of a few counts: a busy machine is not a slow reader. */
function millisecondsToRead(target: string): number {
  const start = performance.now();
  try {
    readAddress(target);
  } catch (error) {
    if (!isGatewayError(error)) throw error;
  }
  return performance.now() - start;
}
