import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createHeaderWall } from '../../src/proxy/header-wall.ts';
import { entry, headers, variable } from './identity-headers-fixture.ts';

const wall = createHeaderWall('X-Secure-Chat-');

/** Every character that a header name may hold beside letters and digits (RFC 9110 section 5.6.2). */
const separators = Array.from("!#$%&'*+-.^_`|~");

test('a name folds to the prefix in any case and with any separator', () => {
  const letters = (word: string) =>
    fc
      .tuple(...Array.from(word, (char) => fc.constantFrom(char.toLowerCase(), char.toUpperCase())))
      .map((all) => all.join(''));
  const separator = fc.constantFrom(...separators, 'é');
  const name = fc
    .tuple(
      letters('x'),
      separator,
      letters('secure'),
      separator,
      letters('chat'),
      separator,
      fc.stringMatching(/^[\w.-]*$/),
    )
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(name, (text) => {
      assert.ok(wall.folds(text), text);
    }),
    { numRuns: 1000 },
  );
});

const resembling = [
  'X-Secure-Chat',
  'X-Secure-Chatter',
  'X-Secure-Cha-t-',
  'X--Secure-Chat-Id',
  'X-Secure--Chat-Id',
  'XX-Secure-Chat-Id',
  'Y-Secure-Chat-Id',
  'XSecure-Chat-Id',
  'X-Secure-Chat0Id',
  '-X-Secure-Chat-Id',
  'Cookie',
  '',
];

for (const name of resembling) {
  test(`${JSON.stringify(name)} only resembles the prefix and passes`, () => {
    assert.equal(wall.folds(name), false);
    assert.deepEqual(wall.strip([name, 'v']), [name, 'v']);
  });
}

test('strip takes out every copy and spelling, and keeps all else as it is', () => {
  const kept = [
    'Host',
    'a',
    'cookie',
    'X-Secure-Chat-Id=1',
    'Cookie',
    'b',
    'X-Forwarded-For',
    'X-Secure-Chat-Id',
  ];
  const raw = [
    ...['X-Secure-Chat-Id', '1', 'x_secure_chat_id', '2'],
    ...kept.slice(0, 4),
    ...['X.SECURE.CHAT.VARIABLE.x', '3', 'X-Secure-Chat-', '4'],
    ...kept.slice(4),
    ...['x~secure!chat#id', '5'],
  ];
  const before = [...raw];
  assert.deepEqual(wall.strip(raw), kept);
  assert.deepEqual(raw, before);
});

test('the configured prefix is folded too', () => {
  const other = createHeaderWall('Bank_Chat.');
  assert.ok(other.folds('bank-chat-Id'));
  assert.ok(!other.folds('X-Secure-Chat-Id'));
});

test('an empty prefix is refused', () => {
  assert.throws(() => createHeaderWall(''), TypeError);
});

test('a whole identity gives every header in a fixed order', () => {
  const identity = {
    chatId: 's-1',
    nickName: 'Åse Ødegård',
    variables: [variable('national_id', '170290*****', 'Fødselsnummer'), variable('a.b c', '100%')],
    acr: 'urn:signicat:oidc:method:nbid',
    amr: ['pwd', 'otp'],
    authTime: 4102444800,
  };
  const mapping = [entry('national_id'), entry('name', 'NickName'), entry('a.b c'), entry('sub', 'ChatId')];
  assert.deepEqual(
    [...headers(identity, mapping)],
    [
      ['Customer', '12345'],
      ['Queue', 'q_bank'],
      ['Connection', 'Signicat'],
      ['Id', 's-1'],
      ['Nickname', '%C3%85se%20%C3%98deg%C3%A5rd'],
      ['Variable-national-id', '170290*****'],
      ['Variable-a-b-c', '100%25'],
      [
        'Variables',
        '[{"name":"national_id","description":"F\\u00f8dselsnummer","value":"170290*****"},{"name":"a.b c","value":"100\\u0025"}]',
      ],
      ['Acr', 'urn:signicat:oidc:method:nbid'],
      ['Amr', 'pwd otp'],
      ['Auth-Time', '4102444800'],
    ],
  );
});

test('an absent value leaves its header out, and Variables is an empty array', () => {
  assert.deepEqual(
    [...headers({}, [entry('name')])],
    [
      ['Customer', '12345'],
      ['Queue', 'q_bank'],
      ['Connection', 'Signicat'],
      ['Variables', '[]'],
    ],
  );
});

test('seconds of 1970 are told as 0', () => {
  assert.equal(headers({ authTime: 0 }, []).get('Auth-Time'), '0');
});

test('the present mapping decides the order, and sends nothing that it does not map', () => {
  const identity = { variables: [variable('a', '1'), variable('b', '2'), variable('old', '3')] };
  const sent = headers(identity, [entry('b'), entry('a'), entry('old', 'NickName')]);
  assert.equal(sent.get('Variables'), '[{"name":"b","value":"2"},{"name":"a","value":"1"}]');
  assert.equal(sent.has('Variable-old'), false);
});

test('names of customer, queue and connection are encoded like any value', () => {
  const sent = headers({}, [], 8192, { customerKey: 'kø', queueKey: ' q', connectionName: 'a\r\nb' });
  assert.deepEqual(
    [sent.get('Customer'), sent.get('Queue'), sent.get('Connection')],
    ['k%C3%B8', '%20q', 'a%0D%0Ab'],
  );
});
