import fc from 'fast-check';

/** Public test persons and examples of vendors' documents; some fail their check digits, as real answers may. */
export const NATIONAL_IDS = [
  '17029012345',
  '27034698436',
  '57034698436',
  '199002171234',
  '196802020575',
  '1107744882',
  '110774-4882',
  '070770-905D',
  '131052-308T',
  '010170-999R',
  '010200A9618',
  '010100A001N',
  '280453-111A',
] as const;

const digits = (count: number) => fc.stringMatching(new RegExp(`^\\d{${count}}$`));
const date = fc
  .tuple(fc.integer({ min: 1, max: 28 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 10, max: 99 }))
  .map((parts) => parts.map((part) => String(part).padStart(2, '0')) as [string, string, string]);

/** Ids in the four formats: NO 11 digits (D-numbers too), SE 12, DK 10, FI with every century sign. */
export const nationalIds: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...NATIONAL_IDS),
  fc.tuple(date, digits(5), fc.boolean()).map(([[d, m, y], rest, isDNumber]) => {
    return (isDNumber ? String(Number(d) + 40) : d) + m + y + rest;
  }),
  fc
    .tuple(fc.constantFrom('19', '20'), date, digits(4))
    .map(([century, [d, m, y], n]) => century + y + m + d + n),
  fc.tuple(date, digits(4)).map(([[d, m, y], rest]) => d + m + y + rest),
  fc
    .tuple(
      date,
      fc.constantFrom(...Array.from('+-UVWXYABCDEF')),
      digits(3),
      fc.constantFrom(...Array.from('0123456789ABCDEFHJKLMNPRSTUVWXY')),
    )
    .map(([[d, m, y], sign, number, check]) => `${d}${m}${y}${sign}${number}${check}`),
);

const ZEROS = ['\uff10', '\u0660', '\u06f0', '\u0966', '\u{1d7ce}', '\u0e50'];
const GLUE = ['', ' ', '-', '+', '.', '/', '\u00a0', '\u2009', '\u2013', ' - ', '\u00ad', '\u200b', '_', ','];

/** The same number as people and machines also write it: other separators, other digits, another case, blanks around. */
export function spellingsOf(id: string): fc.Arbitrary<string> {
  const characters = Array.from(id.replaceAll(/[+-]/g, ''));
  const glue = fc.array(fc.constantFrom(...GLUE), {
    minLength: characters.length,
    maxLength: characters.length,
  });
  const sparse = fc
    .tuple(glue, fc.nat(characters.length - 1))
    .map(([all, at]) => all.map((g, i) => (i === at ? g : '')));
  return fc
    .tuple(
      fc.oneof(sparse, glue),
      fc.option(fc.constantFrom(...ZEROS)),
      fc.constantFrom('as is', 'lower', 'wide'),
    )
    .map(([between, zero, letters]) =>
      characters
        .map((char, i) => (i === 0 ? '' : between[i]!) + inScript(char, zero ?? undefined, letters))
        .join(''),
    );
}

function inScript(char: string, zero: string | undefined, letters: string): string {
  if (/\d/.test(char))
    return zero === undefined ? char : String.fromCodePoint(zero.codePointAt(0)! + Number(char));
  if (letters === 'lower') return char.toLowerCase();
  return letters === 'wide' ? String.fromCodePoint(char.codePointAt(0)! + 0xfee0) : char;
}
