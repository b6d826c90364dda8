const BASE = 'https://gateway.invalid';

/**
 * The address for a link, or undefined when a link must not be made of it: only http and https addresses without user
 * or password, and paths on this origin, get through; `javascript:`, `//host`, `/\host` and what does not parse do not.
 * The answer is the address as the URL standard reads it, so that what was checked is what the browser follows.
 */
export function safeHref(address: string | undefined): string | undefined {
  if (address === undefined || !URL.canParse(address, BASE)) return undefined;
  const url = new URL(address, BASE);
  if (url.username !== '' || url.password !== '') return undefined;
  if (/^https?:\/\//i.test(address)) return url.href;
  if (!address.startsWith('/') || url.origin !== BASE) return undefined;
  // Dot segments may leave a path that begins with two slashes, which a browser would read as a host.
  return url.pathname.startsWith('//') ? undefined : `${url.pathname}${url.search}${url.hash}`;
}
