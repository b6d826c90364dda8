import fc, { type Arbitrary } from 'fast-check';

/** Characters that a header's name may hold beside letters and digits (RFC 9110, section 5.6.2). */
export const SEPARATORS = Array.from("!#$%&'*+-.^_`|~");

const SUFFIXES = [
  'Id',
  'Nickname',
  'Queue',
  'Customer',
  'Connection',
  'Variables',
  'Acr',
  'Assertion',
  'Variable-Email',
];

/** Ends of identity headers' names: the usual ones and invented ones. */
export const suffix: Arbitrary<string> = fc.oneof(
  fc.constantFrom(...SUFFIXES),
  fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,8}(?:-[A-Za-z0-9]{1,6})?$/),
);

/** Names that fold to the prefix, with every character that is no letter or digit drawn from `separators`. */
export function spellings(prefix: string, separators: readonly string[]): Arbitrary<string> {
  return fc
    .record({
      end: suffix,
      with: fc.array(fc.constantFrom(...separators), { minLength: 40, maxLength: 40 }),
      upper: fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }),
    })
    .map(({ end, with: drawn, upper }) =>
      Array.from(prefix + end)
        .map((character, index) => {
          if (/[^A-Za-z0-9]/.test(character)) return drawn[index % drawn.length] ?? character;
          return upper[index % upper.length] === true ? character.toUpperCase() : character.toLowerCase();
        })
        .join(''),
    );
}

/** Names that look like the prefix and do not fold to it. */
export function lookAlikes(prefix: string): Arbitrary<string> {
  const bare = prefix.replace(/[^A-Za-z0-9]+$/, '');
  const changed = [
    `X${prefix}`,
    `${bare}s-`,
    `${bare}ty-`,
    `${bare.slice(0, -1)}-`,
    prefix.replace(/-/, ''),
    prefix.replace(/-/, '--'),
    prefix.replace(/^[^-]*-/, ''),
    `My-${prefix}`,
  ];
  return fc.tuple(fc.constantFrom(...changed), suffix).map(([start, end]) => start + end);
}

/** Values that nothing on the way has a reason to touch. */
export const plainValue: Arbitrary<string> = fc.stringMatching(
  /^[A-Za-z0-9][A-Za-z0-9 ._~:/?=&-]{0,20}[A-Za-z0-9]$/,
);
