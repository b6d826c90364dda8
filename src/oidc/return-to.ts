import { GatewayError } from '../errors.ts';

/** Where a login of one customer may send the browser back to. */
export interface AllowedReturns {
  /** Without a trailing slash; relative addresses are read below it. */
  readonly publicUrl: string;
  readonly publicOrigin: string;
  /** Whole origins of the customer's own pages. */
  readonly returnOrigins: readonly string[];
}

/** Longest address taken, in characters. */
const MAX_LENGTH = 2048;

/** Blanks, control characters, line separators, lone surrogates, backslashes: what readers of addresses disagree on. */
const AMBIGUOUS = /[\s\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}\\]/u;

/** Scheme, and an authority of plain name or address and port: no user, no percent signs, no letters beyond ASCII. */
const ABSOLUTE =
  /^https?:\/\/(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::[1-9]\d{0,4})?(?:[/?#]|$)/i;

/** A path from the root, a query, a fragment, or a path with a first segment that no decoding turns into a scheme. */
const RELATIVE = /^(?:\/(?!\/)|[?#]|[\w.~!$&'()*+,;=@-]+(?:[/?#]|$))/;

/**
 * The address to which the browser returns after a login. Relative to `publicUrl`, or absolute with an allowed origin;
 * whatever two readers could understand differently is refused, not repaired.
 *
 * @param value As it stands in the request; absent or empty means the root of `publicUrl`.
 * @throws GatewayError `return_to_refused`.
 */
export function checkReturnTo(value: string | undefined, allowed: AllowedReturns): URL {
  const base = `${allowed.publicUrl}/`;
  if (value === undefined || value === '') return new URL(base);
  if (value.length > MAX_LENGTH) throw refused(`is longer than ${MAX_LENGTH} characters`);
  if (AMBIGUOUS.test(value)) throw refused('holds blanks, control characters or backslashes');
  if (!ABSOLUTE.test(value) && !RELATIVE.test(value)) {
    throw refused('is neither a path nor an http(s) address without user and password');
  }
  const url = URL.canParse(value, base) ? new URL(value, base) : undefined;
  if (url === undefined) throw refused('is not an address');
  if (![allowed.publicOrigin, ...allowed.returnOrigins].includes(url.origin)) {
    throw refused('leads to an origin that is neither the gateway nor in returnOrigins');
  }
  if (!isPlain(url)) throw refused('can be read in more than one way');
  return url;
}

/** The parsed address still reads as the origin it was compared as, also for a reader who decodes or drops the origin. */
function isPlain(url: URL): boolean {
  if (url.username !== '' || url.password !== '') return false;
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return false;
  const path = decoded(url.pathname);
  return path !== undefined && !path.startsWith('//') && !/[\p{Cc}\\]/u.test(path);
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

function refused(reason: string): GatewayError {
  return new GatewayError('return_to_refused', `The return address ${reason}.`);
}
