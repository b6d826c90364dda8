import { Agent, request } from 'undici';

/** A browser without a screen: a cookie jar that follows no redirect by itself. */
export interface Visit {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

export interface RequestOptions {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const NAVIGATION = {
  accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
};

/** Cookies go by host name, not by port, as in a real browser. */
export class Browser {
  // connections are not kept, so that a test ends when it is done
  readonly #agent = new Agent({ pipelining: 0 });
  readonly #headers: Record<string, string>;
  readonly jar = new Map<string, Map<string, string>>();

  constructor(headers: Record<string, string> = {}) {
    this.#headers = headers;
  }

  /** A script's request: no page, no redirect followed. */
  async fetch(url: string, options: RequestOptions = {}): Promise<Visit> {
    const { hostname } = new URL(url);
    const cookie = this.cookies(hostname);
    // not fetch, which would say `Sec-Fetch-Mode: cors` of every request
    const response = await request(url, {
      method: options.method ?? 'GET',
      headers: {
        accept: 'application/json',
        ...this.#headers,
        ...options.headers,
        ...(cookie === '' ? {} : { cookie }),
      },
      ...(options.body === undefined ? {} : { body: options.body }),
      dispatcher: this.#agent,
    });
    const headers = new Headers();
    for (const [name, value] of Object.entries(response.headers))
      for (const line of [value].flat()) if (line !== undefined) headers.append(name, line);
    this.#keep(hostname, headers.getSetCookie());
    return { url, status: response.statusCode, headers, body: await response.body.text() };
  }

  /** A person opening a page; one step. */
  navigate(url: string, options: RequestOptions = {}): Promise<Visit> {
    return this.fetch(url, { ...options, headers: { ...NAVIGATION, ...options.headers } });
  }

  /** A person opening a page, with every redirect followed. The addresses on the way are in `trail`. */
  async open(url: string, options: RequestOptions = {}): Promise<Visit & { trail: string[] }> {
    const trail: string[] = [];
    let visit = await this.navigate(url, options);
    while (visit.status >= 300 && visit.status < 400 && trail.length < 20) {
      const next = new URL(visit.headers.get('location') ?? '', visit.url).href;
      trail.push(next);
      visit = await this.navigate(next);
    }
    return { ...visit, trail };
  }

  /** The Cookie header for a host. */
  cookies(hostname: string): string {
    return [...(this.jar.get(hostname) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  #keep(hostname: string, lines: readonly string[]): void {
    const cookies = this.jar.get(hostname) ?? new Map<string, string>();
    this.jar.set(hostname, cookies);
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split(/;\s*/);
      const at = pair.indexOf('=');
      const over = attributes.some(
        (a) => /^max-age=(0|-\d+)$/i.test(a) || (/^expires=/i.test(a) && Date.parse(a.slice(8)) < Date.now()),
      );
      if (over) cookies.delete(pair.slice(0, at));
      else cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
  }
}
