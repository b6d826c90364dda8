import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError, isGatewayError } from '../errors.ts';
import { holdsCookie } from '../oidc/page-transactions.ts';
import type { StartAuth } from '../presets/puzzel-v1-auth.ts';
import type { HandleOwner, HandleOwners, PageHolder } from './handle-owners.ts';
import { readPageCookie, servesOtherSite } from './page-cookie.ts';
import type { WaitingLogin } from './redemption.ts';
import { regenerate } from './regenerate.ts';
import type { Runtime } from './runtime.ts';
import type { SecureQueue } from './secure-queue.ts';

/** The session that a handle has been traded for. */
export interface TradedLogin {
  readonly sessionId: string;
  /** No cookie leads to it: the chat's id has to carry a secret. */
  readonly cookieless: boolean;
}

/**
 * Trades the handle in `auth.code` for the session of its login. Where the page's cookie came along, that becomes the
 * browser's own session, with a new id.
 *
 * @returns undefined when the request says no code: then it is whatever its cookie or token says.
 * @throws GatewayError `login_required` for a handle that is none, over, used, of another connection, browser or page;
 * `request_malformed` when `auth` names another connection than the queue's.
 */
export async function tradeHandle(
  runtime: Runtime,
  owners: HandleOwners,
  req: IncomingMessage,
  res: ServerResponse,
  queue: SecureQueue,
  auth: StartAuth,
): Promise<TradedLogin | undefined> {
  const { connection, customerKey } = queue;
  const { code, connectionName } = auth;
  if (connectionName !== undefined && connectionName !== connection.name)
    throw new GatewayError('request_malformed', '"auth" names another connection than the queue has.');
  if (code === undefined) return undefined;
  const owner = await owners.find(code);
  if (owner?.connectionId !== connection.id || owner.customerKey !== customerKey)
    throw runtime.loginRequired(queue);
  const way = wayOf(runtime, req, owner);
  if (way === undefined || !(await owners.take(code))) throw runtime.loginRequired(queue);
  const { requestId } = runtime.contextOf(req);
  runtime.logger.info({ requestId, customer: customerKey, queue: queue.queueKey, way }, 'handle traded');
  if (way === 'session') return undefined;
  if (way === 'page') return { sessionId: owner.sessionId, cookieless: true };
  try {
    return { sessionId: await intoCookie(runtime, req, res, owner), cookieless: false };
  } catch (error) {
    // nothing has come of it, so the page may try again
    if (isGatewayError(error) && error.status >= 500) await owners.keep(code, owner).catch(() => undefined);
    throw error;
  }
}

/** By what this request may trade the handle; undefined when it may not. */
function wayOf(
  runtime: Runtime,
  req: IncomingMessage,
  { holder, sessionId }: HandleOwner,
): 'session' | 'cookie' | 'page' | undefined {
  if (holder !== 'session') return wayOfPage(req, holder);
  const own = !runtime.cookieless.carries(req) && runtime.sessions.idOf(req) === sessionId;
  return own ? 'session' : undefined;
}

function wayOfPage(req: IncomingMessage, { binding, bound }: PageHolder): 'cookie' | 'page' | undefined {
  const cookie = readPageCookie(req, binding.cookieName);
  if (cookie !== undefined) return holdsCookie(binding, cookie) ? 'cookie' : undefined;
  if (bound || binding.page === undefined) return undefined;
  return req.headers.origin === binding.page.origin ? 'page' : undefined;
}

/** The browser's own session, at a new id, gets the login that has waited in a session of its own. */
async function intoCookie(
  runtime: Runtime,
  req: IncomingMessage,
  res: ServerResponse,
  { sessionId: ownId, connectionId }: HandleOwner,
): Promise<string> {
  const elsewhere = servesOtherSite(req, runtime.config.secureCookies);
  const place = await regenerate(runtime, req, res, connectionId, elsewhere);
  const { sessionId, previousSubject, former } = place;
  const login = await runtime.records.takeCode<WaitingLogin>(ownId, connectionId);
  await runtime.records.move(ownId, sessionId, [connectionId], undefined);
  if (login !== undefined) {
    const demand = login.demand && { ...login.demand, former };
    await runtime.records.putCode(sessionId, connectionId, { ...login, previousSubject, demand });
  }
  await place.save();
  return sessionId;
}
