import express, { type Request, type RequestHandler, type Response } from 'express';
import type { Queue } from '../config/gateway-config.ts';
import { GatewayError } from '../errors.ts';
import { isFor } from './cookieless.ts';
import { readTexts } from './json-members.ts';
import { wantedQueue } from './login-parameters.ts';
import type { Runtime } from './runtime.ts';
import { sendJson } from './send-json.ts';
import type { TokenHolder } from './tokens.ts';

const MEMBERS = ['authCode', 'verifier', 'queueKey', 'customerKey'] as const;
const HANDLE = /^[\w-]{43}$/;
/** RFC 7636, section 4.1. */
const VERIFIER = /^[\w.~-]{43,128}$/;

/**
 * `POST /token`: trades `authCode` and verifier for a bearer token of one customer's one queue. Without a body it renews
 * the token that comes with it; the old one lives on to its own end, so that no request under way is lost.
 */
export function token(runtime: Runtime): RequestHandler[] {
  return [express.json({ limit: '8kb' }), tokenMiddleware];

  async function tokenMiddleware(req: Request, res: Response): Promise<void> {
    await runtime.cookieless.limitTokens(runtime.trust.address(req));
    const renews = runtime.cookieless.carries(req) && isEmpty(req.body);
    const holder = renews ? await present(runtime, req) : await claimed(runtime, req);
    const end = await endOf(runtime, holder);
    if (end === undefined) throw refusal(runtime, queueOf(runtime, holder));
    const issued = await runtime.cookieless.tokens.issue(holder, end);
    sendJson(res, { token: issued.token, tokenType: 'Bearer', expiresIn: issued.expiresIn });
  }
}

function isEmpty(body: unknown): boolean {
  return body === undefined || (typeof body === 'object' && Object.keys(body ?? {}).length === 0);
}

async function present(runtime: Runtime, req: Request): Promise<TokenHolder> {
  const holder = await runtime.cookieless.holderOf(req);
  if (holder === undefined) throw refusal(runtime, undefined);
  return holder;
}

async function claimed(runtime: Runtime, req: Request): Promise<TokenHolder> {
  const { authCode = '', verifier = '', ...place } = readTexts(req.body, MEMBERS);
  const queue = wantedQueue(runtime, place.queueKey, place.customerKey);
  if (!HANDLE.test(authCode) || !VERIFIER.test(verifier))
    throw new GatewayError('request_malformed', 'An authCode has 43 characters, a verifier 43 to 128.');
  const { customerKey, queueKey } = queue;
  const { origin } = req.headers;
  const proof = { handle: authCode, verifier, origin, customerKey, queueKey };
  const login = await runtime.cookieless.logins.claim(proof);
  if (login === undefined) throw refusal(runtime, queue);
  const { sessionId, connectionId, claimant } = login;
  const requestId = runtime.contextOf(req).requestId;
  runtime.logger.info({ requestId, customer: customerKey, queue: queueKey }, 'login claimed by its page');
  return { sessionId, connectionId, customerKey, queueKey, origin: claimant.origin };
}

/** When the identity ends, at the latest; a code that still waits has its whole life before it. Undefined: all is over. */
async function endOf(
  runtime: Runtime,
  { sessionId, connectionId }: TokenHolder,
): Promise<number | undefined> {
  const [state] = await runtime.records.overview(sessionId, [connectionId]);
  if (state?.record !== undefined) return runtime.records.endOf(sessionId, state.record);
  return state?.waiting === true ? Infinity : undefined;
}

function queueOf(runtime: Runtime, holder: TokenHolder): Queue | undefined {
  const queue = runtime.resolver.findQueue(holder.queueKey, holder.customerKey);
  return queue !== undefined && isFor(holder, queue) ? queue : undefined;
}

function refusal(runtime: Runtime, queue: Queue | undefined): GatewayError {
  if (queue !== undefined) return runtime.loginRequired(queue);
  return new GatewayError('login_required', 'This token is none, or over. Log in, then try again.');
}
