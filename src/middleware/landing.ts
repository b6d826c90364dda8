import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LoginTransaction } from '../oidc/transactions.ts';
import { sendPage } from '../pages/answer.ts';
import { withOutcome } from './return-address.ts';
import type { Runtime } from './runtime.ts';
import { redirect } from './silent-login.ts';

/** What a login came to, as the page that started it is told. */
export type Outcome = { readonly authCode: string } | { readonly authError: string };

/**
 * Where the visitor is after a login: back on `returnTo` with the outcome, in the same tab or in the chat's own window;
 * a popup posts the outcome to the page that opened it and closes.
 */
export function landing(
  runtime: Runtime,
  req: IncomingMessage,
  res: ServerResponse,
  transaction: LoginTransaction,
  outcome: Outcome,
): void {
  const { returnTo, queueKey, customerKey } = transaction;
  const target =
    'authCode' in outcome
      ? withOutcome(returnTo, 'authCode', outcome.authCode)
      : withOutcome(returnTo, 'authError', outcome.authError);
  if (transaction.display !== 'popup') {
    redirect(res, target);
    return;
  }
  const page = runtime.pages.popupDone({
    acceptLanguage: req.headers['accept-language'],
    targetOrigin: new URL(returnTo).origin,
    message: { type: 'secure-chat', queueKey, customerKey, ...outcome },
    returnTo: target,
  });
  sendPage(req, res, page);
}
