import express, { type Request, type RequestHandler, type Response } from 'express';
import type { Queue } from '../config/gateway-config.ts';
import { GatewayError } from '../errors.ts';
import { checkReturnTo } from '../oidc/return-to.ts';
import { isFor } from './cookieless.ts';
import { readFlag, readTexts } from './json-members.ts';
import { displayOf, wantedQueue } from './login-parameters.ts';
import { withoutOutcome } from './return-address.ts';
import type { Runtime } from './runtime.ts';
import { sendJson } from './send-json.ts';

const MEMBERS = ['queueKey', 'customerKey', 'returnTo', 'display', 'challenge', 'challengeMethod'] as const;

/** SHA-256 in base64url (RFC 7636, section 4.2). */
const CHALLENGE = /^[\w-]{43}$/;

/**
 * `POST /login`: a page that has no cookies asks for a login that it can claim with the verifier of its challenge. Answers
 * `{ location }`, to which the page navigates, itself or in a window of its own: the cookie that binds the login to this
 * browser is then a first-party one. Nothing is asked of the provider before that.
 *
 * A token that comes along says which session the new login goes on from.
 */
export function postLogin(runtime: Runtime): RequestHandler[] {
  return [express.json({ limit: '8kb' }), postLoginMiddleware];

  async function postLoginMiddleware(req: Request, res: Response): Promise<void> {
    runtime.drain.check();
    const wanted = readTexts(req.body, MEMBERS);
    const queue = wantedQueue(runtime, wanted.queueKey, wanted.customerKey);
    const origin = originOf(runtime, req, res, queue);
    const returnTo = returnToOf(runtime, res, wanted.returnTo, origin);
    if (wanted.challengeMethod !== 'S256' || !CHALLENGE.test(wanted.challenge ?? ''))
      throw new GatewayError('request_malformed', 'A challenge has 43 characters, by challengeMethod S256.');
    const display = displayOf(wanted.display);
    const interactive = readFlag(req.body, 'interactive');
    if (queue.connection === undefined) {
      sendJson(res, { location: returnTo });
      return;
    }
    await runtime.cookieless.limitTickets(runtime.trust.address(req));
    const holder = await runtime.cookieless.holderOf(req);
    const former = holder !== undefined && isFor(holder, queue) ? holder.sessionId : undefined;
    const ticket = await runtime.cookieless.tickets.issue({
      customerKey: queue.customerKey,
      queueKey: queue.queueKey,
      returnTo,
      display,
      interactive,
      retry: await runtime.redemption.takeRepetition(former, queue.connection),
      claimant: { challenge: wanted.challenge ?? '', origin, former },
    });
    const { publicUrl, routePrefix } = runtime.config;
    sendJson(res, { location: `${publicUrl}${routePrefix}/login?ticket=${ticket}` });
  }
}

/** The origin of the page that asks; browsers name it with every POST (Fetch standard, section 3.2). */
function originOf(runtime: Runtime, req: Request, res: Response, { customerKey }: Queue): string {
  const { origin } = req.headers;
  if (runtime.cors.allows(origin, customerKey)) return origin;
  runtime.cors.withhold(res);
  throw new GatewayError(
    'return_to_refused',
    'The page that asks is neither of the gateway nor of one of returnOrigins.',
  );
}

/** Where the login lands: nowhere but on the origin that asked, since the page there alone can claim it. */
function returnToOf(runtime: Runtime, res: Response, written: string | undefined, origin: string): string {
  try {
    const { publicUrl, publicOrigin } = runtime.config;
    const given = written === undefined || written === '' ? `${origin}/` : written;
    const url = checkReturnTo(given, { publicUrl, publicOrigin, returnOrigins: [origin] });
    if (url.origin === origin) return withoutOutcome(url.href);
    throw new GatewayError('return_to_refused', 'The return address is not of the page that asks.');
  } catch (error) {
    runtime.cors.withhold(res);
    throw error;
  }
}
