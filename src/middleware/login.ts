import type { RequestHandler } from 'express';
import { GatewayError } from '../errors.ts';
import { checkReturnTo } from '../oidc/return-to.ts';
import { displayOf, wantedQueue } from './login-parameters.ts';
import { readOwnQuery } from './own-query.ts';
import { withoutOutcome } from './return-address.ts';
import type { Runtime } from './runtime.ts';
import { redirect, startLogin } from './silent-login.ts';
import { loginByTicket } from './ticket-login.ts';

const PARAMETERS = ['queueKey', 'customerKey', 'returnTo', 'display', 'interactive', 'ticket'] as const;

/**
 * `GET /login`: starts a login for the connection of a queue. Takes the parameters above and nothing else; scope,
 * prompt and the like come from the configuration only. A ticket of `POST /login` stands for all of them. An open queue needs no login: the browser goes straight back.
 */
export function login(runtime: Runtime): RequestHandler {
  return async function loginMiddleware(req, res) {
    runtime.drain.check();
    const query = readOwnQuery(req.url, PARAMETERS);
    if (query.ticket !== undefined) {
      await loginByTicket(runtime, req, res, query.ticket);
      return;
    }
    const queue = wantedQueue(runtime, query.queueKey, query.customerKey);
    const display = displayOf(query.display);
    const interactive = flagOf('interactive', query.interactive);
    const fallback =
      display === 'window' ? `${runtime.config.publicUrl}${runtime.config.routePrefix}/done` : undefined;
    const { publicUrl, publicOrigin } = runtime.config;
    const returnTo = checkReturnTo(query.returnTo ?? fallback, {
      publicUrl,
      publicOrigin,
      returnOrigins: runtime.returnOrigins(queue.customerKey),
    });
    const { connection } = queue;
    if (connection === undefined) {
      redirect(res, withoutOutcome(returnTo.href));
      return;
    }
    const retry = await runtime.redemption.takeRepetition(runtime.sessions.idOf(req), connection);
    await startLogin(runtime, req, res, {
      connection,
      queue,
      returnTo: new URL(withoutOutcome(returnTo.href)),
      display,
      interactive,
      retry,
    });
  };
}

function flagOf(name: string, value: string | undefined): boolean {
  if (value === undefined || value === '' || value === '0' || value === 'false') return false;
  if (value === '1' || value === 'true') return true;
  throw new GatewayError('request_malformed', `The parameter ${name} is 1 or left out.`);
}
