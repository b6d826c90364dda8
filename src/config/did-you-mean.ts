import leven from 'leven';

const plain = (word: string): string => word.toLowerCase().replace(/[^a-z0-9]/g, '');

/**
 * The known word that was most likely meant, or undefined when none is near: at most a third of its letters may differ.
 * Case, `_`, `-` and blanks do not count, so `AUTH_CLIENT_ID` finds `authClientId`.
 */
export function closest(written: string, known: readonly string[]): string | undefined {
  if (written.length > 60) return undefined;
  const scored = known
    .map((word) => ({ word, distance: leven(plain(written), plain(word)) }))
    .filter(({ word, distance }) => distance <= Math.max(1, Math.floor(plain(word).length / 3)))
    .sort((a, b) => a.distance - b.distance);
  return scored[0]?.word;
}

/** `did you mean "x"?`, or undefined. Quotes the known word only, never what was written. */
export function didYouMean(written: unknown, known: readonly string[]): string | undefined {
  const word = typeof written === 'string' ? closest(written, known) : undefined;
  return word === undefined ? undefined : `did you mean "${word}"?`;
}
