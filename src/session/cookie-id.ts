import { unsign } from 'cookie-signature';

// a signed id of express-session has 78 characters, some of them percent-encoded
const LONGEST_VALUE = 256;
const LONGEST_HEADER = 65_536;
const MOST_CANDIDATES = 8;

/** The cookie of a browser that opens, as it stood in the header. */
export interface SessionCookie {
  readonly sessionId: string;
  /** `name=value`, byte for byte. */
  readonly pair: string;
}

/**
 * Finds the session cookie in a `Cookie` header (RFC 6265, section 5.4) and checks its signature as express-session does
 * (HMAC-SHA256, `s:` in front). Of repeated cookies the first valid one counts: a cookie that another site of the domain
 * planted in front of ours does not lock anybody out. Whatever is broken, huge or too many is no session; never throws.
 *
 * @param secrets Any of them may have signed.
 */
export function findSessionCookie(
  header: string | undefined,
  name: string,
  secrets: readonly string[],
): SessionCookie | undefined {
  if (header === undefined || header.length > LONGEST_HEADER) return undefined;
  let candidates = 0;
  for (const part of header.split(';')) {
    const start = part.indexOf(`${name}=`);
    // blanks only, not all that `trim` takes: behind a no-break space no browser sees `__Host-`, and any site may set it
    if (start === -1 || /[^ \t]/.test(part.slice(0, start))) continue;
    const pair = part.slice(start).trimEnd();
    if (++candidates > MOST_CANDIDATES) return undefined;
    const sessionId = readSigned(pair.slice(name.length + 1), secrets);
    if (sessionId !== undefined) return { sessionId, pair };
  }
  return undefined;
}

function readSigned(raw: string, secrets: readonly string[]): string | undefined {
  if (raw.length > LONGEST_VALUE) return undefined;
  const value = decoded(raw);
  if (!value?.startsWith('s:')) return undefined;
  for (const secret of secrets) {
    const sessionId = unsign(value.slice(2), secret);
    // other code may sign with the same secret what a client has chosen: only the shape that express-session makes counts
    if (sessionId !== false) return /^[\w-]{32}$/.test(sessionId) ? sessionId : undefined;
  }
  return undefined;
}

function decoded(raw: string): string | undefined {
  try {
    return decodeURIComponent(raw);
  } catch {
    return undefined;
  }
}
