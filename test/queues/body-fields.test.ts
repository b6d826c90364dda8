import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readBodyFields } from '../../src/queues/body-fields.ts';
import { scanMembers } from '../../src/queues/json-members.ts';
import { readKeyText } from '../../src/queues/key-text.ts';
import { assertRefused } from './queue-fixtures.ts';
import { anyCodePoint } from '../support/any-code-point.ts';

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';
const seed = Number(process.env['FC_SEED'] ?? Date.now() % 2 ** 31);

function read(body: string | Buffer, type: string | undefined = JSON_TYPE, encoding?: string) {
  return Object.fromEntries(
    readBodyFields(Buffer.from(body as string), type, encoding, ['queueKey', 'customerKey']),
  );
}

test('a wanted member of a JSON object is read', () => {
  for (const [body, expected] of [
    ['{"queueKey":"q_bank"}', { queueKey: ['q_bank'] }],
    ['{"a":{"queueKey":"x"},"b":["queueKey"],"queueKey" : "q"}', { queueKey: ['q'] }],
    ['{"QUEUEKEY":"q","customerKey":12345}', { queueKey: ['q'], customerKey: ['12345'] }],
    ['{"\\u0071ueueKey":"\\u0071_b\\"a\\\\nk"}', { queueKey: ['q_b"a\\nk'] }],
    ['{"queueKey\\u0000x":"q"}', { queueKey: ['q'] }],
    ['{"queueKey[]":"q"}', { queueKey: ['q'] }],
    ['{"queueKey":null}', {}],
    ['{"queueKey":""}', { queueKey: [''] }],
    ['\ufeff{"queueKey":"q"}', { queueKey: ['q'] }],
    ['{"a":"{\\"queueKey\\":1}","queueKey":-7}', { queueKey: ['-7'] }],
    ['{"__proto__":{"queueKey":"x"},"constructor":1}', {}],
    ['{}', {}],
    ['', {}],
  ] as const) {
    assert.deepEqual(read(body), expected, body);
  }
});

test('a member called __proto__ is a member like another', () => {
  const body = Buffer.from('{"__proto__":"q"}');
  assert.deepEqual([...readBodyFields(body, JSON_TYPE, undefined, ['__proto__'])], [['__proto__', ['q']]]);
});

test('a wanted member that stands twice is request_malformed, however it is spelt', () => {
  for (const again of [
    '"queueKey"',
    '"QueueKey"',
    '"\\u0071ueueKey"',
    '"queueKey "',
    '"queue\\u004Bey"',
    '"queue\\u200bKey"',
    '"\\uff51ueueKey"',
  ]) {
    for (const value of ['"q"', '"other"', 'null', '{}']) {
      const body = `{"queueKey":"q","x":[1,{"queueKey":2}],${again}:${value}}`;
      assertRefused(() => read(body), 'request_malformed', body);
    }
  }
  assert.deepEqual(read('{"x":1,"x":2,"queueKey":"q"}'), { queueKey: ['q'] });
});

test('a wanted member that is neither text nor an integer is request_malformed', () => {
  for (const value of [
    '[]',
    '["q"]',
    '{}',
    '{"a":1}',
    'true',
    'false',
    '1.0',
    '1e3',
    '1E400',
    '-0',
    '12345678901234567890',
  ]) {
    assertRefused(() => read(`{"queueKey":${value}}`), 'request_malformed', value);
    assert.deepEqual(read(`{"x":${value}}`), {});
  }
});

test('a body that cannot be read is request_malformed', () => {
  const rows: [string | Buffer, string | undefined, string?][] = [
    ['{"queueKey":"q"', JSON_TYPE],
    ["{'queueKey':'q'}", JSON_TYPE],
    ['{"queueKey":"q"}{}', JSON_TYPE],
    ['{"queueKey":"q",}', JSON_TYPE],
    ['/**/{"queueKey":"q"}', JSON_TYPE],
    ['queueKey=q', JSON_TYPE],
    [' ', JSON_TYPE],
    ['[]', JSON_TYPE],
    ['"queueKey"', JSON_TYPE],
    ['null', JSON_TYPE],
    [Buffer.from('{"queueKey":"\xff"}', 'latin1'), JSON_TYPE],
    [Buffer.from('{"queueKey":"q"}', 'utf16le'), JSON_TYPE],
    ['{"queueKey":"ø"}', `${JSON_TYPE}; charset=iso-8859-1`],
    ['{"queueKey":"q"}', `${JSON_TYPE}; charset=utf-16`],
    ['{"queueKey":"q"}', `${JSON_TYPE}; charset=utf-7`],
    ['{"queueKey":"q"}', `${JSON_TYPE}; charset=utf-8; charset=utf-7`],
    ['{"queueKey":"q"}', `${JSON_TYPE}, text/plain`],
    ['{"queueKey":"q"}', 'text/plain'],
    ['{"queueKey":"q"}', 'multipart/form-data; boundary=x'],
    ['{"queueKey":"q"}', 'application/jsonp'],
    ['<queueKey>q</queueKey>', 'application/xml'],
    ['{"queueKey":"q"}', FORM_TYPE],
    [' [{"queueKey":"q"}]', FORM_TYPE],
    ['queueKey=%ff', FORM_TYPE],
    ['{"queueKey":"q"}', JSON_TYPE, 'gzip'],
    ['{"queueKey":"q"}', JSON_TYPE, 'identity, br'],
    ['queueKey=q', FORM_TYPE, 'deflate'],
  ];
  for (const [body, type, encoding] of rows) {
    assertRefused(
      () => read(body, type, encoding),
      'request_malformed',
      `${body.toString()} as ${type} ${encoding}`,
    );
  }
  const untyped = () => readBodyFields(Buffer.from('{}'), undefined, undefined, ['queueKey']);
  assertRefused(untyped, 'request_malformed', 'a body without a type');
});

test('types and charsets that say UTF-8 are read', () => {
  for (const type of [
    JSON_TYPE,
    'Application/JSON',
    'application/vnd.chat+json',
    `${JSON_TYPE};charset=UTF-8`,
    `${JSON_TYPE} ; charset="utf-8"`,
    `${JSON_TYPE};`,
    `${JSON_TYPE}; charset=us-ascii`,
    `${JSON_TYPE}; charset=ISO-8859-1`,
  ]) {
    assert.deepEqual(read('{"queueKey":"q"}', type), { queueKey: ['q'] }, type);
  }
  assert.deepEqual(read('{"queueKey":"ø"}', `${JSON_TYPE}; charset=utf-8`), { queueKey: ['ø'] });
  assert.deepEqual(read('{"queueKey":"q"}', JSON_TYPE, 'identity'), { queueKey: ['q'] });
  assert.deepEqual(read('', 'multipart/form-data', 'gzip'), {});
});

test('a form is read like a query', () => {
  assert.deepEqual(read('x=1&QueueKey%5B%5D=a+b&queueKey=c', FORM_TYPE), { queueKey: ['a b', 'c'] });
  assert.deepEqual(read('\ufeffqueueKey=c', `${FORM_TYPE}; charset=UTF-8`), { queueKey: ['c'] });
});

test('the scanner sees every member of every JSON object', (t) => {
  t.diagnostic(`seed ${seed}`);
  const member = fc.tuple(fc.string({ unit: anyCodePoint }), fc.jsonValue());
  fc.assert(
    fc.property(fc.array(member), fc.constantFrom('', ' ', '\n\t'), (members, blank) => {
      const text = `{${blank}${members
        .map(
          ([name, value]) => `${JSON.stringify(name)}${blank}:${blank}${JSON.stringify(value, null, blank)}`,
        )
        .join(`${blank},${blank}`)}${blank}}`;
      const scanned = scanMembers(text).map(({ name, rawValue }) => [name, JSON.parse(rawValue) as unknown]);
      assert.deepEqual(scanned, JSON.parse(JSON.stringify(members)));
    }),
    { numRuns: 200, seed },
  );
});

test('64 KiB of any shape are read in bounded time', () => {
  for (const [head, piece, tail, type] of [
    ['', '[', '', JSON_TYPE],
    ['', '{"a":', '', JSON_TYPE],
    ['{"a":', '[', '1', JSON_TYPE],
    ['{"a":"', '\\"', '"}', JSON_TYPE],
    ['{"a":"', '\\u0041', '"}', JSON_TYPE],
    ['{', '"queueKe":1,', '"x":1}', JSON_TYPE],
    ['{"a":[', '1,', '1]}', JSON_TYPE],
    ['{"a":', ' ', '1}', JSON_TYPE],
    // marks out of their canonical order, which normalization sorts
    ['{"', '\u0301\u0323', '":"x"}', JSON_TYPE],
    ['{"queueKey":"', '\u0301\u0323', '"}', JSON_TYPE],
    ['', '\u0301\u0323', '%2525252525252541=x', FORM_TYPE],
    ['queueKey=', '\u0301\u0323', '', FORM_TYPE],
  ] as const) {
    const body = head + piece.repeat(Math.floor(65_000 / Buffer.byteLength(piece))) + tail;
    const start = process.cpuUsage();
    try {
      for (const value of Object.values(read(body, type)).flat()) readKeyText(value, 'value');
    } catch (error) {
      if (!(error instanceof Error && error.name === 'GatewayError')) throw error;
    }
    const { user, system } = process.cpuUsage(start);
    assert.ok((user + system) / 1000 < 500, head + piece);
  }
});
