import type { ProblemCode } from '../../errors.ts';

/** Every word that `authError` may carry (contract, Routes). */
export const AUTH_ERRORS = [
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
  'access_denied',
  'provider_error',
  'code_expired',
] as const;

/** Why a login ended without an identity. */
export type AuthError = (typeof AUTH_ERRORS)[number];

/** What a visitor reads about one problem: plain sentences, no jargon, no names of machines. */
export interface ProblemText {
  /** Heading and window title, without a full stop. */
  readonly title: string;
  /** What happened. */
  readonly lead: string;
  /** What the visitor can do about it. */
  readonly cure: string;
}

/** All texts of the pages in one language. A catalogue that lacks one does not compile. */
export interface Texts {
  /** What this is, beside the mark at the top of every page. */
  readonly service: string;
  /** Introduces the request id. */
  readonly reference: string;
  readonly actions: {
    readonly logIn: string;
    /** Silent login once more, for somebody who logged in elsewhere in this browser. */
    readonly alreadyLoggedIn: string;
    readonly tryAgain: string;
    readonly goBack: string;
    /** Leaves a popup that did not close by itself. */
    readonly goOn: string;
  };
  readonly problems: Readonly<Record<ProblemCode, ProblemText>>;
  /** One sentence for each word. */
  readonly authErrors: Readonly<Record<AuthError, string>>;
  /** Beside the button `alreadyLoggedIn`, which it quotes. */
  readonly alreadyLoggedInHint: string;
  readonly verified: { readonly title: string; readonly lead: string };
  readonly notVerified: { readonly title: string; readonly lead: string };
  /** After a log-out, which ends what the chat knew and not the login of the customer's own site. */
  readonly loggedOut: { readonly title: string; readonly lead: string };
  /** Under the outcome in a popup. */
  readonly closesItself: string;
}
