import type { Facts } from './facts.ts';

/** The cookies of the session, as name and value. */
export function sessionCookies({ cookie = '' }: Facts): [string, string][] {
  return cookie
    .split(/;\s*/)
    .filter((pair) => pair.includes('='))
    .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);
}

/** Names of the session's cookies; none without a session. */
export function cookieNames(facts: Facts): string[] {
  return sessionCookies(facts).map(([name]) => name);
}
