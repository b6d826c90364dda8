import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHeaderRules, responseHeaders } from '../../src/proxy/forward-headers.ts';

const rules = createHeaderRules(
  (name) =>
    name
      .toLowerCase()
      .replace(/[^a-z0-9]/g, '-')
      .startsWith('x-secure-chat-'),
  (name) => name === 'own',
);

const pairs = (raw: readonly string[]): string[] =>
  raw.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${raw[i + 1]!}`] : []));

const answered = (raw: string[], status = 200, noStore = false): string[] =>
  pairs(responseHeaders(rules, raw, status, noStore));

test('an answer loses hop-by-hop headers, what Connection nominates, and identity headers', () => {
  const raw = [
    'Connection',
    'x-foo',
    'Keep-Alive',
    'timeout=5',
    'Transfer-Encoding',
    'chunked',
    'Trailer',
    'X-T',
    'Upgrade',
    'h2c',
    'Proxy-Authenticate',
    'Basic',
    'X-Foo',
    '1',
    'X_Secure.Chat-Id',
    'kari',
    'Alt-Svc',
    'h2=":8080"',
    'X-Bar',
    '2',
  ];
  assert.deepEqual(answered(raw), ['X-Bar: 2']);
});

test('Set-Cookie keeps its duplicates and order; our own cookie is not set', () => {
  const raw = [
    'Set-Cookie',
    'a=1',
    'set-cookie',
    'own=evil; Path=/',
    'Set-Cookie',
    'b=2',
    'Set-Cookie',
    '=own=evil',
    'Set-Cookie',
    'a=3',
  ];
  assert.deepEqual(answered(raw), ['Set-Cookie: a=1', 'Set-Cookie: b=2', 'Set-Cookie: a=3']);
});

for (const [value, expected] of [
  ['"cookies"', []],
  ['"cache", "cookies", "storage"', ['Clear-Site-Data: "cache", "storage"']],
  ['"*"', ['Clear-Site-Data: "cache", "storage", "executionContexts"']],
  ['"cache"', ['Clear-Site-Data: "cache"']],
] as const) {
  test(`Clear-Site-Data ${value} does not wipe our cookie`, () => {
    assert.deepEqual(answered(['Clear-Site-Data', value]), expected);
  });
}

const CACHEABLE = [
  'Cache-Control',
  'public, max-age=60',
  'Expires',
  'x',
  'Pragma',
  'cache',
  'Surrogate-Control',
  'x',
  'CDN-Cache-Control',
  'x',
  'Cloudflare-CDN-Cache-Control',
  'x',
  'ETag',
  '"1"',
  'Set-Cookie',
  'a=1',
];

test('a secure answer is not stored, whatever the upstream says, and keeps its cookies', () => {
  assert.deepEqual(answered(CACHEABLE, 200, true), [
    'ETag: "1"',
    'Set-Cookie: a=1',
    'Cache-Control: no-store',
  ]);
});

test('an open answer is stored as the upstream says', () => {
  assert.deepEqual(answered(CACHEABLE), pairs(CACHEABLE));
});

test('the length of an answer is kept, but not for 204 and not beside a transfer coding', () => {
  assert.deepEqual(answered(['Content-Length', '5']), ['Content-Length: 5']);
  assert.deepEqual(answered(['Content-Length', '0'], 204), []);
  assert.deepEqual(answered(['Content-Length', '5', 'Transfer-Encoding', 'chunked']), []);
});

test('header bytes of an answer are one character each', () => {
  assert.deepEqual(responseHeaders(rules, [Buffer.from('X-A'), Buffer.from([0xe6, 0xff])], 200, false), [
    'X-A',
    '\u00e6\u00ff',
  ]);
});
