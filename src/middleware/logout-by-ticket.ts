import type { RequestHandler } from 'express';
import { GatewayError } from '../errors.ts';
import { sendPage } from '../pages/answer.ts';
import { forgetBrowser } from './forget.ts';
import { providerLogout, seeOther } from './logout.ts';
import { logoutSender } from './logout-sender.ts';
import { readOwnQuery } from './own-query.ts';
import type { Runtime } from './runtime.ts';

/**
 * `GET /logout?ticket=`: the second step of a log-out that a portal's form on another site has begun by `POST /logout`.
 * Ends what that portal may end, then goes where the form asked to, or says that it is done. Without a good ticket of this
 * very browser nothing changes: a link, an image or a frame logs nobody out.
 */
export function logoutByTicket(runtime: Runtime): RequestHandler {
  return async function logoutByTicketMiddleware(req, res) {
    const { ticket } = readOwnQuery(req.url, ['ticket']);
    if (ticket === undefined) {
      res.setHeader('Allow', 'POST');
      throw new GatewayError('method_not_allowed', `This address takes POST only, not ${req.method}.`);
    }
    const taken = await runtime.logoutTickets.take(ticket, req.headers.cookie);
    if (taken === undefined)
      throw new GatewayError('transaction_expired', 'This log-out was done already, or waited too long.');
    res.appendHeader('Set-Cookie', taken.clearCookie);
    const { origin, returnTo, provider } = taken.logout;
    const ended = await forgetBrowser(runtime, req, res, logoutSender(runtime, origin));
    const home = `${runtime.config.publicUrl}/`;
    const target =
      (provider ? await providerLogout(runtime, ended, returnTo ?? home) : undefined) ?? returnTo;
    if (target !== undefined) {
      seeOther(res, target);
      return;
    }
    const { requestId } = runtime.contextOf(req);
    sendPage(
      req,
      res,
      runtime.pages.loggedOut({ acceptLanguage: req.headers['accept-language'], requestId }),
    );
  };
}
