import type { RequestHandler } from 'express';
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isGatewayError, type GatewayError } from '../errors.ts';
import { describeError } from '../observe/logger.ts';
import type { LoginOutcome } from '../oidc/logins.ts';
import type { Claimant, LoginTransaction } from '../oidc/transactions.ts';
import { landing } from './landing.ts';
import { rawQuery } from './own-query.ts';
import type { WaitingLogin } from './redemption.ts';
import { regenerate } from './regenerate.ts';
import type { Runtime } from './runtime.ts';
import { loginUrl, startLogin } from './silent-login.ts';

/** How long a code may wait for its queue, whatever the provider grants it: 10 minutes (RFC 6749, section 4.1.2). */
export const CODE_LIFE_MS = 600_000;

/**
 * `GET /callback`: the redirect URI of every connection. `logins.finish` keeps the order that matters (refuse repeats,
 * take and delete the transaction, compare, `iss`, `error`, code); here the browser gets a new session id, the code is
 * kept or redeemed, and the visitor lands on the page that started the login.
 */
export function callback(runtime: Runtime): RequestHandler {
  return async function callbackMiddleware(req, res) {
    await runtime.limitCallbacks(runtime.trust.address(req));
    const outcome = await runtime.logins.finish({
      rawQuery: rawQuery(req.url),
      cookieHeader: req.headers.cookie,
    });
    for (const cookie of outcome.clearCookies) res.appendHeader('Set-Cookie', cookie);
    if (outcome.kind === 'refused') throw withWayBack(runtime, outcome);
    if (outcome.kind === 'error') {
      const failed = { ...about(runtime, req, outcome), authError: outcome.error };
      runtime.logger.info(failed, 'silent login failed');
      runtime.audit.record({ kind: 'silent_login_failed', ...failed });
      landing(runtime, req, res, outcome.transaction, { authError: outcome.error });
      return;
    }
    await keepCode(runtime, req, res, outcome);
  };
}

type CodeOutcome = Extract<LoginOutcome, { kind: 'code' }>;

async function keepCode(
  runtime: Runtime,
  req: IncomingMessage,
  res: ServerResponse,
  outcome: CodeOutcome,
): Promise<void> {
  const { connection, transaction } = outcome;
  const { claimant } = transaction;
  const place =
    claimant === undefined
      ? await regenerate(runtime, req, res, connection.id)
      : await sessionOfItsOwn(runtime, claimant, connection.id);
  const { sessionId, save, previousSubject, former } = place;
  const queue = runtime.resolver.findQueue(transaction.queueKey, transaction.customerKey);
  const acrValues = queue?.requiredAcrValues ?? [];
  const login: WaitingLogin = {
    waiting: outcome.waiting,
    queueKey: transaction.queueKey,
    retry: transaction.retry,
    previousSubject,
    demand: acrValues.length === 0 ? undefined : { acrValues, former },
  };
  if (login.demand?.former !== undefined) await runtime.erasure.follow([login.demand.former], sessionId);
  if (connection.codeRedemption === 'callback') {
    const failure = await redeemNow(runtime, req, sessionId, outcome, login);
    await save();
    if (failure === 'again') return startAgain(runtime, req, res, outcome);
    if (failure !== undefined) {
      landing(runtime, req, res, transaction, { authError: failure });
      return;
    }
  } else {
    await runtime.records.putCode(sessionId, connection.id, login, CODE_LIFE_MS);
    await save();
  }
  const handle = await runtime.handles.issue();
  if (claimant !== undefined) await keepForPage(runtime, handle, sessionId, transaction, claimant);
  else await runtime.preset?.keepHandle(handle, sessionId, transaction);
  runtime.logger.info(about(runtime, req, outcome), 'login finished');
  landing(runtime, req, res, transaction, { authCode: handle });
}

/**
 * The session of a login that a page without cookies claims: nothing of the browser's cookie session, which may be
 * another person's, and no cookie that leads to it. What the page had before counts as it does at a new session id.
 */
async function sessionOfItsOwn(runtime: Runtime, { former: formerId }: Claimant, connectionId: string) {
  const sessionId = randomBytes(32).toString('base64url');
  const former = formerId === undefined ? undefined : await runtime.records.identity(formerId, connectionId);
  if (formerId !== undefined) await runtime.chatOwners.copy(formerId, sessionId, [connectionId]);
  return {
    sessionId,
    save: () => Promise.resolve(),
    previousSubject: former?.record.identity.subject,
    former: former?.record,
  };
}

function keepForPage(
  runtime: Runtime,
  handle: string,
  sessionId: string,
  { connectionId, customerKey, queueKey }: LoginTransaction,
  claimant: Claimant,
): Promise<void> {
  return runtime.cookieless.logins.keep(handle, { sessionId, connectionId, customerKey, queueKey, claimant });
}

/** Redeems in the callback; answers what went wrong as the visitor is told it, or `again` for the one repetition. */
export async function redeemNow(
  runtime: Runtime,
  req: IncomingMessage,
  sessionId: string,
  outcome: LoginOutcome,
  login: WaitingLogin,
): Promise<string | undefined> {
  try {
    const { deadline, requestId } = runtime.contextOf(req);
    await runtime.redemption.now(sessionId, outcome.connection, login, deadline, () => requestId);
    return undefined;
  } catch (error) {
    if (!isGatewayError(error)) throw error;
    runtime.logger.warn(
      { ...about(runtime, req, outcome), code: error.code, cause: describeError(error) },
      'redemption failed',
    );
    if (error.code === 'code_expired') return login.retry ? 'code_expired' : 'again';
    if (error.code === 'provider_error' || error.code === 'provider_unavailable') return 'provider_error';
    throw error;
  }
}

async function startAgain(
  runtime: Runtime,
  req: IncomingMessage,
  res: ServerResponse,
  { connection, transaction }: CodeOutcome,
): Promise<void> {
  const queue = runtime.resolver.findQueue(transaction.queueKey, transaction.customerKey);
  if (queue === undefined) {
    landing(runtime, req, res, transaction, { authError: 'code_expired' });
    return;
  }
  await startLogin(runtime, req, res, {
    connection,
    queue,
    returnTo: new URL(transaction.returnTo),
    display: transaction.display,
    interactive: false,
    retry: true,
    claimant: transaction.claimant,
  });
}

/** What the log says of a login. */
export function about(runtime: Runtime, req: IncomingMessage, { connection, transaction }: LoginOutcome) {
  return {
    requestId: runtime.contextOf(req).requestId,
    customer: connection.customerKey,
    connection: connection.name,
    queue: transaction.queueKey,
  };
}

/** The refusal, with the way to begin anew: the login that it ended is known, only not believed. */
export function withWayBack(
  runtime: Runtime,
  { transaction, error }: Extract<LoginOutcome, { kind: 'refused' }>,
): GatewayError {
  const queue = runtime.resolver.findQueue(transaction.queueKey, transaction.customerKey);
  if (queue === undefined) return error;
  return error.withLoginUrl(loginUrl(runtime, queue, { returnTo: transaction.returnTo }));
}
