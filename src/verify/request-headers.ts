import { refuse } from './assertion-refused.ts';

/** Headers as node:http has them, by lower-case names. */
export type HeaderRecord = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A node:http or Express request, or any other object with such headers. */
export interface RequestWithHeaders {
  readonly headers: Headers | HeaderRecord;
  /** Name, value, name, value ... Preferred, for `headers` may have joined what came twice. */
  readonly rawHeaders?: readonly string[];
}

/** Where the headers of a request can be read: the request itself, its headers, or its `rawHeaders`. */
export type HeaderSource = RequestWithHeaders | Headers | HeaderRecord | readonly string[];

/** Reads one header that may be there once. */
export type ReadHeader = (suffix: string) => string | undefined;

type Entry = readonly [name: string, value: string];

/**
 * Reads the headers of a prefix. The gateway sends each of them once, so the reader throws what `fail` makes where one is
 * there twice, also when one of the two is in another spelling that some servers take for the same name
 * (`X_Secure_Chat_Id`). A header that is there in such a spelling alone is not the gateway's, and is refused too.
 */
export function readerOf(source: HeaderSource, prefix: string, fail: (name: string) => never): ReadHeader {
  const start = fold(prefix);
  const ours = entriesOf(source).filter(([name]) => fold(name).startsWith(start));
  return (suffix) => {
    const name = prefix + suffix;
    const wanted = fold(name);
    const found = ours.filter(([other]) => fold(other) === wanted);
    const [first] = found;
    if (first === undefined) return undefined;
    if (found.length > 1 || first[0].toLowerCase() !== name.toLowerCase()) return fail(name);
    return first[1];
  };
}

/** Checks a prefix as the option of a program. */
export function checkPrefix(prefix: unknown): string {
  if (typeof prefix === 'string' && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(prefix)) return prefix;
  throw new TypeError('headerPrefix is the start of header names, as the gateway is configured.');
}

/** The reader's `fail` for the assertion's own header. */
export function severalAssertions(): never {
  return refuse('assertion_malformed', 'The request carries several assertions, or one under another name.');
}

function fold(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '-');
}

function entriesOf(source: HeaderSource): readonly Entry[] {
  if (isList(source)) return pairs(source);
  if (source instanceof Headers) return [...source.entries()];
  if (isRequest(source)) return entriesOf(source.rawHeaders ?? source.headers);
  return Object.entries(source).flatMap(([name, value]) => {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values.filter((each) => typeof each === 'string').map((each): Entry => [name, each]);
  });
}

function isList(source: HeaderSource): source is readonly string[] {
  return Array.isArray(source);
}

/** No header is called `headers` with an object for its value. */
function isRequest(source: object): source is RequestWithHeaders {
  return 'headers' in source && typeof source.headers === 'object';
}

function pairs(rawHeaders: readonly string[]): readonly Entry[] {
  return rawHeaders.flatMap((name, index): Entry[] =>
    index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? '']] : [],
  );
}
