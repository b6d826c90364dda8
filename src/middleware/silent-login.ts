import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Queue } from '../config/gateway-config.ts';
import type { LoginStart } from '../oidc/logins.ts';
import type { Runtime } from './runtime.ts';

/** Sends the browser to the provider: one login transaction, one cookie that binds it, one 302. */
export async function startLogin(
  runtime: Runtime,
  req: IncomingMessage,
  res: ServerResponse,
  login: LoginStart,
): Promise<void> {
  await runtime.limitLogins(runtime.trust.address(req));
  const { location, setCookies } = await runtime.logins.start({ cookieHeader: req.headers.cookie }, login);
  const about = {
    requestId: runtime.contextOf(req).requestId,
    customer: login.connection.customerKey,
    connection: login.connection.name,
    queue: login.queue.queueKey,
  };
  runtime.logger.info({ ...about, interactive: login.interactive, retry: login.retry }, 'login started');
  runtime.audit.record({ kind: 'login_begun', ...about });
  redirect(res, location, setCookies);
}

/** A 302 that no cache keeps and that tells the next site nothing of this address. */
export function redirect(res: ServerResponse, location: string, setCookies: readonly string[] = []): void {
  for (const cookie of setCookies) res.appendHeader('Set-Cookie', cookie);
  res.writeHead(302, {
    Location: location,
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'Content-Length': 0,
  });
  res.end();
}

/** Address that starts a login for this queue, absolute, since the page that reads it may be on another site. */
export function loginUrl(
  runtime: Runtime,
  queue: Queue,
  options: { returnTo?: string; interactive?: boolean } = {},
): string {
  const parameters = new URLSearchParams({ queueKey: queue.queueKey });
  if (runtime.config.customers.length > 1) parameters.set('customerKey', queue.customerKey);
  if (options.returnTo !== undefined) parameters.set('returnTo', options.returnTo);
  if (options.interactive === true) parameters.set('interactive', '1');
  return `${runtime.config.publicUrl}${runtime.config.routePrefix}/login?${parameters.toString()}`;
}

/** The same login without the provider's pages. */
export function silentUrl(interactiveUrl: string): string {
  const url = new URL(interactiveUrl);
  url.searchParams.delete('interactive');
  return url.href;
}
