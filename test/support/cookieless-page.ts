import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { Browser, type RequestOptions, type Visit } from './browser.ts';

/** The origin of `startSystem`'s one customer. */
export const PAGE = 'https://www.bank.example';

/** What a page says to the gateway. */
export interface PageRequest extends RequestOptions {
  /** Default the page's own; null sends none. */
  readonly origin?: string | null;
  readonly token?: string | undefined;
  readonly json?: unknown;
}

/** A login that has come back to its page. */
export interface LandedLogin {
  readonly authCode: string;
  readonly verifier: string;
  /** Where the visitor is. */
  readonly landed: URL;
}

/** A script in a page of another site: it sends an Origin and never a cookie. Its verifier is its own. */
export class CookielessPage {
  readonly #script = new Browser();
  readonly url: string;
  readonly origin: string;

  constructor(url: string, origin: string = PAGE) {
    this.url = url;
    this.origin = origin;
  }

  async ask(path: string, { origin = this.origin, token, json, ...rest }: PageRequest = {}): Promise<Visit> {
    // whatever the gateway sets, this page's requests bring nothing back
    this.#script.jar.clear();
    return this.#script.fetch(this.url + path, {
      ...rest,
      ...(json === undefined ? {} : { method: 'POST', body: JSON.stringify(json) }),
      headers: {
        ...(origin === null ? {} : { origin }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...rest.headers,
      },
    });
  }

  /** `POST /login`. */
  begin(challenge: string, members: object = {}, request: PageRequest = {}): Promise<Visit> {
    const json = {
      queueKey: 'q_bank',
      returnTo: `${this.origin}/chat`,
      challenge,
      challengeMethod: 'S256',
      ...members,
    };
    return this.ask('/secure-chat/login', { json, ...request });
  }

  /** A whole login, up to the page with `authCode`; the visitor's browser walks it. */
  async login(visitor: Browser, members: object = {}, request: PageRequest = {}): Promise<LandedLogin> {
    const verifier = randomBytes(32).toString('base64url');
    const begun = await this.begin(challengeOf(verifier), members, request);
    assert.equal(begun.status, 200, begun.body);
    const { location } = JSON.parse(begun.body) as { location: string };
    const landed = new URL(await walkOut(visitor, location, this.url));
    return { authCode: landed.searchParams.get('authCode') ?? '', verifier, landed };
  }

  /** `POST /token` with what a login has left. */
  claim(
    { authCode, verifier }: Pick<LandedLogin, 'authCode' | 'verifier'>,
    members: object = {},
    request: PageRequest = {},
  ): Promise<Visit> {
    return this.ask('/secure-chat/token', {
      json: { authCode, verifier, queueKey: 'q_bank', ...members },
      ...request,
    });
  }

  /** Login and claim: a token. */
  async token(visitor: Browser, members: object = {}, request: PageRequest = {}): Promise<string> {
    const login = await this.login(visitor, members, request);
    const claimed = await this.claim(login, members);
    assert.equal(claimed.status, 200, claimed.body);
    return (JSON.parse(claimed.body) as { token: string }).token;
  }
}

/** S256 of RFC 7636. */
export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

/** Follows every redirect between gateway and provider, and says where the first one out of both leads. */
export async function walkOut(visitor: Browser, start: string, gateway: string): Promise<string> {
  let address = start;
  for (let step = 0; step < 10; step++) {
    const visit = await visitor.navigate(address);
    assert.equal(visit.status, 302, visit.body);
    address = new URL(visit.headers.get('location') ?? '', address).href;
    if (!['127.0.0.1', new URL(gateway).hostname].includes(new URL(address).hostname)) return address;
  }
  throw new Error('the login leads nowhere');
}
