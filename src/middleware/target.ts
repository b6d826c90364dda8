import type { IncomingMessage } from 'node:http';
import { GatewayError, MisuseError } from '../errors.ts';
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
 * The request target below the path of `publicUrl`, which is where the gateway is mounted. Express takes the mount path
 * off an ordinary request and not off an upgrade, so both are read from what the client asked for.
 *
 * @throws GatewayError `not_found` outside that path; MisuseError when a host has mounted the gateway elsewhere.
 */
export function targetBelow(publicPath: string, req: IncomingMessage): string {
  const { originalUrl, baseUrl } = req as IncomingMessage & { originalUrl?: string; baseUrl?: string };
  if (baseUrl !== undefined && baseUrl !== '' && baseUrl !== publicPath) {
    // Express mounts without regard to case, which addresses have
    if (baseUrl.toLowerCase() === publicPath.toLowerCase()) throw nothingThere();
    throw new MisuseError(`The gateway is mounted at ${baseUrl}, so publicUrl has to end with that path.`);
  }
  const target = originalUrl ?? req.url ?? '/';
  if (publicPath === '') return target;
  const rest = target.startsWith(publicPath) ? target.slice(publicPath.length) : undefined;
  if (rest === undefined || !/^(?:[/?]|$)/.test(rest)) throw nothingThere();
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function nothingThere(): GatewayError {
  return new GatewayError('not_found', 'There is nothing at this address.');
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
