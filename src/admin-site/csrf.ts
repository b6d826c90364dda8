import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../errors.ts';
import type { Actor } from './actor.ts';

/**
 * Refuses what another site has made a browser send. A cookie comes along by itself, so beside it a change has to bring the
 * session's CSRF token in `X-CSRF-Token`, and whatever the browser says of who asks (`Origin`, `Sec-Fetch-Site`) has to say
 * that it is the gateway's own page. A bearer token is not sent by itself, so it needs nothing else.
 *
 * @param token What came as the CSRF token. Default: the header; forms give their field.
 * @throws GatewayError `forbidden`.
 */
export function checkCsrf(
  req: IncomingMessage,
  actor: Actor,
  publicOrigin: string,
  token = headerOf(req, 'x-csrf-token'),
): void {
  if (actor.csrfToken === undefined) return;
  const isChange = req.method !== 'GET' && req.method !== 'HEAD';
  const origin = headerOf(req, 'origin');
  const site = headerOf(req, 'sec-fetch-site');
  const isOwn =
    (origin === undefined || origin === publicOrigin) &&
    (site === undefined || site === 'same-origin' || (site === 'none' && !isChange));
  if (!isOwn || (isChange && !isSame(token, actor.csrfToken)))
    throw new GatewayError('forbidden', 'This did not come from a page of the administration.');
}

function headerOf({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join() : value;
}

function isSame(given: string | undefined, known: string): boolean {
  const [a, b] = [Buffer.from(given ?? ''), Buffer.from(known)];
  return b.length > 0 && a.length === b.length && timingSafeEqual(a, b);
}
