import { PROBLEMS, type ProblemCode } from '../../src/errors.ts';
import type { Page, Pages } from '../../src/pages/pages.ts';

/** All that comes from outside, in every place that a page takes it. */
export interface Inputs {
  readonly requestId: string;
  readonly queueKey: string;
  readonly customerKey: string;
  readonly url: string;
  readonly word: string;
}

export const ORDINARY: Inputs = {
  requestId: '01J9Z3W5Q8K7M2N4P6R8T0V2X4',
  queueKey: 'q_bank',
  customerKey: '12345',
  url: 'https://www.bank.example/chat?a=1&b=2',
  word: 'access_denied',
};

const CODES = Object.keys(PROBLEMS) as ProblemCode[];

/** Every page the gateway can show, by name. */
export function everyPage(pages: Pages, acceptLanguage: string, inputs = ORDINARY): Map<string, Page> {
  const { requestId, queueKey, customerKey, url, word } = inputs;
  const visitor = { acceptLanguage, requestId };
  const message = { type: 'secure-chat', queueKey, customerKey, state: word } as const;
  const popup = { ...visitor, targetOrigin: 'https://www.bank.example', returnTo: url };
  const login = { ...visitor, loginUrl: url, retryUrl: url, queueKey };
  return new Map<string, Page>([
    ['login-required', pages.loginRequired({ ...login, code: 'login_required', authError: word })],
    ['login-expired', pages.loginRequired({ ...login, code: 'code_expired' })],
    ['window-verified', pages.windowDone({ ...visitor, outcome: 'verified' })],
    ['window-failed', pages.windowDone({ ...visitor, outcome: word })],
    ['logged-out', pages.loggedOut(visitor)],
    ['popup-verified', pages.popupDone({ ...popup, message: { ...message, authCode: word } })],
    ['popup-failed', pages.popupDone({ ...popup, message: { ...message, authError: word } })],
    ...CODES.map((code) => {
      const page = pages.problem({ ...visitor, code, loginUrl: url, backUrl: url });
      return [`problem-${code}`, page] as const;
    }),
  ]);
}
