import fc, { type Arbitrary } from 'fast-check';

type Change = (path: string, at: number) => string;

/** Single changes to a path that some servers do not see. `at` is any number. */
const CHANGES: Readonly<Record<string, Change>> = {
  encode: (path, at) => splice(path, letterAt(path, at), (c) => `%${hex(c)}`),
  encodeLower: (path, at) => splice(path, letterAt(path, at), (c) => `%${hex(c).toLowerCase()}`),
  encodeTwice: (path, at) => splice(path, letterAt(path, at), (c) => `%25${hex(c)}`),
  dot: (path, at) => splice(path, slashAt(path, at), () => '/./'),
  dotEncoded: (path, at) => splice(path, slashAt(path, at), () => '/%2e/'),
  dots: (path, at) => splice(path, slashAt(path, at), () => '/x/../'),
  dotsEncoded: (path, at) => splice(path, slashAt(path, at), () => '/x/%2e%2E/'),
  dotsHalf: (path, at) => splice(path, slashAt(path, at), () => '/x/.%2e/'),
  doubled: (path, at) => splice(path, slashAt(path, at), () => '//'),
  backslash: (path, at) => splice(path, slashAt(path, at), () => '\\'),
  backslashEncoded: (path, at) => splice(path, slashAt(path, at), () => '%5c'),
  slashEncoded: (path, at) => splice(path, slashAt(path, at), () => '%2f'),
  parameter: (path, at) => splice(path, slashAt(path, at), () => ';a=b/'),
  parameterAtEnd: (path) => `${path};a=b`,
  parameterEncoded: (path) => `${path}%3ba=b`,
  upper: (path, at) => splice(path, letterAt(path, at), (c) => c.toUpperCase()),
  dotAtEnd: (path) => `${path}.`,
  blankAtEnd: (path) => `${path}%20`,
  tabAtEnd: (path) => `${path}%09`,
  nulAtEnd: (path) => `${path}%00`,
  numberSign: (path) => `${path}#`,
  numberSignEncoded: (path) => `${path}%23`,
  questionEncoded: (path) => `${path}%3fx`,
};

/** The path after one to four changes of the class C4, and ways into it from elsewhere. */
export function confusedPaths(path: string, open: string, host: string): Arbitrary<string> {
  const changes = fc.array(fc.tuple(fc.constantFrom(...Object.values(CHANGES)), fc.nat(200)), {
    minLength: 1,
    maxLength: 4,
  });
  const start = fc.constantFrom(path, path, path, `/x/..${path}`, `${open}/../..${path}`, `//${host}${path}`);
  const changed = fc
    .tuple(start, changes)
    .map(([from, list]) => list.reduce((text, [change, at]) => change(text, at), from));
  return fc.oneof(
    { weight: 8, arbitrary: changed },
    { weight: 1, arbitrary: changed.map((p) => `http://${host}${p}`) },
  );
}

/** Tails of addresses that everybody reads alike. */
export const honestTail: Arbitrary<string> = fc
  .tuple(
    fc.array(fc.stringMatching(/^[a-z0-9](?:[A-Za-z0-9_~!*,=@-]|%C3%A5|%C3%98){0,8}[a-z0-9]$/), {
      maxLength: 3,
    }),
    fc.option(fc.stringMatching(/^(?:x|y)=[A-Za-z0-9/_~!*,=@:?.-]{0,12}(?:%20|%2F)?$/), { nil: undefined }),
  )
  .map(
    ([segments, query]) =>
      `${segments.map((s) => `/${s}`).join('')}${query === undefined ? '' : `?${query}`}`,
  );

function splice(text: string, at: number, by: (character: string) => string): string {
  return at < 0 ? text : text.slice(0, at) + by(text.charAt(at)) + text.slice(at + 1);
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase();
}

function letterAt(path: string, at: number): number {
  return nth(path, /[A-Za-z0-9_-]/g, at);
}

/** Any slash but the first, which the request line needs. */
function slashAt(path: string, at: number): number {
  return nth(path, /(?<=.)\//g, at);
}

function nth(text: string, what: RegExp, at: number): number {
  const found = [...text.matchAll(what)];
  return found.length === 0 ? -1 : (found[at % found.length]?.index ?? -1);
}
