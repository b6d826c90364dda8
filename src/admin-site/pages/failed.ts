import { PROBLEMS, type GatewayError, type ProblemCode } from '../../errors.ts';
import type { ShownPage } from '../visit.ts';

const PARAGRAPHS: Partial<Record<ProblemCode, readonly string[]>> = {
  not_found: ['The customer, connection or queue may have been taken away since.'],
  forbidden: ['As a viewer you may look at everything, and change nothing.'],
  session_store_unavailable: [
    'The store does not answer at the moment. Nothing can be read or changed until it does.',
  ],
  provider_unavailable: ['The provider does not answer at the moment. Try again a little later.'],
  provider_error: ['The provider gave an answer that cannot be used. The log says more.'],
  rate_limited: ['Too many attempts. Wait a minute, and try again.'],
  internal_error: ['Something went wrong in the gateway. The request finds it in the log.'],
};

/** A failure, as a page for an administrator. */
export function failedPage(base: string, { code, message, status }: GatewayError): ShownPage {
  return {
    view: 'message',
    title: code === 'rate_limited' ? 'Too many attempts' : PROBLEMS[code].title,
    status,
    narrow: true,
    model: {
      mark: code === 'forbidden' ? 'lock' : 'alert',
      paragraphs: PARAGRAPHS[code] ?? [message],
      items: [],
      actions: [{ href: base, label: 'Go to the overview', main: true }],
    },
  };
}

/** A form that did not come from a page of this session. */
export function forgedPage(base: string): ShownPage {
  return {
    view: 'message',
    title: 'This form was not sent from here',
    status: 403,
    narrow: true,
    model: {
      mark: 'alert',
      paragraphs: [
        'It does not belong to your session: another site may have sent it, or you have signed in anew since the page was opened. Nothing was changed.',
      ],
      items: [],
      actions: [{ href: base, label: 'Go to the overview', main: true }],
    },
  };
}
