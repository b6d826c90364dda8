/**
 * Characters that code pages, collations and old web servers take for an ASCII one though Unicode's own compatibility
 * mapping does not (Windows best fit, JIS and KS backslash, accent-insensitive collations).
 */
const BEST_FIT: Readonly<Record<string, string>> = {
  '\u2044': '/',
  '\u2215': '/',
  '\u29f8': '/',
  '\u2216': '\\',
  '\u29f5': '\\',
  '\u29f9': '\\',
  '\u00a5': '\\',
  '\u20a9': '\\',
  '\u3002': '.',
  '\u06d4': '.',
  '\u066a': '%',
  '\u061b': ';',
  '\u0142': 'l',
  '\u0111': 'd',
  '\u00f0': 'd',
  '\u0127': 'h',
  '\u0167': 't',
  '\u0180': 'b',
  '\u0268': 'i',
  '\u00f8': 'o',
  '\u00e6': 'ae',
  '\u0153': 'oe',
};

const PRINTABLE = /^[ -~]*$/;
const UNSEEN = /[\p{M}\p{Cf}\p{Cc}\u{fffd}\u{2800}\u{115f}\u{1160}\u{3164}]/gu;
/** Not `\s`, which counts the invisible U+FEFF as a blank. */
const BLANKS = /[\p{Z}\t-\r]/gu;
const BEST_FITTING = new RegExp(`[${Object.keys(BEST_FIT).join('')}]`, 'gu');

/**
 * What the most forgiving reader makes of a text: compatibility forms, accents, case, invisible characters and look-alike
 * punctuation folded away. Never tells which queue is meant; only whether a text could be taken for a secure queue's by
 * a server that is less exact than the gateway.
 */
export function foldLeniently(text: string): string {
  if (PRINTABLE.test(text)) return text.toLowerCase();
  return (
    text
      .replace(BLANKS, ' ')
      // before as well: to sort a long run of marks takes the square of its length
      .replace(UNSEEN, '')
      .normalize('NFKD')
      .replace(BLANKS, ' ')
      .replace(UNSEEN, '')
      .toUpperCase()
      .toLowerCase()
      .replace(UNSEEN, '')
      .replace(BEST_FITTING, (character) => BEST_FIT[character] ?? character)
  );
}
