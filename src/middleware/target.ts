import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../errors.ts';
import type { Runtime } from './runtime.ts';
import type { SecureQueue } from './secure-queue.ts';

/**
 * Refuses requests that two servers would read as addressed to different places: none, several or odd `Host` lines
 * (RFC 9112, section 3.2), and TRACE, which would show the browser what the upstream was sent (RFC 9110, section 9.3.8).
 */
export function checkTarget(req: IncomingMessage): void {
  if (req.method === 'TRACE' || req.method === 'TRACK')
    throw new GatewayError('request_malformed', `The method ${req.method} is not forwarded.`);
  let hosts = 0;
  for (let i = 0; i < req.rawHeaders.length; i += 2) {
    const name = req.rawHeaders[i];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  if (hosts > 1) throw new GatewayError('request_malformed', 'The request names more than one Host.');
  const { host } = req.headers;
  if (host !== undefined && !/^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i.test(host)) {
    throw new GatewayError(
      'request_malformed',
      'The Host of the request is not a host name with an optional port.',
    );
  }
}

/**
 * A WebSocket carries cookies wherever it was opened, so a secure queue takes it from its own origin and from the
 * customer's `returnOrigins` only. Clients that are no browsers send no Origin.
 */
export function checkOrigin(runtime: Runtime, req: IncomingMessage, queue: SecureQueue): void {
  const { origin } = req.headers;
  if (origin === undefined || origin === runtime.config.publicOrigin) return;
  if (!runtime.returnOrigins(queue.customerKey).includes(origin)) throw runtime.loginRequired(queue);
}
