import type { Browser } from './browser.ts';

/** Cookies of a session, the gateway's own or its host's, whatever the face and the scheme. */
const SESSION = /^(?:(?:__Host-)?secure-chat|host\.sid)$/;

/** The session cookie that a browser holds of the gateway on 127.0.0.1, as `[name, value]`; undefined when it has none. */
export function sessionCookieOf(visitor: Browser): readonly [name: string, value: string] | undefined {
  return [...(visitor.jar.get('127.0.0.1') ?? [])].find(([name]) => SESSION.test(name));
}

/** Attributes of a `Set-Cookie` line, in lower case and sorted, without those that say how long it lives. */
export function attributesOf(line: string): string[] {
  const [, ...attributes] = line.split(';').map((part) => part.trim().toLowerCase());
  return attributes.filter((attribute) => !/^(?:expires|max-age)=/.test(attribute)).sort();
}
