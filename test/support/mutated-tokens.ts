import fc from 'fast-check';

/** One change somewhere in a compact token. */
export interface TokenMutation {
  /** How far into it, from 0 to 1. */
  readonly at: number;
  readonly how: 'replace' | 'insert' | 'delete' | 'bit';
  readonly letter: string;
}

/** Any change, anywhere: header, claims, signature, or the dots between them. */
export const mutation: fc.Arbitrary<TokenMutation> = fc.record({
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  how: fc.constantFrom('replace', 'insert', 'delete', 'bit'),
  letter: fc.constantFrom('A', 'B', 'x', 'z', '0', '9', '-', '_', '.', '=', '+', '/', ' ', '\n'),
});

/** The token with that change. */
export function mutate(token: string, { at, how, letter }: TokenMutation): string {
  const place = Math.floor(at * token.length);
  const [before, after] = [token.slice(0, place), token.slice(place + 1)];
  if (how === 'bit') return before + letterBeside(token[place] ?? 'A') + after;
  if (how === 'insert') return before + letter + token.slice(place);
  return before + (how === 'delete' ? '' : letter) + after;
}

/** Are these the same bytes in other letters? Base64url leaves up to four bits of a last letter free. */
export function readsAlike(one: string, other: string): boolean {
  const [a, b] = [one.split('.'), other.trim().split('.')];
  const bytes = (part: string | undefined) => Buffer.from(part ?? '', 'base64url');
  return a.length === b.length && a.every((part, index) => bytes(part).equals(bytes(b[index])));
}

function letterBeside(letter: string): string {
  if (letter === '.' || letter === 'z') return 'A';
  return String.fromCharCode(letter.charCodeAt(0) ^ 1);
}
