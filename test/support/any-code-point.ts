import fc from 'fast-check';

const FIRST_SURROGATE = 0xd800;
const SURROGATES = 0x800;
const CODE_POINTS = 0x110000 - SURROGATES;

/**
 * The unit of `fc.string({ unit: anyCodePoint })`: one code point of Unicode, no half of a surrogate pair, as the library's
 * own `binary`, which builds a table of all of them in each process.
 */
export const anyCodePoint: fc.Arbitrary<string> = fc
  .integer({ min: 0, max: CODE_POINTS - 1 })
  .map(codePointAt, placeOf);

function codePointAt(place: number): string {
  return String.fromCodePoint(place < FIRST_SURROGATE ? place : place + SURROGATES);
}

/** The library asks it of any value, to know whether it can shrink a string it did not make, such as `__proto__`. */
function placeOf(unit: unknown): number {
  const code = typeof unit === 'string' ? unit.codePointAt(0) : undefined;
  if (code === undefined || String.fromCodePoint(code) !== unit)
    throw new TypeError('It is not one code point.');
  if (code < FIRST_SURROGATE) return code;
  if (code < FIRST_SURROGATE + SURROGATES) throw new TypeError('Half of a pair is no code point of its own.');
  return code - SURROGATES;
}
