import { problemOf, refused } from './refusal.ts';

/** A bearer token as the gateway gives it. */
export interface IssuedToken {
  readonly token: string;
  /** Seconds. */
  readonly expiresIn: number;
}

/** How a request says whose it is. */
export interface Carries {
  /** With the gateway's cookie; a request with a token never brings one. */
  readonly cookies?: boolean | undefined;
  readonly token?: string | undefined;
}

/**
 * One of the gateway's own routes; POST unless it is said otherwise. Resolves with the members of the answer, rejects with
 * a `SecureChatError`.
 */
export type Call = (path: string, carries: Carries, json?: object, method?: string) => Promise<unknown>;

/**
 * Sends a request with the identity; it can be sent again. A token follows no redirect: some browsers would take it along
 * to wherever that leads.
 */
export function send(request: Request, { cookies, token }: Carries): Promise<Response> {
  const headers = new Headers(request.headers);
  if (token) headers.set('Authorization', `Bearer ${token}`);
  return fetch(request.clone(), {
    headers,
    mode: 'cors',
    credentials: cookies ? 'include' : 'omit',
    redirect: token && request.redirect === 'follow' ? 'error' : request.redirect,
  });
}

/** The calls to one gateway. */
export function createCall(gateway: string): Call {
  return async (path, carries, json, method = 'POST') => {
    const headers = { 'Content-Type': 'application/json' };
    const init = json ? { method, headers, body: JSON.stringify(json) } : { method };
    const response = await send(new Request(gateway + path, init), carries).catch((cause: unknown) => {
      throw refused(0, undefined, cause);
    });
    if (response.ok) return (response.status === 204 ? {} : await response.json()) as unknown;
    throw refused(response.status, (await problemOf(response)).code);
  };
}

/** A query of those values that are there and not empty. */
export function parameters(values: object): string {
  const given = Object.entries(values).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return `${new URLSearchParams(given)}`;
}
