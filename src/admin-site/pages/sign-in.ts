import type { Runtime } from '../../middleware/runtime.ts';
import type { ShownPage } from '../visit.ts';

/** Why the sign-in page is shown once more. */
export type SignInTrouble = 'wrong-token' | 'ended' | 'refused' | 'rate_limited' | 'foreign';

const TROUBLES: Readonly<
  Record<SignInTrouble, { readonly status: number; readonly title: string; readonly text: string }>
> = {
  'wrong-token': { status: 401, title: 'This token is not known', text: 'Check that all of it was pasted.' },
  ended: {
    status: 401,
    title: 'You have been signed out',
    text: 'The session had ended, so nothing was changed. Sign in, and do it again.',
  },
  refused: {
    status: 401,
    title: 'The login was not finished',
    text: 'The provider said no, or it was cancelled.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many attempts',
    text: 'Wait a minute, and try again.',
  },
  foreign: {
    status: 403,
    title: 'This did not come from this page',
    text: 'Another site may have sent it, so it was not read. Try again from here.',
  },
};

/** The page for whoever is not signed in. */
export function signInPage({ config: { admin } }: Runtime, trouble?: SignInTrouble): ShownPage {
  const told = trouble === undefined ? undefined : TROUBLES[trouble];
  return {
    view: 'sign-in',
    title: 'Sign in',
    status: told?.status ?? 401,
    narrow: true,
    model: {
      withToken: admin.tokens.length > 0,
      withProvider: admin.oidc !== undefined,
      refusal: told && { title: told.title, text: told.text, items: [] },
    },
  };
}

/** For somebody whom the provider has verified, and who has no role here. Names claims, never their values. */
export function noRolePage(base: string, claims: readonly string[]): ShownPage {
  return {
    view: 'message',
    title: 'You have no role here',
    status: 403,
    narrow: true,
    model: {
      mark: 'lock',
      paragraphs: [
        'You are logged in, but nothing says that you may administer or look at this gateway. It would take the right value of one of these claims:',
      ],
      items: claims,
      actions: [{ href: base, label: 'Sign in as somebody else', main: true }],
    },
  };
}

/** After the provider, and for a link from elsewhere: one more step, since the cookie goes with requests of this site only. */
export function goOnPage(href: string): ShownPage {
  return {
    view: 'message',
    title: 'One moment',
    narrow: true,
    model: {
      mark: 'check',
      paragraphs: ['The administration opens by itself.'],
      items: [],
      actions: [{ href, label: 'Go on', main: true }],
    },
  };
}
