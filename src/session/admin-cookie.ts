import type { IncomingMessage } from 'node:http';

const NAME = /^(?:__Host-)?secure-chat-admin$/;
const VALUE = /^[\w-]{43}$/;
const LONGEST_HEADER = 65_536;

/** True for the name of the cookie of an administrator's session: it is the gateway's own and never goes upstream. */
export function isAdminCookie(name: string): boolean {
  return NAME.test(name);
}

/**
 * Its value, 32 random bytes in base64url; undefined when there is none, when it is not one of the gateway's or when two
 * came: then neither is believed.
 *
 * @param secure https: only `__Host-` counts.
 */
export function readAdminCookie(
  { headers: { cookie = '' } }: Pick<IncomingMessage, 'headers'>,
  secure: boolean,
): string | undefined {
  if (cookie.length > LONGEST_HEADER) return undefined;
  const name = nameOf(secure);
  const values = cookie.split(';').flatMap((pair) => {
    const equals = pair.indexOf('=');
    // blanks only: behind a no-break space no browser sees `__Host-`, and any site may set it
    const isIt = equals !== -1 && pair.slice(0, equals).replace(/^[ \t]+|[ \t]+$/g, '') === name;
    return isIt ? [pair.slice(equals + 1).trim()] : [];
  });
  const [value] = values;
  return values.length === 1 && value !== undefined && VALUE.test(value) ? value : undefined;
}

/**
 * `Set-Cookie` line. It goes with requests that come from its own site only.
 *
 * @param value Empty takes the cookie away, with the same attributes, or the browser would keep it.
 */
export function adminCookie(
  value: string,
  { secure, maxAgeSeconds }: { readonly secure: boolean; readonly maxAgeSeconds: number },
): string {
  const age = value === '' ? 0 : maxAgeSeconds;
  return `${nameOf(secure)}=${value}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
}

function nameOf(secure: boolean): string {
  return `${secure ? '__Host-' : ''}secure-chat-admin`;
}
