import { PAGE } from './cookieless-page.ts';
import type { Browser, Visit } from './browser.ts';

const HOST = '127.0.0.1';

/**
 * A form of a portal on another site that logs out: the browser sends no Lax cookie along, keeps what the answer sets, and
 * deletes what the answer takes away.
 *
 * @param origin as the browser names it, default that of the one customer
 * @param form fields, in the body
 */
export async function postFromPortal(
  visitor: Browser,
  url: string,
  { origin = PAGE, form = {} }: { origin?: string; form?: Record<string, string> } = {},
): Promise<Visit> {
  const before = visitor.jar.get(HOST) ?? new Map<string, string>();
  visitor.jar.set(HOST, new Map());
  const answer = await visitor.navigate(`${url}/secure-chat/logout`, {
    method: 'POST',
    headers: { origin, 'sec-fetch-site': 'cross-site', 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  });
  const taken = answer.headers.getSetCookie().map((line) => line.slice(0, line.indexOf('=')));
  const kept = [...before].filter(([name]) => !taken.includes(name));
  visitor.jar.set(HOST, new Map([...kept, ...(visitor.jar.get(HOST) ?? [])]));
  return answer;
}

/** The address with the ticket, to which such a form is sent on. */
export async function ticketAddress(visitor: Browser, url: string, origin?: string): Promise<string> {
  const { headers } = await postFromPortal(visitor, url, origin === undefined ? {} : { origin });
  return headers.get('location') ?? '';
}
