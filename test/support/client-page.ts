import { createContext, runInContext } from 'node:vm';
import { WebSocket } from 'ws';
import { PAGE } from './cookieless-page.ts';

type Listener = (event: unknown) => void;

/** The client as the tests use it; its published types need a browser's. */
export interface TestedClient {
  readonly ready: Promise<{ status: string; reason?: string } | undefined>;
  start(options?: object): Promise<{ status: string; reason?: string }>;
  login(options?: object): Promise<{ status: string }>;
  session(): Promise<{ authenticated: boolean; pending?: boolean }>;
  fetch(input: string, init?: RequestInit): Promise<Response>;
  connect(url: string): Promise<{ readonly protocol: string; close(): void }>;
  logout(): Promise<unknown>;
  unsent(): readonly { id: string; body?: string; uncertain: boolean }[];
  resend(id: string): Promise<Response>;
  on(type: string, listener: (detail: Record<string, unknown>) => void): () => void;
}

/** A tab without a screen: the real script, on the real network, in a page of another site. */
export interface ClientPage {
  readonly chat: TestedClient;
  /** Names of the events so far. */
  readonly events: string[];
  /** Where the page has gone, if it has. */
  readonly left: Promise<string>;
  readonly hasLeft: () => boolean;
  /** What the script has asked for: method and address. */
  readonly asked: string[];
  /** Its address as a visitor sees it. */
  readonly address: () => string;
}

/** What a page begins with. */
export interface ClientPageOptions {
  readonly gateway: string;
  readonly script: string;
  /** `sessionStorage`: of the tab, so it goes from page to page. */
  readonly storage: Record<string, string>;
  readonly href?: string;
  readonly settings?: object;
}

const EVENTS = ['verified', 'login-required', 'expired', 'identity-changed', 'signed-out', 'resent'];

/** Opens a page with the script in it. No popup opens here, and no cookie is sent. */
export function openClientPage({ gateway, script, storage, ...rest }: ClientPageOptions): ClientPage {
  const page = new URL(rest.href ?? `${PAGE}/chat`);
  const listeners: Listener[] = [];
  const asked: string[] = [];
  let leave: (to: string) => void = () => undefined;
  let gone = false;
  const left = new Promise<string>((resolve) => (leave = resolve));
  const go = (to: string) => {
    gone = true;
    leave(to);
  };
  const location = { href: page.href, pathname: page.pathname, origin: page.origin, protocol: page.protocol };
  const globals = {
    ...{
      URL,
      URLSearchParams,
      Request,
      Headers,
      EventTarget,
      CustomEvent,
      ReadableStream,
      TextEncoder,
      btoa,
      crypto,
    },
    ...{ setTimeout: quietTimer, clearTimeout, setInterval, clearInterval, sessionStorage: storage },
    BroadcastChannel: class {
      postMessage() {}
    },
    WebSocket: QuietSocket,
    HTMLScriptElement: Object,
    location: Object.assign(location, { hostname: page.hostname, replace: go, assign: go }),
    history: { state: null, replaceState: (_: unknown, __: string, to: string) => void (location.href = to) },
    navigator: { userActivation: { isActive: false } },
    document: { currentScript: null, querySelector: () => null, querySelectorAll: () => [] },
    open: () => null,
    addEventListener: (_: string, listener: Listener) => listeners.push(listener),
    fetch: (request: Request, init: RequestInit) => {
      const headers = new Headers(init.headers ?? request.headers);
      headers.set('origin', page.origin);
      asked.push(`${request.method} ${request.url}`);
      return fetch(new Request(request, { ...init, headers }));
    },
  };
  const context = createContext({ ...globals });
  runInContext(script, context);
  const { SecureChat } = context as {
    SecureChat: { readonly createSecureChat: (settings: object) => TestedClient };
  };
  const chat = SecureChat.createSecureChat({
    gateway: `${gateway}/secure-chat`,
    queueKey: 'q_bank',
    cookies: 'never',
    ...rest.settings,
  });
  const events: string[] = [];
  for (const type of EVENTS) chat.on(type, () => events.push(type));
  return { chat, events, left, hasLeft: () => gone, asked, address: () => location.href };
}

/** A browser reports a refused handshake to the console, and throws nothing. */
class QuietSocket extends WebSocket {
  constructor(url: string, protocols: string[]) {
    super(url, [...protocols]);
    this.on('error', () => undefined);
  }
}

/** A timer that lets the test end. */
function quietTimer(task: () => void, ms: number) {
  return setTimeout(task, ms).unref();
}
