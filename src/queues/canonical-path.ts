import { GatewayError } from '../errors.ts';
import { foldLeniently } from './fold-leniently.ts';

/** The address of a request in its one reading: what rules are matched on is what goes upstream. */
export interface Address {
  /** Canonical path, starting with `/`: percent-encoded unreserved characters decoded, every other byte as it came. */
  readonly path: string;
  /** `path` with every escape decoded. Holds no `/` that was encoded, so its segments are those of `path`. */
  readonly decodedPath: string;
  /** Raw query without its `?`; empty when there is none. */
  readonly query: string;
  /** What goes upstream: `path`, and the query with its `?` where the client sent one, be it empty. */
  readonly target: string;
  /** The secret that stood behind the chat's id, where a preset takes one out; it is in none of the others. */
  readonly tail?: string | undefined;
}

/** Segments of harmless characters, none empty but the last, none ending in a dot: no two servers differ on these. */
const PLAIN_PATH = /^(?:\/[\w~!*',=:@&+.-]*[\w~!*',=:@&+-])*\/?$/;
const ORIGIN_CHARACTERS = /^\/[!"$-~]*$/;
const BAD_ESCAPE = /%(?![\da-f]{2})/i;
const UNRESERVED_ESCAPE = /%(?:2[de]|3\d|[46][1-9a-f]|[57][\da]|5f|7e)/gi;

/** Raw forms that servers read as something else, and escapes of `/ \ % ;` and control characters. */
const TWO_READINGS = /[\\;]|\/\/|%(?:2f|5c|25|3b|[01][\da-f]|7f)/i;
/** C1 controls and the Unicode line ends, after decoding. */
const CONTROLS = /[\u0080-\u009f\u2028\u2029]/;
/** Windows drops dots and blanks at the end of a name; `.` and `..` end in a dot as well. */
const LOOSE_END = /[.\s\p{Z}\p{Cf}\u2800\u3164](?:\/|$)/u;
/** NTFS stream suffix (`name::$DATA`) and ASP.NET's cookieless session (`/(S(id))/`), which those servers cut out. */
const CUT_OUT = /:\$|\/[\s+]*\([a-z]\(.*\)/is;
const SEPARATORS = /[/\\.;%]/;
const ASCII = /[\0-\u007f]+/g;

/**
 * Reads the request target of an HTTP/1.1 request line (`req.url`, RFC 9112 section 3.2.1: origin form only).
 *
 * @throws GatewayError `request_malformed` for another form, characters that no address may hold (RFC 3986), and escapes
 * in the path that are broken or not UTF-8; `path_ambiguous` for a path that two servers could read differently.
 */
export function readAddress(target: string): Address {
  const mark = target.indexOf('?');
  const rawPath = mark < 0 ? target : target.slice(0, mark);
  if (!ORIGIN_CHARACTERS.test(target)) throw malformed(target);
  const query = mark < 0 ? '' : target.slice(mark + 1);
  if (PLAIN_PATH.test(rawPath)) return { path: rawPath, decodedPath: rawPath, query, target };

  if (BAD_ESCAPE.test(rawPath)) throw badEscape();
  const path = rawPath.replace(UNRESERVED_ESCAPE, decodeURIComponent);
  const decodedPath = decodePath(path);
  refuseTwoReadings(path, decodedPath);
  return { path, decodedPath, query, target: mark < 0 ? path : path + target.slice(mark) };
}

function malformed(target: string): GatewayError {
  if (!target.startsWith('/')) {
    return new GatewayError('request_malformed', 'The request target has to be a path that starts with "/".');
  }
  return new GatewayError(
    'request_malformed',
    'The address holds "#", a blank, a control character or a letter outside ASCII; percent-encode it.',
  );
}

function badEscape(cause?: unknown): GatewayError {
  return new GatewayError(
    'request_malformed',
    'The path holds a percent escape that is broken or is not UTF-8.',
    { cause },
  );
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw badEscape(cause);
  }
}

function refuseTwoReadings(path: string, decodedPath: string): void {
  if (TWO_READINGS.test(path)) {
    throw ambiguous('an empty segment, "\\", ";", or an encoded "/", "\\", "%", ";" or control character');
  }
  if (CONTROLS.test(decodedPath)) throw ambiguous('an encoded control character');
  if (LOOSE_END.test(decodedPath))
    throw ambiguous('a dot segment, or a segment that ends in a dot or a blank');
  if (CUT_OUT.test(decodedPath)) throw ambiguous('a part that some servers cut out');
  refuseLookAlikes(decodedPath);
}

/** Servers that map Unicode to a code page find separators in letters that are none, and nothing in others. */
function refuseLookAlikes(decodedPath: string): void {
  const beyondAscii = decodedPath.replace(ASCII, '');
  if (beyondAscii === '') return;
  const folded = foldLeniently(decodedPath);
  const hidesSegment = folded.includes('//') || (folded.endsWith('/') && !decodedPath.endsWith('/'));
  const hidesEnd = LOOSE_END.test(folded) || CUT_OUT.test(folded);
  if (hidesSegment || hidesEnd || SEPARATORS.test(foldLeniently(beyondAscii))) {
    throw ambiguous('a character that some servers take for "/", "\\", ".", ";" or "%", or for none');
  }
}

function ambiguous(what: string): GatewayError {
  return new GatewayError(
    'path_ambiguous',
    `The path holds ${what}, which chat servers read in different ways.`,
  );
}
