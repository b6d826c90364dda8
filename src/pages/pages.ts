import { PROBLEMS, type ProblemCode } from '../errors.ts';
import { createAssets, type Assets, type PageSettings } from './assets.ts';
import { chooseLanguage, type Language } from './language.ts';
import { CATALOGUES } from './locales/catalogues.ts';
import { AUTH_ERRORS, type AuthError, type Texts } from './locales/texts.ts';
import { isCuredByLogin, problemHeaders } from './problem-document.ts';
import { safeHref } from './safe-href.ts';
import { createRender, type Action, type Render, type Shell, type Views } from './templates.ts';

/** One rendered page, for `sendPage`. */
export interface Page {
  readonly status: number;
  /** The page's own headers, Cross-Origin-Opener-Policy among them; `sendPage` adds those common to all. */
  readonly headers: Readonly<Record<string, string>>;
  readonly html: string;
}

/** Whom a page is for. */
interface Visitor {
  /** The request's header, as it came. */
  readonly acceptLanguage: string | undefined;
  /** Shown small, for support. */
  readonly requestId?: string | undefined;
}

/** A 401 for a navigation to a secure queue. */
export interface LoginRequiredInput extends Visitor {
  readonly code: 'login_required' | 'code_expired';
  /** Starts the interactive login. */
  readonly loginUrl: string;
  /** Starts a silent login once more; without it only the interactive one is offered. */
  readonly retryUrl?: string | undefined;
  /** Shown small, for support. */
  readonly queueKey?: string | undefined;
  /** Why the last attempt failed; a word that is not in `AUTH_ERRORS` is not shown. */
  readonly authError?: string | undefined;
}

/** Any problem that a navigation ran into. On the callback give `loginUrl` or `backUrl`: its address works only once. */
export interface ProblemInput extends Visitor {
  readonly code: ProblemCode;
  readonly loginUrl?: string | undefined;
  readonly backUrl?: string | undefined;
}

/** The end of a login in a window of its own. */
export interface WindowDoneInput extends Visitor {
  /** Any word but `verified` is a failure; unknown ones read as `provider_error`. */
  readonly outcome: string;
}

/** What the opener of a popup is told: nothing but what `returnTo` would carry too. */
export interface PopupMessage {
  readonly type: 'secure-chat';
  readonly queueKey: string;
  readonly customerKey: string;
  /** One-time handle. */
  readonly authCode?: string | undefined;
  readonly authError?: string | undefined;
}

/** The end of a login in a popup. */
export interface PopupDoneInput extends Visitor {
  /** Whole origin, `https://www.bank.example`; checked against `returnOrigins` by the caller. */
  readonly targetOrigin: string;
  readonly message: PopupMessage;
  /** Where to go on when nobody opened this window or it does not close. */
  readonly returnTo: string;
}

/** The gateway's own pages, each in the language that the visitor's browser asks for. */
export interface Pages {
  loginRequired(input: LoginRequiredInput): Page;
  problem(input: ProblemInput): Page;
  windowDone(input: WindowDoneInput): Page;
  /** The end of a log-out that was told no page to go to. */
  loggedOut(visitor: Visitor): Page;
  /** Throws a `TypeError` when `targetOrigin` is not a whole http or https origin: `*` above all. */
  popupDone(input: PopupDoneInput): Page;
}

/** Problems that pass: the same address may well work a little later. */
const CURED_BY_TIME: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'rate_limited',
  'upstream_unreachable',
  'upstream_timeout',
  'provider_unavailable',
  'session_store_unavailable',
  'draining',
  'internal_error',
]);

const OVERDUE: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'code_expired',
  'transaction_expired',
  'rate_limited',
  'draining',
  'upstream_timeout',
]);

/** Reads and compiles templates and assets once; rendering then touches no file. */
export function createPages(settings: PageSettings, assets: Assets = createAssets(settings)): Pages {
  const render = createRender();
  return {
    loginRequired: (input) => loginRequiredPage(createBuilder(render, assets, input), input),
    problem: (input) => problemPage(createBuilder(render, assets, input), input),
    windowDone: (input) => windowDonePage(createBuilder(render, assets, input), input),
    loggedOut: (visitor) => loggedOutPage(createBuilder(render, assets, visitor)),
    popupDone: (input) => popupDonePage(createBuilder(render, assets, input), input, assets),
  };
}

/** One visitor's language and texts, and the page made of them. */
interface Builder {
  readonly texts: Texts;
  readonly page: <Name extends keyof Views>(
    name: Name,
    head: Pick<Shell, 'title' | 'mark'> & { script?: string; queueKey?: string | undefined },
    view: Views[Name],
    answer?: { status?: number; headers?: Readonly<Record<string, string>> },
  ) => Page;
}

function createBuilder(render: Render, { urls }: Assets, visitor: Visitor): Builder {
  const language = chooseLanguage(visitor.acceptLanguage);
  const texts = CATALOGUES[language];
  return {
    texts,
    page: (name, { queueKey, ...head }, view, { status = 200, headers = {} } = {}) => {
      const shell: Shell = {
        ...head,
        language,
        service: texts.service,
        stylesheet: urls.stylesheet,
        icon: urls.icon,
        support: texts.reference,
        references: [visitor.requestId, queueKey].filter(isPlainToken),
      };
      return {
        status,
        headers: { ...pageHeaders(language), ...headers },
        html: render(name, shell, view),
      };
    },
  };
}

function pageHeaders(language: Language): Record<string, string> {
  return {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Language': language,
    Vary: 'Accept-Language',
    'Cross-Origin-Opener-Policy': 'same-origin',
  };
}

function loginRequiredPage({ texts, page }: Builder, input: LoginRequiredInput): Page {
  const { title, lead, cure } = texts.problems[input.code];
  const retryUrl = safeHref(input.retryUrl);
  return page(
    'login-required',
    { title, mark: 'lock', queueKey: input.queueKey },
    {
      reason: reasonBeside(input.code, input.authError, texts),
      lead,
      cure,
      actions: links([input.loginUrl, texts.actions.logIn], [retryUrl, texts.actions.alreadyLoggedIn]),
      hint: retryUrl === undefined ? undefined : texts.alreadyLoggedInHint,
    },
    { status: 401, headers: problemHeaders(input.code) },
  );
}

/** The sentence for `word`, unless it says no more than the page does anyway. */
function reasonBeside(code: ProblemCode, word: string | undefined, texts: Texts): string | undefined {
  if (word === undefined || word === code || word === 'login_required') return undefined;
  return isAuthError(word) ? texts.authErrors[word] : undefined;
}

function problemPage({ texts, page }: Builder, input: ProblemInput): Page {
  const { title, lead, cure } = texts.problems[input.code];
  const login = isCuredByLogin(input.code) ? texts.actions.logIn : texts.actions.tryAgain;
  const actions = links([input.loginUrl, login], [input.backUrl, texts.actions.goBack]);
  const again = CURED_BY_TIME.has(input.code) && safeHref(input.loginUrl) === undefined;
  return page(
    'error',
    { title, mark: markOf(input.code) },
    { lead, cure, actions: again ? [{ href: '', label: texts.actions.tryAgain }, ...actions] : actions },
    {
      status: PROBLEMS[input.code].status,
      headers: problemHeaders(input.code),
    },
  );
}

function windowDonePage({ texts, page }: Builder, { outcome }: WindowDoneInput): Page {
  const verified = outcome === 'verified';
  const { title, lead } = verified ? texts.verified : texts.notVerified;
  const reason = verified ? undefined : authErrorText(texts, outcome);
  return page('window-done', { title, mark: verified ? 'check' : 'alert' }, { reason, lead });
}

function loggedOutPage({ texts, page }: Builder): Page {
  const { title, lead } = texts.loggedOut;
  return page('window-done', { title, mark: 'check' }, { reason: undefined, lead });
}

function popupDonePage({ texts, page }: Builder, input: PopupDoneInput, { urls }: Assets): Page {
  const { message, targetOrigin } = input;
  if (!isWholeOrigin(targetOrigin)) throw new TypeError('popupDone needs a whole http or https targetOrigin');
  const verified = message.authError === undefined;
  const returnTo = safeHref(input.returnTo);
  return page(
    'popup-done',
    {
      title: verified ? texts.verified.title : texts.notVerified.title,
      mark: verified ? 'check' : 'alert',
      script: urls.popupScript,
    },
    {
      reason: verified ? undefined : authErrorText(texts, message.authError),
      closesItself: texts.closesItself,
      targetOrigin,
      message: JSON.stringify(message),
      returnTo,
      actions: links([returnTo, texts.actions.goOn]),
    },
    // `same-origin` would cut the opener that the message is for.
    { headers: { 'Cross-Origin-Opener-Policy': 'unsafe-none' } },
  );
}

/** The links whose address may be followed; the first one becomes the main button. */
function links(...candidates: readonly (readonly [string | undefined, string])[]): Action[] {
  return candidates.flatMap(([address, label]) => {
    const href = safeHref(address);
    return href === undefined ? [] : [{ href, label }];
  });
}

function markOf(code: ProblemCode): Shell['mark'] {
  if (OVERDUE.has(code)) return 'clock';
  return code === 'login_required' ? 'lock' : 'alert';
}

function isAuthError(word: string): word is AuthError {
  return (AUTH_ERRORS as readonly string[]).includes(word);
}

function authErrorText(texts: Texts, word: string): string {
  return texts.authErrors[isAuthError(word) ? word : 'provider_error'];
}

/** Ids and keys only: what a stranger puts into an address must not read like a message from the bank. */
function isPlainToken(value: string | undefined): value is string {
  return value !== undefined && /^[\w.:-]{1,64}$/.test(value);
}

function isWholeOrigin(origin: string): boolean {
  return /^https?:\/\//.test(origin) && URL.canParse(origin) && new URL(origin).origin === origin;
}
