import assert from 'node:assert/strict';
import { validateHeaderValue } from 'node:http';
import { test } from 'node:test';
import fc from 'fast-check';
import { asciiJson, encodeHeaderValue } from '../../src/proxy/encode-value.ts';
import { anyCodePoint } from '../support/any-code-point.ts';

const values: readonly (readonly [text: string, header: string])[] = [
  ['Kari Nordmann', 'Kari Nordmann'],
  ['170290*****', '170290*****'],
  ['"<{[a;b,c=d]}>"~', '"<{[a;b,c=d]}>"~'],
  ['', ''],
  ['Åse Ødegård', '%C3%85se%20%C3%98deg%C3%A5rd'],
  ['Łukasz', '%C5%81ukasz'],
  ['100%', '100%25'],
  ['%41', '%2541'],
  [' a', '%20a'],
  ['a ', 'a%20'],
  [' ', '%20'],
  ['a\r\nX: y', 'a%0D%0AX%3A%20y'],
  ['a\u0000', 'a%00'],
  ['a\u007f', 'a%7F'],
  ['😀', '%F0%9F%98%80'],
  ['\ud83d', '%EF%BF%BD'],
  ['a\ude00', 'a%EF%BF%BD'],
  ['A\u030a', 'A%CC%8A'],
];

for (const [text, header] of values) {
  test(`${JSON.stringify(text)} is sent as ${header}`, () => {
    assert.equal(encodeHeaderValue(text), header);
  });
}

test('every character of Unicode comes back from a legal header', () => {
  for (let code = 0; code <= 0x10ffff; code += 1) {
    const text = `a${String.fromCodePoint(code)}b`;
    const header = encodeHeaderValue(text);
    const alone = encodeHeaderValue(String.fromCodePoint(code));
    if (/[^ -~]/.test(header) || decodeURIComponent(header) !== text.toWellFormed()) {
      assert.fail(`U+${code.toString(16)}`);
    }
    if (decodeURIComponent(alone) !== String.fromCodePoint(code).toWellFormed())
      assert.fail(`U+${code.toString(16)}`);
  }
});

const anyText = fc.oneof(
  fc.string({ unit: anyCodePoint, maxLength: 200 }),
  fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
  fc.string(),
);

test('any text comes back from a legal header, and plain text is not touched', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const header = encodeHeaderValue(text);
      validateHeaderValue('x', header);
      assert.equal(header.trim(), header);
      assert.equal(decodeURIComponent(header), text.toWellFormed());
      assert.equal(header === text, /^[ -~]*$/.test(text) && !text.includes('%') && text.trim() === text);
    }),
    { numRuns: 2000 },
  );
});

test('ASCII JSON holds every other character as an escape', () => {
  assert.equal(asciiJson('å\u007f😀"\\\n'), '"\\u00e5\\u007f\\ud83d\\ude00\\"\\\\\\n"');
  assert.equal(
    asciiJson([{ name: 'a', description: undefined, value: '100%' }]),
    '[{"name":"a","value":"100\\u0025"}]',
  );
  assert.equal(asciiJson(undefined), 'null');
});

test('any JSON comes back, percent-decoded before or not', () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), anyText), (value) => {
      const json = asciiJson(value);
      assert.match(json, /^[ -~]*$/);
      assert.deepEqual(JSON.parse(json), JSON.parse(JSON.stringify(value)));
      assert.equal(decodeURIComponent(json), json);
      assert.equal(encodeHeaderValue(json), json);
    }),
    { numRuns: 1000 },
  );
});

test('100 kB take bounded time', () => {
  const started = performance.now();
  encodeHeaderValue(' '.repeat(100_000) + 'x');
  encodeHeaderValue('å'.repeat(100_000));
  asciiJson('å'.repeat(100_000));
  assert.ok(performance.now() - started < 1000);
});
