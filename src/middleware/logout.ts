import express, { type Request, type RequestHandler, type Response } from 'express';
import { describeError } from '../observe/logger.ts';
import { checkReturnTo } from '../oidc/return-to.ts';
import { forgetBrowser, forgetHolder, knowsBrowser } from './forget.ts';
import { logoutSender } from './logout-sender.ts';
import type { TicketLogout } from './logout-tickets.ts';
import { isNavigationPost } from './navigation.ts';
import { readOwnQuery } from './own-query.ts';
import type { Runtime } from './runtime.ts';
import { sendJson } from './send-json.ts';

/**
 * `POST /logout`: forgets the identity here: records, session, cookie and open sockets. The customer's own login at the
 * provider stays, unless `provider=1` asks to end it too (OpenID Connect RP-Initiated Logout 1.0); a script then gets the
 * address in `endSessionUrl`, a form is sent there. Without it a form goes to `returnTo`, a script gets 204.
 *
 * The cookie is SameSite=Lax, so a POST from another site brings none. A form of a portal in `returnOrigins` is then sent
 * on, with a ticket, to `GET /logout`, where it arrives; that of any other page ends nothing and takes no cookie away.
 */
export function logout(runtime: Runtime): RequestHandler[] {
  return [express.urlencoded({ extended: false, limit: '8kb' }), logoutMiddleware];

  async function logoutMiddleware(req: Request, res: Response): Promise<void> {
    const query = readOwnQuery(req.url, ['returnTo', 'provider']);
    const form = (req.body ?? {}) as Record<string, unknown>;
    const wanted = (name: 'returnTo' | 'provider') =>
      query[name] ?? (typeof form[name] === 'string' ? form[name] : undefined);
    const { origin } = req.headers;
    const sender = logoutSender(runtime, origin);
    const { publicUrl, publicOrigin } = runtime.config;
    const written = wanted('returnTo');
    const returnTo = checkReturnTo(written, { publicUrl, publicOrigin, returnOrigins: sender.returnOrigins });
    const provider = wanted('provider') === '1';
    if (runtime.cookieless.carries(req)) {
      const ended = await forgetHolder(runtime, req);
      await answer(runtime, req, res, ended, { returnTo: returnTo.href, provider });
      return;
    }
    const navigates = isNavigationPost(req.method, req.headers);
    if (sender.kind === 'portal' && navigates && !(await knowsBrowser(runtime, req, res))) {
      const named = written === undefined || written === '' ? undefined : returnTo.href;
      await sendOn(runtime, req, res, { origin: origin ?? '', returnTo: named, provider });
      return;
    }
    const ended = await forgetBrowser(runtime, req, res, sender);
    await answer(runtime, req, res, ended, { returnTo: returnTo.href, provider });
  }
}

/** To the address where the cookie arrives: a navigation by GET, which brings Lax cookies from every site (RFC 6265bis). */
async function sendOn(runtime: Runtime, req: Request, res: Response, logout: TicketLogout): Promise<void> {
  const { publicUrl, routePrefix } = runtime.config;
  try {
    await runtime.logoutTickets.limit(runtime.trust.address(req));
    const { ticket, setCookie } = await runtime.logoutTickets.issue(logout);
    res.appendHeader('Set-Cookie', setCookie);
    seeOther(res, `${publicUrl}${routePrefix}/logout?ticket=${ticket}`);
  } catch (error) {
    // without a ticket the browser can at least forget
    runtime.sessions.clearCookie(req, res);
    throw error;
  }
}

async function answer(
  runtime: Runtime,
  req: Request,
  res: Response,
  ended: readonly string[],
  { returnTo, provider }: { readonly returnTo: string; readonly provider: boolean },
): Promise<void> {
  const endSessionUrl = provider ? await providerLogout(runtime, ended, returnTo) : undefined;
  if (isNavigationPost(req.method, req.headers)) {
    seeOther(res, endSessionUrl ?? returnTo);
  } else if (endSessionUrl === undefined) {
    res.setHeader('Cache-Control', 'no-store');
    res.writeHead(204).end();
  } else {
    sendJson(res, { endSessionUrl });
  }
}

/** Where the login at the provider of the first of these connections ends; undefined where none can be ended. */
export async function providerLogout(
  runtime: Runtime,
  connectionIds: readonly string[],
  returnTo: string,
): Promise<string | undefined> {
  for (const customer of runtime.config.customers) {
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

/** On by GET, whatever the method was (RFC 9110, section 15.4.4); no cache keeps it. */
export function seeOther(res: Response, location: string): void {
  res.setHeader('Cache-Control', 'no-store');
  res.writeHead(303, { Location: location }).end();
}
