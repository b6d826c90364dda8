/** Where a login happens: in this page by redirect, in the chat's own window, or in a popup that closes by itself. */
export type Display = 'page' | 'window' | 'popup';

/** A queue, and whose it is where two customers share its key. */
export interface Queue {
  readonly queueKey: string;
  readonly customerKey?: string | undefined;
}

/** What a page says once. The vendor's own settings are taken as they stand on pages written for the vendor. */
export interface SecureChatSettings {
  /** Origin and route prefix of the gateway, `https://chat.example.no/secure-chat`. Default: where the script came from. */
  readonly gateway?: string | undefined;
  /** The queue; `start` can name another. */
  readonly queueKey?: string | undefined;
  /** Needed only where two customers share the queue key. */
  readonly customerKey?: string | number | undefined;
  /** Default `page`. */
  readonly display?: Display | undefined;
  /**
   * `auto` (default) uses the gateway's cookie on pages of the gateway's own site and a bearer token everywhere else;
   * `always` and `never` decide.
   */
  readonly cookies?: 'auto' | 'always' | 'never' | undefined;
  /** A form, or the selector of several, whose fields are kept over a redirect. */
  readonly form?: HTMLFormElement | string | undefined;
  /** `false`: no silent login by itself when an identity has ended in mid-chat. Default true. */
  readonly retry?: boolean | undefined;
  /** The vendor's; the gateway has it in its configuration. */
  readonly authConnectionName?: string | undefined;
  /** The vendor's; the gateway has it in its configuration. */
  readonly authClientId?: string | undefined;
  /** The vendor's; the gateway has it in its configuration. */
  readonly authEndpoint?: string | undefined;
  /** The vendor's; the gateway has it in its configuration. */
  readonly authMapping?: unknown;
}

/** What one login may say otherwise than the settings. */
export interface LoginOptions {
  readonly queueKey?: string | undefined;
  readonly customerKey?: string | number | undefined;
  readonly display?: Display | undefined;
  /** Where the login comes back to: a page of this origin, or with `display: 'window'` of the gateway's. Default this page. */
  readonly returnTo?: string | undefined;
}

/** What the gateway knows of the visitor, masked as it is sent upstream: the answer of `GET /session`. */
export interface SessionInfo {
  readonly authenticated: boolean;
  /** A login is there, and becomes an identity with the first request to the queue. */
  readonly pending?: boolean;
  readonly connection?: string;
  readonly chatId?: string;
  readonly nickName?: string;
  readonly variables?: readonly {
    readonly name: string;
    readonly description?: string;
    readonly value: string;
  }[];
  readonly acr?: string;
  readonly amr?: readonly string[];
  /** Seconds since 1970. */
  readonly authTime?: number;
  /** Seconds since 1970. */
  readonly expiresAt?: number;
}

/** How a login ended. One by redirect ends on the next page: its promise never settles. */
export type LoginOutcome =
  | { readonly status: 'verified'; readonly session: SessionInfo }
  /** `login_required` and the other words of `authError`, or `popup_closed`, `cookies_refused`. */
  | { readonly status: 'login-required'; readonly reason: string }
  /** The chat goes on in its own window. */
  | { readonly status: 'window'; readonly window: Window }
  /** The queue is open: nobody has to log in. */
  | { readonly status: 'open' };

/** A request that met the end of the identity, and waits for the next login to be sent. */
export interface UnsentRequest {
  readonly id: string;
  readonly queueKey: string;
  readonly url: string;
  readonly method: string;
  /** The page's own headers. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** It was being sent when its page went away: whether it has arrived, nobody here can tell. */
  readonly uncertain: boolean;
}

/** Names of the events, with the `detail` of each. None holds a token, a handle or a verifier. */
export interface SecureChatEvents {
  /** Somebody is verified for the queue. */
  readonly verified: Queue & { readonly session: SessionInfo };
  /** Nobody is: `login()` asks. */
  readonly 'login-required': Queue & { readonly reason: string };
  /** The identity or the code has ended in mid-chat; one silent login follows by itself. */
  readonly expired: Queue & { readonly code: string };
  /** The chat is another person's (409): start a new one. */
  readonly 'identity-changed': Queue;
  /** Logged out, here or in another tab of this site. */
  readonly 'signed-out': Queue & { readonly elsewhere: boolean };
  /** A request that had waited for a login has been sent. */
  readonly resent: { readonly request: UnsentRequest; readonly response: Response };
}

/** A visitor's identity at one gateway, in one tab. */
export interface SecureChat {
  /** Settles when a login that this page came back from is done; undefined when it came from none. */
  readonly ready: Promise<LoginOutcome | undefined>;
  /** Logs in silently. Call it inside the click, before anything is awaited, or a popup is blocked. */
  start(options?: LoginOptions): Promise<LoginOutcome>;
  /** Logs in at the provider's own pages. */
  login(options?: LoginOptions): Promise<LoginOutcome>;
  /** What the gateway knows of this visitor. */
  session(): Promise<SessionInfo>;
  /** `window.fetch` with the identity, to the gateway's origin only; relative addresses are the gateway's. */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** A WebSocket with the identity, once it is open. */
  connect(url: string | URL, protocols?: string | readonly string[]): Promise<WebSocket>;
  /** Forgets the identity here. With `provider` the answer may hold an address that ends the login there too. */
  logout(options?: { readonly provider?: boolean }): Promise<{ readonly endSessionUrl?: string }>;
  /** Requests that wait for a login, oldest first. */
  unsent(): readonly UnsentRequest[];
  /** Sends one of them now, also an uncertain one. */
  resend(id: string): Promise<Response>;
  /** Forgets one of them, or all. */
  discard(id?: string): void;
  /** Puts kept fields back, for a form that came after the page. True when there was something to put back. */
  restoreForm(): boolean;
  /** Listens; the answer stops that. */
  on<Type extends keyof SecureChatEvents>(
    type: Type,
    listener: (detail: SecureChatEvents[Type]) => void,
  ): () => void;
}
