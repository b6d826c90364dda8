import type { IncomingHttpHeaders } from 'node:http';

/**
 * Does a form come from a page of this very origin? Browsers say it in `Sec-Fetch-Site` (W3C Fetch Metadata); older ones by
 * `Origin`, which a page without referrers may send as `null`. A request that says neither is none of a browser's form.
 */
export function comesFromOwnPage(headers: IncomingHttpHeaders, publicOrigin: string): boolean {
  const { 'sec-fetch-site': site, origin } = headers;
  if (site !== undefined)
    return site === 'same-origin' && (origin === undefined || origin === 'null' || origin === publicOrigin);
  return origin === publicOrigin;
}
