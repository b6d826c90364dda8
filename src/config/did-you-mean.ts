import leven from 'leven';

const plain = (word: string): string => word.toLowerCase().replace(/[^a-z0-9]/g, '');

/**
 * The known word that was most likely meant, or undefined when none is near: at most a third of its letters may differ (two
 * in a short word), or one of both starts with the other. Case, `_`, `-` and blanks do not count, so `AUTH_CLIENT_ID` finds
 * `authClientId`.
 */
function closest(written: string, known: readonly string[]): string | undefined {
  const from = plain(written.slice(0, 100));
  if (from === '') return undefined;
  const scored = known
    .map((word) => ({ word, distance: distanceOf(from, plain(word)) }))
    .filter(({ distance }) => distance !== Infinity)
    .sort((a, b) => a.distance - b.distance);
  return scored[0]?.word;
}

function distanceOf(from: string, to: string): number {
  const distance = leven(from, to);
  const near = to.length < 4 ? 1 : Math.max(2, Math.floor(to.length / 3));
  if (distance <= near) return distance;
  const startsAlike = Math.min(from.length, to.length) > 2 && (from.startsWith(to) || to.startsWith(from));
  return startsAlike ? distance : Infinity;
}

/** `did you mean "x"?`, or undefined. Quotes the known word only, never what was written. */
export function didYouMean(written: unknown, known: readonly string[]): string | undefined {
  const word = typeof written === 'string' ? closest(written, known) : undefined;
  return word === undefined ? undefined : `did you mean "${word}"?`;
}
