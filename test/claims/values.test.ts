import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { claimText } from '../../src/claims/values.ts';

type Row = readonly [sentence: string, name: string, value: unknown, expected: string | undefined];

const shapes: readonly Row[] = [
  ['text goes as it is', 'name', 'Åse Ødegård', 'Åse Ødegård'],
  ['blanks at the ends of a text stay', 'name', ' Kari ', ' Kari '],
  ['literal percent signs stay', 'name', '%41', '%41'],
  ['a whole number is plain decimal', 'n', 17029012345, '17029012345'],
  ['a large number has no exponent', 'n', 1e21, '1000000000000000000000'],
  ['a large fraction-like number has no exponent', 'n', 1.2345e25, '12345000000000000000000000'],
  ['a small number has no exponent', 'n', -1.5e-7, '-0.00000015'],
  ['a fraction is plain', 'n', 0.5, '0.5'],
  ['minus nought is nought', 'n', -0, '0'],
  ['NaN is absent', 'n', NaN, undefined],
  ['Infinity is absent', 'n', Infinity, undefined],
  ['true is a word', 'b', true, 'true'],
  ['false is a word', 'b', false, 'false'],
  ['null is absent', 'x', null, undefined],
  ['undefined is absent', 'x', undefined, undefined],
  ['a function is absent', 'x', () => 'x', undefined],
  ['empty text is absent', 'x', '', undefined],
  ['blank text is absent', 'x', ' \u00a0', undefined],
  ['text of control characters only is absent', 'x', '\u0000\u202e', undefined],
  ['an array is joined', 'x', ['a', 1, true], 'a, 1, true'],
  ['an array leaves absent members out', 'x', ['a', null, '', [], {}, 'b'], 'a, b'],
  ['nested arrays are joined alike', 'x', ['a', ['b', ['c']]], 'a, b, c'],
  ['an empty array is absent', 'x', [], undefined],
  ['an array of nothing is absent', 'x', [null, ''], undefined],
  ['an empty object is absent', 'x', {}, undefined],
  ['an object gives its members in their order', 'x', { z: 'a', y: 1, x: null, w: ['b'] }, 'a, 1, b'],
  [
    'an object without prototype is an object',
    'x',
    Object.assign(Object.create(null) as object, { a: 'b' }),
    'b',
  ],
];

const addresses: readonly Row[] = [
  [
    'formatted wins',
    'address',
    { formatted: 'Storgata 1, 0155 Oslo', country: 'NO' },
    'Storgata 1, 0155 Oslo',
  ],
  [
    'parts stand in postal order',
    'address',
    {
      country: 'NO',
      region: 'Oslo fylke',
      locality: 'Oslo',
      postal_code: '0155',
      street_address: 'Storgata 1',
    },
    'Storgata 1, 0155 Oslo, Oslo fylke, NO',
  ],
  ['an empty formatted counts as absent', 'address', { formatted: '', locality: 'Oslo' }, 'Oslo'],
  ['a postal code may stand alone', 'address', { postal_code: '0155', country: 'NO' }, '0155, NO'],
  ['a postal code may be a number', 'address', { postal_code: 155, locality: 'Oslo' }, '155 Oslo'],
  [
    'other members are taken when none is known',
    'address',
    { line1: 'Storgata 1', line2: 'Oslo' },
    'Storgata 1, Oslo',
  ],
  ['an address under another name is known by its members', 'home', { formatted: 'A\nB' }, 'A, B'],
  ['the prototype gives no parts', 'address', Object.create({ formatted: 'x' }), undefined],
  [
    'a line break becomes a comma',
    'address',
    { formatted: 'Storgata 1\n0155 Oslo' },
    'Storgata 1, 0155 Oslo',
  ],
  ['CRLF is one line break', 'address', { formatted: 'A\r\nB' }, 'A, B'],
  ['a run is one, none at the ends', 'address', '\n\rA\r\n\n\u0085\u2028\u2029B\n \nC\n', 'A, B, C'],
  ['a control character does not part a run', 'address', 'A\n\u0000\nB', 'A, B'],
  [
    'a street of two lines',
    'address',
    { street_address: 'c/o Kari\nStorgata 1', locality: 'Oslo' },
    'c/o Kari, Storgata 1, Oslo',
  ],
  ['a member asked for by path is an address too', 'address.street_address', 'A\nB', 'A, B'],
  ['home_address is an address', 'home_address', 'A\nB', 'A, B'],
  ['addressee is none', 'addressee', 'A\nB', 'A B'],
];

const cleaned: readonly Row[] = [
  ['CRLF is one space', 'name', 'a\r\nb', 'a b'],
  ['each other line break is one space', 'name', 'a\rb\nc\u0085d\u2028e\u2029f\n\ng', 'a b c d e f  g'],
  ['NUL, TAB, ESC, DEL and C1 are taken out', 'name', 'a\u0000b\tc\u001bd\u007fe\u009ff\u000bg', 'abcdefg'],
  ['bidi controls are taken out', 'name', 'a\u202a\u202b\u202c\u202d\u202eb\u2066\u2067\u2068\u2069c', 'abc'],
  ['other format characters stay', 'name', 'a\u200db\u200ec', 'a\u200db\u200ec'],
  ['a lone high surrogate becomes U+FFFD', 'name', 'a\ud83d', 'a\ufffd'],
  ['a lone low surrogate becomes U+FFFD', 'name', '\ude00a', '\ufffda'],
  ['taking out joins no surrogates', 'name', '\ud83d\u0000\ude00', '\ufffd\ufffd'],
  ['emoji and decomposed letters stay', 'name', '😀 A\u030a', '😀 A\u030a'],
];

for (const [sentence, name, value, expected] of [...shapes, ...addresses, ...cleaned]) {
  test(sentence, () => {
    assert.equal(claimText(name, value), expected);
  });
}

test('no text keeps a control character, a bidi control or a lone surrogate', () => {
  const unwanted = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\p{Cs}]/u;
  fc.assert(
    fc.property(fc.constantFrom('name', 'address'), fc.array(fc.nat(0xffff)), (name, units) => {
      const text = claimText(name, String.fromCharCode(...units)) ?? '';
      assert.ok(text.isWellFormed());
      assert.doesNotMatch(text, unwanted);
    }),
    { numRuns: 2000 },
  );
});

test('every single character of Unicode is kept or known as unwanted', () => {
  for (let code = 0; code <= 0x10ffff; code += 1) {
    const char = String.fromCodePoint(code);
    const expected = /[\n\r\u0085\u2028\u2029]/u.test(char)
      ? 'a b'
      : /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(char)
        ? 'ab'
        : `a${char.toWellFormed()}b`;
    if (claimText('name', `a${char}b`) !== expected) assert.fail(`U+${code.toString(16)}`);
  }
});

test('any JSON value has a text or is absent', () => {
  fc.assert(
    fc.property(fc.string(), fc.jsonValue(), (name, value) => {
      const text = claimText(name, value);
      assert.ok(text === undefined || text.trim() !== '');
    }),
    { numRuns: 500 },
  );
});

test('what lies deeper than eight levels is absent', () => {
  const nested = (levels: number) => JSON.parse('['.repeat(levels) + '"x"' + ']'.repeat(levels)) as unknown;
  assert.equal(claimText('x', nested(8)), 'x');
  assert.equal(claimText('x', nested(9)), undefined);
});

test('depth and length do no harm', () => {
  const deep = JSON.parse('{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000)) as unknown;
  const started = performance.now();
  assert.equal(claimText('x', deep), undefined);
  assert.equal(claimText('address', '\n'.repeat(100_000) + 'x'), 'x');
  assert.equal(claimText('x', ' '.repeat(100_000) + 'x')?.length, 100_001);
  assert.equal(claimText('x', Array(100_000).fill('a'))?.length, 299_998);
  assert.ok(performance.now() - started < 2000);
});
