import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createMask, maskTail } from '../../src/claims/mask.ts';

const tails: readonly (readonly [value: string, expected: string])[] = [
  // facts.md, section 8
  ['17029012345', '170290*****'],
  ['199002171234', '1990021*****'],
  ['1107744882', '11077*****'],
  ['110774-4882', '110774*****'],
  ['070770-905D', '070770*****'],
  ['010100A001N', '010100*****'],
  // the ends
  ['123456', '1*****'],
  ['12345', '*****'],
  ['123', '***'],
  ['', ''],
  ['   ', ''],
  ['  17029012345 \t', '170290*****'],
  ['17029012345\u200b\u200b\u200b\u200b\u200b', '170290*****'],
  ['17029012345\u3164\u2800\ufeff\u00a0\u3000', '170290*****'],
  ['170290 12345', '170290 *****'],
  // characters
  ['abc😀😀😀😀😀', 'abc*****'],
  ['𝟙𝟚𝟛𝟜𝟝𝟞', '𝟙*****'],
  ['xA\u030asehi', 'x*****'],
  ['1\u20e32\u20e33\u20e34\u20e35\u20e36\u20e3', '1\u20e3*****'],
  ['A\u030ase', '***'],
  ['\u0301\u0301', '*'],
];

for (const [value, expected] of tails) {
  test(`${JSON.stringify(value)} is masked by claim as ${expected}`, () => {
    assert.equal(maskTail(value), expected);
    assert.equal(createMask([]).byClaim(value), expected);
    assert.equal(createMask([value]).byClaim(value), expected);
  });
}

const contained: readonly (readonly [id: string, value: string, expected: string])[] = [
  ['17029012345', '17029012345', '170290*****'],
  ['17029012345', 'Kari (17029012345), Oslo', 'Kari (170290*****), Oslo'],
  ['17029012345', '170290 12345', '170290 *****'],
  ['17029012345', '170290-12345', '170290-*****'],
  ['17029012345', '17.02.90/123+45', '17.02.90/***+**'],
  ['17029012345', '1-7-0-2-9-0-1-2-3-4-5', '1-7-0-2-9-0-*-*-*-*-*'],
  ['17029012345', '170290 - 12345', '170290 - *****'],
  ['17029012345', '170290\u201312345', '170290\u2013*****'],
  ['17029012345', '170290\u00a012345', '170290\u00a0*****'],
  ['17029012345', '170290\u200b12345', '170290\u200b*****'],
  ['17029012345', '170290_12345', '170290_*****'],
  ['17029012345', '１７０２９０１２３４５', '１７０２９０*****'],
  ['17029012345', '١٧٠٢٩٠١٢٣٤٥', '١٧٠٢٩٠*****'],
  ['17029012345', '𝟏𝟕𝟎𝟐𝟗𝟎𝟙𝟚𝟛𝟜𝟝', '𝟏𝟕𝟎𝟐𝟗𝟎*****'],
  ['17029012345', '17029012③④⑤', '170290*****'],
  ['17029012345', '170290⑫345', '170290****'],
  ['17029012345', 'x17029012345x', 'x170290*****x'],
  ['17029012345', '917029012345', '9170290*****'],
  ['17029012345', '17029012345 17029012345', '170290***** 170290*****'],
  ['17029012345', '1702901702901234512345', '170290170290**********'],
  ['1111111111', '111111111111', '11111*******'],
  ['17029012345', '1702901234', '1702901234'],
  ['17029012345', '17029012x345', '17029012x345'],
  ['１７０２９０１２３４５', '17029012345', '170290*****'],
  ['01017012345', '1017012345', '10170*****'],
  ['110774-4882', '1107744882', '11077*****'],
  ['110774-4882', '110774-4882', '11077*-****'],
  ['1107744882', 'cpr:110774-4882@dk', 'cpr:11077*-****@dk'],
  ['070770-905D', '070770-905d', '07077*-****'],
  ['070770-905D', '070770+905D', '07077*+****'],
  ['070770-905D', '070770905D', '07077*****'],
  ['010100A001N', '010100a001n', '010100*****'],
  ['010100A001N', '010100-A-001N', '010100-*-****'],
  ['010100A001N', '010100-001N', '01010*-****'],
  ['010100A001N', '010100 001N', '01010* ****'],
  ['010100A001N', '010100B001N', '010100B001N'],
  ['010100A001N', 'Ｏ 010100Ａ001Ｎ', 'Ｏ 010100*****'],
  ['199002171234', '19900217-1234', '1990021*-****'],
  ['199002171234', '19900217+1234', '1990021*+****'],
  ['199002171234', '900217-1234', '90021*-****'],
  ['199002171234', '9002171234', '90021*****'],
  ['189002171234', '900217+1234', '90021*+****'],
  ['209002171234', '9002171234', '90021*****'],
  ['219002171234', '9002171234', '9002171234'],
  ['9002171234', '199002171234', '1990021*****'],
  ['12345', 'a12345b', 'a*****b'],
  ['1234', 'a1234b', 'a1234b'],
  ['-+.1234', 'a1234b', 'a1234b'],
  ['', 'anything', 'anything'],
  ['ABCDEFGHIJ', 'ABCDEABCDEFGHIJFGHIJ', 'ABCDEABCDE**********'],
];

for (const [id, value, expected] of contained) {
  test(`of ${JSON.stringify(value)} the id ${JSON.stringify(id)} leaves ${JSON.stringify(expected)}`, () => {
    assert.equal(createMask([id]).byValue(value), expected);
  });
}

test('several ids are found in one value, also where they overlap', () => {
  const mask = createMask(['17029012345', '12345678901']);
  assert.equal(mask.byValue('17029012345678901'), '170290*****6*****');
  assert.equal(createMask(['1702901234', '9012345678']).byValue('170290123 45678'), '17029**** *****');
});

test('a claim masked by claim shows no id before its last five characters either', () => {
  const mask = createMask(['199002171234']);
  assert.equal(mask.byClaim('serialNumber=19900217-1234,CN=Åse'), 'serialNumber=1990021*-****,C*****');
  assert.equal(mask.byClaim('199002171234 x'), '1990021*******');
});

const digits = (count: number) => fc.stringMatching(new RegExp(`^[0-9]{${count}}$`));
const hetu = fc
  .tuple(
    digits(6),
    fc.constantFrom(...Array.from('+-UVWXYABCDEF')),
    digits(3),
    fc.constantFrom(...Array.from('0123456789ABCDEFHJKLMNPRSTUVWXY')),
  )
  .map((parts) => parts.join(''));
const swedish = fc.tuple(fc.constantFrom('18', '19', '20'), digits(10)).map((parts) => parts.join(''));
const ids = fc.oneof(digits(11), swedish, digits(10), hetu);

const fullWidth = (char: string) =>
  /[0-9A-Za-z]/.test(char) ? String.fromCharCode(char.charCodeAt(0) + 0xfee0) : char;
const arabic = (char: string) => (/\d/.test(char) ? String.fromCharCode(0x660 + Number(char)) : char);
const alphabets = fc.constantFrom<(char: string) => string>(
  (char) => char,
  (char) => char.toLowerCase(),
  fullWidth,
  arabic,
);

/** A spelling of the id: other separators in and between, other digits, any case. */
const spelling = (id: string) =>
  fc
    .tuple(
      fc.array(fc.constantFrom('', '', '', ' ', '-', '+', '.', '/', ' - '), { minLength: 16, maxLength: 16 }),
      alphabets,
    )
    .map(([separators, alphabet]) =>
      Array.from(id.replace(/[-+]/, ''), (char, index) => alphabet(char) + (separators[index] ?? '')).join(
        '',
      ),
    );

/** An oracle of its own: known digits to ASCII, everything that is no letter or digit out. */
const compact = (text: string) =>
  text
    .replace(/[０-９Ａ-Ｚａ-ｚ]/g, (char) => String.fromCharCode(char.charCodeAt(0) - 0xfee0))
    .replace(/[٠-٩]/g, (char) => String(char.charCodeAt(0) - 0x660))
    .replace(/[^0-9A-Za-z]/g, '')
    .toUpperCase();

test('no spelling of an id of the four countries survives inside any text', () => {
  fc.assert(
    fc.property(
      ids.chain((id) => fc.tuple(fc.constant(id), fc.string(), spelling(id), fc.string(), spelling(id))),
      ([id, before, first, between, second]) => {
        const value = before + first + between + second;
        const mask = createMask([id]);
        for (const masked of [mask.byValue(value), mask.byClaim(value)]) {
          assert.ok(!compact(masked).includes(compact(id)), masked);
          if (/^(18|19|20)\d{10}$/.test(id)) assert.ok(!compact(masked).includes(id.slice(2)), masked);
        }
      },
    ),
    { numRuns: 1500 },
  );
});

test('a text without the id is untouched', () => {
  fc.assert(
    fc.property(ids, fc.string({ unit: 'grapheme' }), (id, text) => {
      fc.pre(!/\d{3}/.test(compact(text)));
      assert.equal(createMask([id]).byValue(text), text);
    }),
    { numRuns: 500 },
  );
});

test('masking by claim hides the last five characters of every id of the four countries and no more', () => {
  fc.assert(
    fc.property(ids, (id) => {
      assert.equal(createMask([id]).byClaim(` ${id} `), `${id.slice(0, -5)}*****`);
    }),
    { numRuns: 500 },
  );
});

test('every decimal digit of Unicode counts as a digit', () => {
  const mask = createMask(['17029012345']);
  for (let code = 0x80; code <= 0x10ffff; code += 1) {
    const zero = String.fromCodePoint(code);
    if (!/^\p{Nd}$/u.test(zero) || /^\p{Nd}$/u.test(String.fromCodePoint(code - 1))) continue;
    const spelt = Array.from('17029012345', (digit) => String.fromCodePoint(code + Number(digit)));
    assert.equal(mask.byValue(spelt.join('')), `${spelt.slice(0, 6).join('')}*****`);
  }
});

test('long and hostile values take bounded time', () => {
  const started = performance.now();
  const many = Array.from({ length: 20_000 }, (_, index) => `1702${String(index).padStart(7, '0')}`);
  const mask = createMask([...many, '1'.repeat(64), 'x'.repeat(100_000)]);
  mask.byValue('1'.repeat(100_000));
  mask.byValue('17029'.repeat(20_000));
  mask.byClaim('ABCDE'.repeat(10_000) + '\u0301'.repeat(50_000));
  createMask(['ABCDEFGHIJ']).byValue('ABCDE'.repeat(10_000) + 'FGHIJ'.repeat(10_000));
  maskTail(' '.repeat(100_000) + 'x' + ' '.repeat(100_000));
  assert.ok(performance.now() - started < 5000);
});

test('a text that goes on spelling the id round after round is masked whole', () => {
  const nested = 'ABCDE'.repeat(12) + 'FGHIJ'.repeat(12);
  const masked = createMask(['ABCDEFGHIJ']).byValue(nested);
  assert.ok(!compact(masked).includes('ABCDEFGHIJ'));
});
