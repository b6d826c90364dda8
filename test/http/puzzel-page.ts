import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import type { TestContext } from 'node:test';
import { Browser, type RequestOptions, type Visit } from '../support/browser.ts';
import { startSystem, type System, type SystemOptions } from '../support/system.ts';
import type { RecordedRequest, UpstreamHandler } from '../support/upstream.ts';

/** Where the vendor's API lies in these tests. */
export const BASE = '/chat/v1';
/** The origin of `startSystem`'s one customer. */
export const PAGE = 'https://www.bank.example';
export const CUSTOMER = '12345';

/** Answers a start with the next id, and everything else with what it says: the vendor's shapes, no more. */
export function puzzelServer(): UpstreamHandler {
  let count = 0;
  return (req: IncomingMessage, res) => {
    req.resume().on('end', () => {
      res.setHeader('Content-Type', 'application/json');
      if (req.method === 'POST' && /\/sessions\/?(?:\?|$)/.test(req.url ?? '')) {
        count += 1;
        res.setHeader('ETag', '"of-these-bytes"');
        res.end(`{ "iqSessionId" : "chat${count}" , "requestId":1.0,"more":"\\u00e5" }`);
      } else res.end('[]');
    });
  };
}

/** Everything with the preset, and a chat server that speaks its protocol. */
export function startPuzzel(t: TestContext, settings: SystemOptions = {}): Promise<System> {
  return startSystem(t, {
    upstream: puzzelServer(),
    ...settings,
    options: { preset: 'puzzel-v1', ...settings.options },
  });
}

/** How a page asks. */
export interface PageKind {
  readonly origin?: string | undefined;
  readonly site?: 'same-origin' | 'same-site' | 'cross-site' | undefined;
  /** Whether its requests carry cookies. */
  readonly cookies: boolean;
}

export const SAME_SITE: PageKind = { origin: PAGE, site: 'same-site', cookies: true };
export const NO_COOKIES: PageKind = { origin: PAGE, site: 'cross-site', cookies: false };

/** The vendor's client in one page of one visitor. The visitor's own browser navigates; the script fetches. */
export class PuzzelPage {
  readonly url: string;
  readonly visitor: Browser;
  readonly kind: PageKind;

  constructor(url: string, visitor: Browser, kind: PageKind = SAME_SITE) {
    this.url = url;
    this.visitor = visitor;
    this.kind = kind;
  }

  ask(path: string, options: RequestOptions & { readonly json?: unknown } = {}): Promise<Visit> {
    const { origin, site, cookies } = this.kind;
    const { json, ...rest } = options;
    const script = cookies ? this.visitor : new Browser();
    return script.fetch(this.url + BASE + path, {
      ...rest,
      ...(json === undefined
        ? {}
        : { method: 'POST', body: typeof json === 'string' ? json : JSON.stringify(json) }),
      headers: {
        ...(origin === undefined ? {} : { origin }),
        ...(site === undefined
          ? {}
          : { 'sec-fetch-site': site, 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...rest.headers,
      },
    });
  }

  state(json: unknown = { returnTo: `${PAGE}/chat` }): Promise<Visit> {
    return this.ask(`/auth/state/${CUSTOMER}`, { json });
  }

  /** The authorization request as the vendor's page builds it. */
  authorizeUrl(issuer: string, state: string, base: string = BASE): string {
    return `${issuer}/authorize?${new URLSearchParams({
      response_type: 'code',
      client_id: 'portal',
      redirect_uri: `${this.url}${base}/auth/redirect`,
      scope: 'openid profile signicat.national_id',
      prompt: 'none',
      state,
    }).toString()}`;
  }

  /** Up to the provider's redirect back. */
  async answered(issuer: string, begun?: Visit): Promise<string> {
    const visit = begun ?? (await this.state());
    assert.equal(visit.status, 200, visit.body);
    const { state } = JSON.parse(visit.body) as { state: string };
    const at = await this.visitor.navigate(this.authorizeUrl(issuer, state));
    assert.equal(at.status, 302, at.body);
    return at.headers.get('location')!;
  }

  /** A whole login: the handle in the page's address. */
  async login(issuer: string): Promise<string> {
    const landed = await this.visitor.navigate(await this.answered(issuer));
    assert.equal(landed.status, 302, landed.body);
    const page = new URL(landed.headers.get('location')!);
    assert.equal(page.origin + page.pathname, `${PAGE}/chat`);
    return page.searchParams.get('authCode') ?? page.search;
  }

  start(code: string | undefined, members: object = {}): Promise<Visit> {
    return this.ask('/sessions', {
      json: {
        customerKey: CUSTOMER,
        queueKey: 'q_bank',
        nickName: 'Mallory',
        chatId: 'mine',
        ...(code === undefined ? {} : { auth: { code, connectionName: 'Signicat' } }),
        ...members,
      },
    });
  }

  /** Login and start: the chat's path id. */
  async chat(issuer: string, members: object = {}): Promise<string> {
    const visit = await this.start(await this.login(issuer), members);
    assert.equal(visit.status, 200, visit.body);
    return idOf(visit);
  }

  say(id: string, json: unknown = { nickName: 'Mallory', type: 'Message', content: 'hei' }): Promise<Visit> {
    return this.ask(`/sessions/${id}/messages`, { json });
  }
}

/** `{customerKey}-{iqSessionId}` of an answer. */
export function idOf({ body }: Visit): string {
  return `${CUSTOMER}-${(JSON.parse(body) as { iqSessionId: string }).iqSessionId}`;
}

/** What the upstream got as JSON in its last request. */
export function lastBody({ requests }: { readonly requests: readonly RecordedRequest[] }) {
  return JSON.parse(requests.at(-1)!.body.toString()) as Record<string, unknown>;
}
