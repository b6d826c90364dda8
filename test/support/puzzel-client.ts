import assert from 'node:assert/strict';
import { Browser, type RequestOptions, type Visit } from './browser.ts';

/** What a page that was written for Puzzel knows: the vendor's settings, and where Chat API v1 is. */
export interface PuzzelPage {
  /** Base address of the API: `https://api.puzzel.com/chat/v1`, or the gateway's. */
  readonly api: string;
  /** The page's own address. */
  readonly url: string;
  readonly customerKey: string;
  readonly queueKey: string;
  readonly authConnectionName: string;
  readonly authClientId: string;
  readonly authEndpoint: string;
}

/** How the page's requests look to whoever answers them. */
export interface PuzzelManner {
  /** True sends the visitor's cookies with the page's requests and keeps those that come back; default false. */
  readonly cookies?: boolean;
  /** Default the page's own; null sends none. */
  readonly origin?: string | null;
  /** `Sec-Fetch-Site` of the page's requests; default `cross-site`, null sends none. */
  readonly site?: 'cross-site' | 'same-site' | 'same-origin' | null;
  /** Scope of the authorization request; default with the national id's. */
  readonly scope?: string;
  /** What goes along to `auth/state`; default the page's address in a JSON body. */
  readonly stateRequest?: RequestOptions;
}

/** What `POST sessions` has answered. */
export interface PuzzelSession {
  readonly iqSessionId: string;
  readonly requestId: number;
}

/** A line of the chat. */
export interface PuzzelMessage {
  readonly id: number;
  readonly role: number;
  readonly nickName: string;
  readonly type: string;
  readonly content: unknown;
}

/** JSON text of a request, or an object that becomes it. */
export type Json = object | string;

/**
 * The vendor's client without a screen: the public facts of Chat API v1 and of its sign-in, and nothing of the gateway.
 * Navigations are the visitor's browser's; requests are the page's script's, with cookies or without.
 */
export class PuzzelClient {
  readonly visitor: Browser;
  readonly page: PuzzelPage;
  readonly #manner: PuzzelManner;

  constructor(page: PuzzelPage, manner: PuzzelManner = {}, visitor: Browser = new Browser()) {
    this.page = page;
    this.#manner = manner;
    this.visitor = visitor;
  }

  /** A request of the page's script. */
  ask(method: string, path: string, json?: Json, options: RequestOptions = {}): Promise<Visit> {
    const { cookies = false, origin = new URL(this.page.url).origin, site = 'cross-site' } = this.#manner;
    const script = cookies ? this.visitor : new Browser();
    const body = typeof json === 'object' ? JSON.stringify(json) : json;
    return script.fetch(this.page.api + path, {
      method,
      ...(body !== undefined && { body }),
      ...options,
      headers: {
        'sec-fetch-mode': 'cors',
        'sec-fetch-dest': 'empty',
        ...(origin !== null && { origin }),
        ...(site !== null && { 'sec-fetch-site': site }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...options.headers,
      },
    });
  }

  /** Step 1: `POST auth/state/{customerKey}`. */
  askState(): Promise<Visit> {
    const { stateRequest } = this.#manner;
    const path = `/auth/state/${this.page.customerKey}`;
    return stateRequest === undefined
      ? this.ask('POST', path, { returnUrl: this.page.url })
      : this.ask('POST', path, undefined, stateRequest);
  }

  /** Step 2: the provider's address for this state, from its discovery document. */
  async authorizationAddress(state: string): Promise<string> {
    const { authEndpoint, authClientId, api } = this.page;
    const found = await new Browser().fetch(`${authEndpoint}/.well-known/openid-configuration`);
    const { authorization_endpoint } = JSON.parse(found.body) as { authorization_endpoint: string };
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: authClientId,
      redirect_uri: `${api}/auth/redirect`,
      scope: this.#manner.scope ?? 'openid profile signicat.national_id',
      state,
    });
    return `${authorization_endpoint}?${query.toString()}`;
  }

  /** Steps 1 to 3, up to the address at the API to which the provider sends the browser. */
  async signInUntilRedirect(): Promise<string> {
    const asked = await this.askState();
    assert.equal(asked.status, 200, asked.body);
    const { state } = JSON.parse(asked.body) as { state: string };
    return await this.#walk(await this.authorizationAddress(state), `${this.page.api}/auth/redirect`);
  }

  /** Steps 1 to 3: the page's address after the sign-in. */
  async signIn(): Promise<URL> {
    const redirect = await this.signInUntilRedirect();
    return new URL(await this.#walk(redirect, new URL(this.page.url).origin));
  }

  /** Steps 1 to 3: `authCode`, which the page takes out of its address. */
  async authCode(): Promise<string> {
    const landed = await this.signIn();
    return landed.searchParams.get('authCode') ?? assert.fail(`no authCode at ${landed.pathname}`);
  }

  /** Step 4: `POST sessions`; `members` are laid over the body. */
  open(code?: string, members: object = {}): Promise<Visit> {
    const { customerKey, queueKey, authConnectionName } = this.page;
    return this.ask('POST', '/sessions', {
      customerKey,
      queueKey,
      nickName: '',
      languageCode: 'EN',
      intro: { variables: { Page: '/help' } },
      ...(code !== undefined && { auth: { code, connectionName: authConnectionName } }),
      ...members,
    });
  }

  /** The whole way into a chat. */
  async start(members: object = {}): Promise<PuzzelSession> {
    const opened = await this.open(await this.authCode(), members);
    assert.equal(opened.status, 200, opened.body);
    return JSON.parse(opened.body) as PuzzelSession;
  }

  /** The place of a chat below the API. */
  place({ iqSessionId }: Pick<PuzzelSession, 'iqSessionId'>): string {
    return `/sessions/${this.page.customerKey}-${iqSessionId}`;
  }

  /** One poll; 404 is the end of the chat. */
  poll(session: PuzzelSession, last = 0): Promise<Visit> {
    return this.ask('GET', `${this.place(session)}/messages/${last}`);
  }

  /** What one poll brings. */
  async messages(session: PuzzelSession, last = 0): Promise<PuzzelMessage[]> {
    const polled = await this.poll(session, last);
    assert.equal(polled.status, 200, polled.body);
    return JSON.parse(polled.body) as PuzzelMessage[];
  }

  say(session: PuzzelSession, content: string, members: object = {}): Promise<Visit> {
    const message = { nickName: '', type: 'Message', content, ...members };
    return this.ask('POST', `${this.place(session)}/messages`, message);
  }

  end(session: PuzzelSession): Promise<Visit> {
    return this.ask('DELETE', `${this.place(session)}/${session.requestId}`);
  }

  /** Asks for the transcript. */
  email(session: PuzzelSession, toEmailAddress: string): Promise<Visit> {
    return this.ask('POST', `${this.place(session)}/email`, { toEmailAddress, emailSubject: 'Your chat' });
  }

  survey(session: PuzzelSession, members: object = {}): Promise<Visit> {
    return this.ask('POST', `${this.place(session)}/survey`, {
      nickName: '',
      surveyQuestion: 'How was it?',
      surveyMaxScore: 5,
      surveyMinScore: 1,
      offerSurvey: true,
      queueKey: this.page.queueKey,
      ...members,
    });
  }

  configuration(configurationId: string): Promise<Visit> {
    return this.ask('GET', `/configurations/${this.page.customerKey}-${configurationId}`);
  }

  /** Follows redirects until one leads to an address that starts like this. */
  async #walk(start: string, goal: string): Promise<string> {
    let address = start;
    for (let step = 0; step < 10; step += 1) {
      const visit = await this.visitor.navigate(address);
      const location = visit.headers.get('location');
      assert.ok(location !== null, `${visit.status} at ${new URL(address).pathname}: ${visit.body}`);
      address = new URL(location, address).href;
      if (address.startsWith(goal)) return address;
    }
    throw new Error(`the sign-in never comes to ${goal}`);
  }
}
