import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** The cookie by which a browser is known again that has asked for a `state`. */
export interface PageCookie {
  readonly name: string;
  readonly value: string;
  /** It came with the request, and will come with the authorization response, which the jar of a site's own does not. */
  readonly comesBack: boolean;
  /** `Set-Cookie` line. */
  readonly line: string;
}

const NAME = /^(?:__Host-)?secure-chat-page(?:-x)?$/;
const VALUE = /^[\w-]{43}$/;
const LONGEST_HEADER = 65_536;
/** Longer than a login and the wait of its handle. */
const MAX_AGE_SECONDS = 3600;

/** True for the name of such a cookie: it is the gateway's own and never goes upstream. */
export function isPageCookie(name: string): boolean {
  return NAME.test(name);
}

/**
 * The cookie for the browser that asks: the one that it has, else a new one. For a page of another site it is
 * `SameSite=None; Partitioned`, and has a name of its own: beside it the browser may have the ordinary one, of another jar.
 *
 * @param secure https: `__Host-` and `Secure`.
 */
export function pageCookieFor(req: IncomingMessage, secure: boolean): PageCookie {
  const elsewhere = servesOtherSite(req, secure);
  const name = `${secure ? '__Host-' : ''}secure-chat-page${elsewhere ? '-x' : ''}`;
  const known = readPageCookie(req, name);
  const isKept = known !== undefined && VALUE.test(known);
  const value = isKept ? known : randomBytes(32).toString('base64url');
  const site = elsewhere ? 'None; Secure; Partitioned' : `Lax${secure ? '; Secure' : ''}`;
  const line = `${name}=${value}; Path=/; Max-Age=${MAX_AGE_SECONDS}; HttpOnly; SameSite=${site}`;
  return { name, value, line, comesBack: isKept && !elsewhere };
}

/** Does a page of another site ask, which gets cookies of `SameSite=None` only? These need https. */
export function servesOtherSite({ headers }: IncomingMessage, secure: boolean): boolean {
  return secure && headers['sec-fetch-site'] === 'cross-site';
}

/** The value of a cookie; undefined when there is none, empty when it came twice: then neither is believed. */
export function readPageCookie({ headers }: IncomingMessage, name: string): string | undefined {
  const { cookie } = headers;
  if (cookie === undefined) return undefined;
  if (cookie.length > LONGEST_HEADER) return '';
  let value: string | undefined;
  for (const pair of cookie.split(';')) {
    const equals = pair.indexOf('=');
    // blanks only: behind a no-break space no browser sees `__Host-`, and any site may set it
    if (equals === -1 || pair.slice(0, equals).replace(/^[ \t]+|[ \t]+$/g, '') !== name) continue;
    value = value === undefined ? pair.slice(equals + 1).trim() : '';
  }
  return value;
}
