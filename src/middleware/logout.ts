import express, { type Request, type RequestHandler, type Response } from 'express';
import { checkReturnTo } from '../oidc/return-to.ts';
import { isNavigationPost } from './navigation.ts';
import { readOwnQuery } from './own-query.ts';
import type { Runtime } from './runtime.ts';
import { sendJson } from './send-json.ts';
import { describeError } from '../observe/logger.ts';

/**
 * `POST /logout`: forgets the identity here: records, session, cookie and open sockets. The customer's own login at the
 * provider stays, unless `provider=1` asks to end it too (OpenID Connect RP-Initiated Logout 1.0); a script then gets the
 * address in `endSessionUrl`, a form is sent there. Without it a form goes to `returnTo`, a script gets 204.
 *
 * The cookie is SameSite=Lax, so a POST from another site finds no session and ends none; nor does it take the cookie away.
 */
export function logout(runtime: Runtime): RequestHandler[] {
  return [express.urlencoded({ extended: false, limit: '8kb' }), logoutMiddleware];

  async function logoutMiddleware(req: Request, res: Response): Promise<void> {
    const query = readOwnQuery(req.url, ['returnTo', 'provider']);
    const form = (req.body ?? {}) as Record<string, unknown>;
    const wanted = (name: 'returnTo' | 'provider') =>
      query[name] ?? (typeof form[name] === 'string' ? form[name] : undefined);
    const { publicUrl, publicOrigin, customers } = runtime.config;
    const origins = customers.flatMap(({ returnOrigins }) => returnOrigins);
    const returnTo = checkReturnTo(wanted('returnTo'), { publicUrl, publicOrigin, returnOrigins: origins });
    const ended = await forget(runtime, req, res);
    const endSessionUrl =
      wanted('provider') === '1' ? await providerLogout(runtime, req, ended, returnTo.href) : undefined;
    answer(req, res, endSessionUrl, returnTo.href);
  }
}

/** Ends the session of this browser; the ids of the connections that it held. */
async function forget(runtime: Runtime, req: Request, res: Response): Promise<readonly string[]> {
  if (runtime.cookieless.carries(req)) return forgetHolder(runtime, req);
  const sessionId = runtime.sessions.idOf(req);
  // first, so that this browser forgets even when the store cannot
  if (sessionId !== undefined || !isForeign(runtime, req)) runtime.sessions.clearCookie(req, res);
  const session = await runtime.sessions.begin(req, res);
  const connectionIds = session.connections();
  await forgetRecords(runtime, req, sessionId, connectionIds);
  await session.destroy();
  return connectionIds;
}

async function forgetRecords(
  runtime: Runtime,
  req: Request,
  sessionId: string | undefined,
  remembered: readonly string[],
): Promise<void> {
  if (sessionId !== undefined) {
    // a connection that was changed since may be changed back
    const connectionIds = [...new Set([...runtime.connectionIds, ...remembered])];
    await runtime.records.forget(sessionId, connectionIds);
    await runtime.chatOwners.forget(sessionId, connectionIds);
    runtime.exchanges.end(sessionId);
    runtime.logger.info({ requestId: runtime.contextOf(req).requestId }, 'logged out');
  }
}

/** Ends the session of a page without cookies, and with it all its tokens. The browser's cookie session is none of it. */
async function forgetHolder(runtime: Runtime, req: Request): Promise<readonly string[]> {
  const holder = await runtime.cookieless.holderOf(req);
  if (holder === undefined) return [];
  await runtime.cookieless.forget(req);
  await forgetRecords(runtime, req, holder.sessionId, [holder.connectionId]);
  return [holder.connectionId];
}

/** Sent by a page of some other site: browsers name its origin with every POST (Fetch standard, section 3.2). */
function isForeign({ config }: Runtime, { headers }: Request): boolean {
  const { origin } = headers;
  const own = [config.publicOrigin, ...config.customers.flatMap(({ returnOrigins }) => returnOrigins)];
  return origin !== undefined && !own.includes(origin);
}

async function providerLogout(
  runtime: Runtime,
  { headers: { origin } }: Request,
  connectionIds: readonly string[],
  returnTo: string,
): Promise<string | undefined> {
  for (const customer of runtime.config.customers) {
    // a page of one customer does not learn where the same browser was verified for another
    if (origin !== undefined && origin !== 'null' && !runtime.cors.allows(origin, customer.customerKey))
      continue;
    for (const connection of customer.connections) {
      if (!connectionIds.includes(connection.id)) continue;
      try {
        const url = await runtime.logins.endSessionUrl(connection, returnTo);
        if (url !== undefined) return url;
      } catch (error) {
        runtime.logger.warn(
          { connection: connection.name, cause: describeError(error) },
          'the provider has no log-out address',
        );
      }
    }
  }
  return undefined;
}

function answer(req: Request, res: Response, endSessionUrl: string | undefined, returnTo: string): void {
  res.setHeader('Cache-Control', 'no-store');
  if (isNavigationPost(req.method, req.headers)) {
    res.writeHead(303, { Location: endSessionUrl ?? returnTo }).end();
  } else if (endSessionUrl === undefined) {
    res.writeHead(204).end();
  } else {
    sendJson(res, { endSessionUrl });
  }
}
