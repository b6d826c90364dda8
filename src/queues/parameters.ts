import { GatewayError } from '../errors.ts';
import { foldName, nameReadings } from './fold-name.ts';

/** All values of each wanted name that the text holds, decoded, under the name as wanted, in the order of the text. */
export type Parameters = ReadonlyMap<string, readonly string[]>;

/** How often a name may be encoded and still be recognised. */
const NAME_DECODINGS = 6;
const NONE: Parameters = new Map();

/**
 * Prepares the reading of a query or `application/x-www-form-urlencoded` text (WHATWG URL, section 5) as the most
 * forgiving server would do it. A name counts in any case and encoding (also twice, `%uXXXX`, overlong UTF-8), with
 * `[]`, `[0]` or an outer bracket; `.`, a blank and an open bracket count as `_` (PHP), and it ends at a NUL. Pairs end
 * at `&`, and also at `;`: where that gives another value, both are returned.
 *
 * The returned function throws GatewayError `request_malformed` for a wanted value that is not percent-encoded UTF-8.
 */
export function createParameterReader(names: readonly string[]): (text: string) => Parameters {
  const wanted = new Map(names.map((name) => [foldName(name), name]));
  const mayHold = new RegExp(['%', ...[...wanted.keys()].map(looseSource)].join('|'), 'i');

  return function readParameters(text) {
    if (text === '' || !mayHold.test(text)) return NONE;
    const found = new Map<string, string[]>();
    for (const pair of text.split('&')) {
      readPair(pair, wanted, found);
      if (pair.includes(';')) for (const part of pair.split(';')) readPair(part, wanted, found);
    }
    return found;
  };
}

/** A pattern for a folded name as it may stand in text without a percent sign. */
function looseSource(folded: string): string {
  return Array.from(folded)
    .map((character) =>
      character === '_' ? '[_.+ [\\]]' : character.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&'),
    )
    .join('');
}

function readPair(pair: string, wanted: ReadonlyMap<string, string>, found: Map<string, string[]>): void {
  const equals = pair.indexOf('=');
  if (equals < 0) return;
  const name = decodings(pair.slice(0, equals))
    .flatMap(nameReadings)
    .map((spelling) => wanted.get(spelling))
    .find((match) => match !== undefined);
  if (name === undefined) return;
  const values = found.get(name) ?? [];
  values.push(decodeValue(pair.slice(equals + 1), name));
  found.set(name, values);
}

/** The name as it stands, and what one, two ... decoders behind each other make of it. */
function decodings(rawName: string): string[] {
  const names = [rawName];
  for (let name = rawName; name.includes('%') && names.length <= NAME_DECODINGS; names.push(name)) {
    const decoded = decodeOnce(name);
    if (decoded === name) break;
    name = decoded;
  }
  return names;
}

function decodeOnce(name: string): string {
  return name.replace(/%u([\da-f]{4})|(?:%[\da-f]{2})+/gi, (run, code: string | undefined) =>
    code === undefined ? decodeRun(run) : String.fromCharCode(parseInt(code, 16)),
  );
}

/** UTF-8, also with more bytes than needed, which is invalid (RFC 3629 section 10) and yet read by old decoders. */
function decodeRun(run: string): string {
  const bytes = Buffer.from(run.replaceAll('%', ''), 'hex').toString('latin1');
  const shortest = bytes.replace(/[\xc0\xc1][\x80-\xbf]|\xe0[\x80\x81][\x80-\xbf]/g, shorten);
  return Buffer.from(shortest, 'latin1').toString('utf8');
}

function shorten(overlong: string): string {
  const code = Array.from(overlong).reduce((sum, byte) => (sum << 6) | (byte.charCodeAt(0) & 0x3f), 0);
  return String.fromCharCode(code & 0x7f);
}

function decodeValue(rawValue: string, name: string): string {
  try {
    return decodeURIComponent(rawValue.replaceAll('+', ' '));
  } catch (cause) {
    throw new GatewayError('request_malformed', `A value of "${name}" is not percent-encoded UTF-8.`, {
      cause,
    });
  }
}
