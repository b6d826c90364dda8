/** One letter or digit of a text, folded, and where it stands in that text (UTF-16 offsets). */
export interface FoldedUnit {
  /** Lower case; every decimal digit of Unicode as `0` to `9`; without accents and width. */
  readonly char: string;
  readonly start: number;
  readonly end: number;
}

const DECIMAL_DIGIT = /^\p{Nd}$/u;
const LETTER_OR_NUMBER = /^[\p{L}\p{N}]$/u;

/**
 * The letters and digits of a text in the form in which spellings of one number are alike: full-width, circled,
 * Arabic-Indic and all other decimal digits become ASCII, letters lower case without accents (NFKD). Everything else,
 * blanks, punctuation, marks and `*` included, is a separator and left out. A character that stands for several gives
 * several units with one place. Lone surrogates are separators.
 */
export function foldText(text: string): FoldedUnit[] {
  const units: FoldedUnit[] = [];
  for (let start = 0; start < text.length;) {
    const code = text.codePointAt(start) ?? 0;
    const end = start + (code > 0xffff ? 2 : 1);
    for (const char of foldCharacter(code)) units.push({ char, start, end });
    start = end;
  }
  return units;
}

function foldCharacter(code: number): readonly string[] {
  if (code < 0x80) return ASCII[code] ?? [];
  const folded: string[] = [];
  for (const char of String.fromCodePoint(code).normalize('NFKD').toLowerCase().normalize('NFKD')) {
    if (DECIMAL_DIGIT.test(char)) folded.push(String(digitValue(char)));
    else if (LETTER_OR_NUMBER.test(char)) folded.push(char);
  }
  return folded;
}

/** Decimal digits stand in runs of ten, zero first (Unicode Standard section 4.6), so counting back gives the value. */
function digitValue(digit: string): number {
  const code = digit.codePointAt(0) ?? 0;
  let before = 0;
  while (DECIMAL_DIGIT.test(String.fromCodePoint(code - before - 1))) before += 1;
  return before % 10;
}

const ASCII: readonly (readonly string[])[] = Array.from({ length: 0x80 }, (_, code) => {
  const char = String.fromCharCode(code).toLowerCase();
  return /^[0-9a-z]$/.test(char) ? [char] : [];
});
