import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';

/** True when the request was one of the sign-in's. */
type SignIn = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean;

/**
 * The vendor's sign-in as it must not be: any return address, a state of nobody, the provider's own code in the page's
 * address. It is what a page written for Puzzel was made for, so that the page can be tried without the gateway.
 */
export function naiveSignIn(): SignIn {
  const pages = new Map<string, string>();

  async function askState(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { returnUrl } = (await json(incoming)) as { returnUrl: string };
    const state = randomBytes(16).toString('base64url');
    pages.set(state, returnUrl);
    outgoing.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ state }));
  }

  function share(incoming: IncomingMessage, outgoing: ServerResponse): void {
    outgoing.setHeader('Access-Control-Allow-Origin', incoming.headers.origin ?? '*');
    outgoing.setHeader('Access-Control-Allow-Credentials', 'true');
    outgoing.setHeader('Access-Control-Allow-Headers', 'content-type');
  }

  return function signIn(incoming, outgoing) {
    const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://localhost');
    if (pathname.startsWith('/chat/v1/auth/state/')) {
      share(incoming, outgoing);
      if (incoming.method === 'OPTIONS') outgoing.writeHead(204).end();
      else void askState(incoming, outgoing);
      return true;
    }
    if (pathname !== '/chat/v1/auth/redirect') return false;
    const page = new URL(pages.get(searchParams.get('state') ?? '') ?? 'http://localhost:9/');
    page.searchParams.set('authCode', searchParams.get('code') ?? '');
    outgoing.writeHead(302, { Location: page.href }).end();
    return true;
  };
}
