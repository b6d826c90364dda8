import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** One answer, read to its end. */
export interface Page {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Addresses that were passed through on the way here. */
  readonly passed: readonly string[];
}

/** What a request may carry beside its address. */
export interface Sending {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const MAX_REDIRECTS = 20;
const NAVIGATION = {
  Accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8',
  'Sec-Fetch-Mode': 'navigate',
  'Sec-Fetch-Dest': 'document',
};

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

/**
 * A browser without a window, with a cookie jar. Cookies go by host name and path and do not tell ports apart
 * (RFC 6265, 8.5), which is what makes it a fair test of servers that share a host.
 */
export class VisitorBrowser {
  readonly #jar = new Map<string, Map<string, Cookie>>();

  /** Opens a page as a click does, through all redirects. */
  async open(address: string, sending: Sending = {}): Promise<Page> {
    const passed: string[] = [];
    let next: { url: string; sending: Sending } = { url: address, sending };
    for (;;) {
      const { url } = next;
      const page = await this.#send(url, next.sending, NAVIGATION);
      const location = page.headers.get('location');
      if (page.status < 300 || page.status > 399 || location === null) return { ...page, passed };
      passed.push(url);
      if (passed.length > MAX_REDIRECTS)
        throw new Error(`more than ${MAX_REDIRECTS} redirects from ${address}`);
      next = { url: new URL(location, url).href, sending: {} };
    }
  }

  /** Sends a request as a page's script does: JSON out, no page expected, no redirect followed. */
  async call(url: string, sending: Sending = {}): Promise<Page> {
    const page = await this.#send(url, sending, { Accept: 'application/json', 'Sec-Fetch-Mode': 'cors' });
    return { ...page, passed: [] };
  }

  /** The value of a cookie, for those who look on. */
  cookie(host: string, name: string): string | undefined {
    return [...(this.#jar.get(host)?.values() ?? [])].find((cookie) => cookie.name === name)?.value;
  }

  async #send(url: string, { method = 'GET', headers, body }: Sending, manner: Record<string, string>) {
    const { hostname, pathname } = new URL(url);
    const cookie = this.#cookiesFor(hostname, pathname);
    const sent = { ...manner, ...headers, ...(cookie !== '' && { Cookie: cookie }) };
    const answer = await exchange(url, { method, headers: sent, body });
    for (const line of answer.headers.getSetCookie()) this.#store(hostname, line);
    return { url, ...answer };
  }

  #cookiesFor(host: string, path: string): string {
    const cookies = [...(this.#jar.get(host)?.values() ?? [])];
    return cookies
      .filter((cookie) => covers(cookie.path, path))
      .sort((one, other) => other.path.length - one.path.length)
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }

  #store(host: string, line: string): void {
    const [pair = '', ...rest] = line.split(';').map((part) => part.trim());
    const at = pair.indexOf('=');
    const attributes = new Map(
      rest.map((part) => {
        const [key = '', ...value] = part.split('=');
        return [key.toLowerCase(), value.join('=')] as const;
      }),
    );
    const cookie = {
      name: pair.slice(0, at),
      value: pair.slice(at + 1),
      path: attributes.get('path') ?? '/',
    };
    const cookies = this.#jar.get(host) ?? new Map<string, Cookie>();
    this.#jar.set(host, cookies);
    const key = JSON.stringify([cookie.name, cookie.path]);
    if (isOver(attributes)) cookies.delete(key);
    else cookies.set(key, cookie);
  }
}

/** One request over node:http; fetch would write `Sec-Fetch-Mode: cors` over whatever it is told. */
async function exchange(
  url: string,
  {
    method,
    headers,
    body = '',
  }: { method: string; headers: Record<string, string>; body: string | undefined },
): Promise<Pick<Page, 'status' | 'headers' | 'text'>> {
  const outgoing = request(url, {
    method,
    headers: { ...headers, ...(body !== '' && { 'Content-Length': Buffer.byteLength(body) }) },
  }).end(body);
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  const received = new Headers();
  for (let index = 0; index + 1 < incoming.rawHeaders.length; index += 2) {
    received.append(incoming.rawHeaders[index] ?? '', incoming.rawHeaders[index + 1] ?? '');
  }
  return { status: incoming.statusCode ?? 0, headers: received, text: await text(incoming) };
}

/** RFC 6265, 5.1.4. */
function covers(cookiePath: string, path: string): boolean {
  if (path === cookiePath) return true;
  return path.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`);
}

/** Max-Age wins over Expires (RFC 6265, 5.3). */
function isOver(attributes: ReadonlyMap<string, string>): boolean {
  const maxAge = attributes.get('max-age');
  if (maxAge !== undefined) return Number(maxAge) <= 0;
  const expires = attributes.get('expires');
  return expires !== undefined && Date.parse(expires) <= Date.now();
}
