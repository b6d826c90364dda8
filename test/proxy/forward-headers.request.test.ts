import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createHeaderRules, requestHeaders } from '../../src/proxy/forward-headers.ts';
import { headerValues } from '../support/upstream.ts';

const fold = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '-');
const rules = createHeaderRules(
  (name) => fold(name).startsWith('x-secure-chat-'),
  (name) => name === 'own',
);
const forwarded = { for: ['203.0.113.7', '10.0.0.1'], proto: 'https', host: 'a.example', port: 443 } as const;
const identity = [
  ['X-Secure-Chat-Id', 'kari'],
  ['X-Secure-Chat-Queue', 'q_bank'],
] as const;

function sent(rawHeaders: string[], more: { bodyLength?: number; anonymous?: boolean } = {}): string[] {
  return requestHeaders(rules, {
    rawHeaders,
    host: 'upstream:8080',
    forwarded,
    bodyLength: more.bodyLength,
    identity: more.anonymous === true ? undefined : identity,
  });
}

const pairs = (raw: readonly string[]): string[] =>
  raw.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${raw[i + 1]!}`] : []));

/** What of the client's own headers is left. */
function kept(rawHeaders: string[]): string[] {
  const added = sent([]).length;
  const all = pairs(sent(rawHeaders));
  return all.slice(1, all.length - added / 2 + 1);
}

test('a request ends with our headers, each once, and begins with the upstream as Host', () => {
  assert.deepEqual(pairs(sent(['Host', 'chat.example.no', 'Accept', '*/*'])), [
    'Host: upstream:8080',
    'Accept: */*',
    'X-Forwarded-For: 203.0.113.7, 10.0.0.1',
    'X-Forwarded-Proto: https',
    'X-Forwarded-Host: a.example',
    'X-Forwarded-Port: 443',
    'Forwarded: for=203.0.113.7;host="a.example";proto=https, for=10.0.0.1',
    'X-Secure-Chat-Id: kari',
    'X-Secure-Chat-Queue: q_bank',
  ]);
});

test('an IPv6 address in Forwarded is quoted (RFC 7239, 6)', () => {
  const headers = requestHeaders(rules, {
    rawHeaders: [],
    host: 'u',
    forwarded: { for: ['2001:db8::1'], proto: 'http', host: undefined, port: undefined },
    bodyLength: undefined,
    identity: undefined,
  });
  assert.deepEqual(headers.slice(2), [
    'X-Forwarded-For',
    '2001:db8::1',
    'X-Forwarded-Proto',
    'http',
    'Forwarded',
    'for="[2001:db8::1]";proto=http',
  ]);
});

test('other headers keep their case, order, duplicates and bytes', () => {
  const raw = [
    'aCCept',
    'a',
    'X-Two',
    '1',
    'x-two',
    '2',
    'X_Odd.Name',
    '\u00e6\u00ff',
    'Authorization',
    'Bearer x',
  ];
  assert.deepEqual(kept(raw), pairs(raw));
});

for (const name of [
  'Connection',
  'Keep-Alive',
  'Proxy-Connection',
  'TE',
  'Trailer',
  'Upgrade',
  'Proxy-Authorization',
  'Proxy-Authenticate',
  'HTTP2-Settings',
  'Expect',
  'X-Original-URL',
  'X-Rewrite-URL',
  'X-Original-URI',
  'X-Forwarded-Uri',
  'X-Forwarded-Prefix',
  'X-Forwarded-Path',
  'X-Forwarded-User',
  'X-HTTP-Method-Override',
  'X-HTTP-Method',
  'X-Method-Override',
  'X-Real-IP',
  'True-Client-IP',
  'X-Client-IP',
  'CF-Connecting-IP',
  'Fastly-Client-IP',
  'X-Cluster-Client-IP',
  'Client-IP',
  'Proxy',
  'X-Forwarded-For',
  'X-Forwarded-Proto',
  'X-Forwarded-Host',
  'X-Forwarded-Port',
  'X-Forwarded',
  'Forwarded',
  'X-Secure-Chat-Id',
  'X-Secure-Chat-Anything',
]) {
  test(`${name} of a client goes no further, in any spelling`, () => {
    const spellings = [name, name.toUpperCase(), name.toLowerCase()];
    if (name.includes('-'))
      spellings.push(name.replaceAll('-', '_'), name.replaceAll('-', '.'), name.replace('-', '!'));
    for (const spelling of spellings) assert.deepEqual(kept([spelling, 'evil']), [], spelling);
  });
}

test('whatever a client names, nothing that folds to the prefix arrives but ours', () => {
  const separator = fc.constantFrom(
    '-',
    '_',
    '.',
    '!',
    '#',
    '$',
    '%',
    '&',
    "'",
    '*',
    '+',
    '^',
    '`',
    '|',
    '~',
  );
  const name = fc
    .tuple(
      fc.array(separator, { minLength: 3, maxLength: 3 }),
      fc.stringMatching(/^[A-Za-z0-9_.-]{0,10}$/),
      fc.boolean(),
    )
    .map(([[a, b, c], rest, upper]) => {
      const text = `x${a!}secure${b!}chat${c!}${rest}`;
      return upper ? text.toUpperCase() : text;
    });
  fc.assert(
    fc.property(fc.array(name, { maxLength: 5 }), (names) => {
      const out = sent([...names.flatMap((n) => [n, 'evil']), 'Connection', names.join(',')]);
      const ours = pairs(out).filter((pair) => fold(pair).startsWith('x-secure-chat-'));
      assert.deepEqual(ours, ['X-Secure-Chat-Id: kari', 'X-Secure-Chat-Queue: q_bank']);
    }),
    { numRuns: 300 },
  );
});

test('names that only resemble the prefix pass', () => {
  assert.deepEqual(kept(['X-Secure-Chatter', '1', 'XX-Secure-Chat-Id', '2']), [
    'X-Secure-Chatter: 1',
    'XX-Secure-Chat-Id: 2',
  ]);
});

test('what Connection nominates is dropped, in any case and over several lines', () => {
  const raw = [
    'X-A',
    '1',
    'Connection',
    'close, x-a',
    'x-b',
    '2',
    'connection',
    ' X-B ,, cookie',
    'Cookie',
    'c=1',
    'X-C',
    '3',
  ];
  assert.deepEqual(kept(raw), ['X-C: 3']);
});

test('Connection cannot nominate what we write', () => {
  const out = sent([
    'Connection',
    'X-Secure-Chat-Id, X-Forwarded-For, Forwarded, X-Forwarded-Proto, Host, Content-Length, Content-Type, Transfer-Encoding',
    'Content-Length',
    '5',
    'Content-Type',
    'text/plain',
    'Host',
    'h',
  ]);
  for (const name of [
    'X-Secure-Chat-Id',
    'X-Forwarded-For',
    'Forwarded',
    'X-Forwarded-Proto',
    'Host',
    'Content-Length',
    'Content-Type',
  ])
    assert.equal(headerValues(out, name).length, 1, name);
});

test('of several Cookie lines only the own cookie is missing', () => {
  assert.deepEqual(kept(['Cookie', 'a=1; own=x', 'cookie', 'own=y', 'Cookie', ' b="2; 3"']), [
    'Cookie: a=1',
    'Cookie:  b="2; 3"',
  ]);
});

for (const [name, raw, bodyLength, expected] of [
  ['no body stays none', [], undefined, []],
  ['a length is kept', ['content-length', '5'], undefined, ['5']],
  ['a length of zero is kept', ['Content-Length', '0'], undefined, ['0']],
  ['the same length twice is one', ['Content-Length', '5', 'Content-Length', '5'], undefined, ['5']],
  ['chunked has no length', ['Transfer-Encoding', 'Chunked'], undefined, []],
  ['a body read before has its own length', ['Transfer-Encoding', 'chunked'], 7, ['7']],
  ['a body read before replaces the length', ['Content-Length', '5'], 7, ['7']],
  ['an empty body that was framed says so', ['Content-Length', '0'], 0, ['0']],
  ['an empty body that was never framed does not', [], 0, []],
] as [string, string[], number | undefined, string[]][]) {
  test(`framing: ${name}`, () => {
    const out = bodyLength === undefined ? sent(raw) : sent(raw, { bodyLength });
    assert.deepEqual(headerValues(out, 'content-length'), expected);
    assert.deepEqual(headerValues(out, 'transfer-encoding'), []);
  });
}

for (const raw of [
  ['Content-Length', '5', 'Content-Length', '6'],
  ['Content-Length', '5', 'Transfer-Encoding', 'chunked'],
  ['Transfer-Encoding', 'gzip, chunked'],
  ['Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked'],
  ['Transfer-Encoding', 'identity'],
]) {
  test(`framing: ${pairs(raw).join(' and ')} is request_malformed`, () => {
    assert.throws(() => sent(raw), { code: 'request_malformed' });
  });
}

test('framing: Content_Length and Transfer.Encoding are dropped', () => {
  assert.deepEqual(kept(['Content_Length', '5', 'Transfer.Encoding', 'chunked']), []);
});
