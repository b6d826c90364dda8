import type { IncomingMessage, ServerResponse } from 'node:http';
import { randomBytes } from 'node:crypto';
import type { PageOutcome } from '../oidc/logins.ts';
import type { Address } from '../queues/canonical-path.ts';
import { about, CODE_LIFE_MS, redeemNow, withWayBack } from './callback.ts';
import { landing } from './landing.ts';
import { readPageCookie } from './page-cookie.ts';
import { clientOf } from './puzzel-state.ts';
import type { WaitingLogin } from './redemption.ts';
import type { Runtime } from './runtime.ts';
import { redirect } from './silent-login.ts';

/**
 * `GET {base}/auth/redirect`: the redirect URI of logins that pages begin. As `/callback`, but the code waits, or is
 * redeemed, in a session of its own, to which nothing leads but the handle that the page gets.
 */
export async function puzzelRedirect(
  runtime: Runtime,
  req: IncomingMessage,
  res: ServerResponse,
  address: Address,
): Promise<void> {
  await runtime.limitCallbacks(runtime.trust.address(req));
  const redirectUri = runtime.config.publicUrl + address.path;
  const outcome = await runtime.logins.finishPage({
    rawQuery: address.query,
    redirectUri,
    browser: { cookie: (name) => readPageCookie(req, name), client: clientOf(runtime, req) },
  });
  if (outcome.kind === 'refused') throw withWayBack(runtime, outcome);
  if (outcome.kind === 'error') {
    runtime.logger.info({ ...about(runtime, req, outcome), authError: outcome.error }, 'silent login failed');
    landing(runtime, req, res, outcome.transaction, { authError: outcome.error });
    return;
  }
  await keepCode(runtime, req, res, outcome, redirectUri);
}

async function keepCode(
  runtime: Runtime,
  req: IncomingMessage,
  res: ServerResponse,
  outcome: Extract<PageOutcome, { kind: 'code' }>,
  redirectUri: string,
): Promise<void> {
  const { connection, transaction, binding, bound } = outcome;
  const sessionId = randomBytes(32).toString('base64url');
  const queue = runtime.resolver.findQueue(transaction.queueKey, transaction.customerKey);
  const acrValues = queue?.requiredAcrValues ?? [];
  const login: WaitingLogin = {
    waiting: outcome.waiting,
    queueKey: transaction.queueKey,
    retry: transaction.retry,
    previousSubject: undefined,
    demand: acrValues.length === 0 ? undefined : { acrValues, former: undefined },
  };
  if (connection.codeRedemption === 'callback') {
    const failure = await redeemNow(runtime, req, sessionId, outcome, login);
    if (failure === 'again' && queue !== undefined) {
      const { returnTo, display } = transaction;
      const again = {
        connection,
        queue,
        returnTo: new URL(returnTo),
        display,
        interactive: false,
        retry: true,
      };
      redirect(res, (await runtime.logins.beginPage(again, { redirectUri, binding })).location);
      return;
    }
    if (failure !== undefined) {
      landing(runtime, req, res, transaction, { authError: failure === 'again' ? 'code_expired' : failure });
      return;
    }
  } else {
    await runtime.records.putCode(sessionId, connection.id, login, CODE_LIFE_MS);
  }
  const handle = await runtime.handles.issue();
  await runtime.preset?.keepHandle(handle, sessionId, transaction, { binding, bound });
  runtime.logger.info(about(runtime, req, outcome), 'login finished');
  landing(runtime, req, res, transaction, { authCode: handle });
}
