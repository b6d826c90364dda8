import type { IncomingHttpHeaders } from 'node:http';

/**
 * Is this request a person opening a page: a top-level GET for HTML? Only such a request may be answered with a redirect
 * to the provider or with a page; a fetch, an XHR, a frame, a prefetch or an upgrade gets a problem document instead.
 *
 * Browsers say it in Fetch Metadata (W3C Fetch Metadata Request Headers), where `Sec-Fetch-Mode` and `Sec-Fetch-Dest`
 * always come together. For clients that send neither, or like Node's own fetch the mode alone, `Accept` decides, unless
 * `X-Requested-With` marks a script.
 */
export function isNavigation(method: string | undefined, headers: IncomingHttpHeaders): boolean {
  if (method !== 'GET' || headers.upgrade !== undefined || headers['x-requested-with'] !== undefined)
    return false;
  if (isPrefetch(headers)) return false;
  const { 'sec-fetch-mode': mode, 'sec-fetch-dest': destination, accept } = headers;
  if (mode === undefined || destination === undefined) return acceptsHtml(accept);
  return mode === 'navigate' && destination === 'document';
}

function isPrefetch(headers: IncomingHttpHeaders): boolean {
  const purpose = headers['sec-purpose'] ?? headers['purpose'];
  return typeof purpose === 'string' && purpose.toLowerCase().includes('prefetch');
}

function acceptsHtml(accept: string | undefined): boolean {
  return (
    accept !== undefined && /(?:^|[\s,])(?:text\/html|application\/xhtml\+xml)\s*(?:[;,]|$)/i.test(accept)
  );
}

/** Is this a form that a person sent from a page, so that the answer is a place to go to rather than data? */
export function isNavigationPost(method: string | undefined, headers: IncomingHttpHeaders): boolean {
  if (method !== 'POST' || headers['x-requested-with'] !== undefined) return false;
  const { 'sec-fetch-mode': mode, 'sec-fetch-dest': destination } = headers;
  return mode === undefined || destination === undefined ? acceptsHtml(headers.accept) : mode === 'navigate';
}
