const DIGIT = /\p{Nd}/u;
const DIGITS = /\p{Nd}/gu;

/**
 * The whole numbers that servers make of a text, as decimal text: `007`, `7.0`, `7e0`, `0x7`, `1_000`, digits of other
 * scripts, and what begins with digits (`7abc` in PHP and JavaScript's `parseInt`). None when there are none.
 */
export function numberReadings(text: string): readonly string[] {
  if (!DIGIT.test(text)) return [];
  const plain = text.replace(DIGITS, digitOf).replaceAll(/[\s_]/g, '');
  const readings = [Number(plain), parseInt(plain, 10)].filter((number) => Number.isSafeInteger(number));
  return [...new Set(readings.map(String))];
}

/** Unicode keeps the ten digits of a script in a row, and rows side by side begin at a zero. */
function digitOf(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  let start = code;
  while (DIGIT.test(String.fromCodePoint(start - 1))) start -= 1;
  return String((code - start) % 10);
}
