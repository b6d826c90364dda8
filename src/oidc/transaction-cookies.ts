import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A cookie that binds one login transaction to the browser that started it. */
export interface TransactionCookie {
  /** Which transaction: the hash of its `state`, so that the cookie does not tell the state. */
  readonly id: string;
  readonly value: string;
  /** Milliseconds since 1970; 0 when the value is not one of the gateway's. */
  readonly startedAt: number;
}

const NAME = /^(?:__Host-)?secure-chat-tx-([\w-]{22})$/;
const VALUE = /^([0-9a-z]{1,11})\.[\w-]{22}$/;

/** Seconds that the browser keeps the cookie: longer than a transaction is valid, so that late is told from foreign. */
const MAX_AGE_SECONDS = 900;

/** Longest `Cookie` header read, in characters, and most transactions taken from one. */
const MAX_HEADER = 65_536;
const MAX_COOKIES = 64;

/** True for the name of a cookie that binds a login transaction: it is the gateway's own and never goes upstream. */
export function isTransactionCookie(name: string): boolean {
  return NAME.test(name);
}

/** Name part for a `state`: 128 of the bits of its SHA-256. */
export function transactionId(state: string): string {
  return createHash('sha256').update(state).digest().subarray(0, 16).toString('base64url');
}

/** A fresh value: when, and 128 random bits. */
export function newCookieValue(now: number): string {
  return `${now.toString(36)}.${randomBytes(16).toString('base64url')}`;
}

/** What the record keeps of the value. */
export function cookieHash(value: string): string {
  return createHash('sha256').update(value).digest('base64url');
}

/** Constant-time comparison of a value with the hash that a record keeps. */
export function matchesHash(value: string, hash: string): boolean {
  const [given, kept] = [Buffer.from(cookieHash(value)), Buffer.from(hash)];
  return given.length === kept.length && timingSafeEqual(given, kept);
}

/** `Set-Cookie` line that binds the browser. `secure` means https: `__Host-` and `Secure`. */
export function bindingCookie(id: string, value: string, secure: boolean): string {
  return line(id, value, secure, MAX_AGE_SECONDS);
}

/** `Set-Cookie` line that takes it away, with the same attributes, or the browser would keep it. */
export function expiredCookie(id: string, secure: boolean): string {
  return line(id, '', secure, 0);
}

/**
 * The transaction cookies of a request, at most 64. Only names with the right prefix count; of two cookies with one name
 * neither is believed.
 */
export function readTransactionCookies(header: string | undefined, secure: boolean): TransactionCookie[] {
  if (header === undefined || header.length > MAX_HEADER) return [];
  const found = new Map<string, string>();
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=');
    if (equals === -1) continue;
    // blanks only, not all that `trim` takes: behind a no-break space no browser sees `__Host-`, and any site may set it
    const name = pair.slice(0, equals).replace(/^[ \t]+|[ \t]+$/g, '');
    const id = name.startsWith('__Host-') === secure ? NAME.exec(name)?.[1] : undefined;
    if (id === undefined || (found.size >= MAX_COOKIES && !found.has(id))) continue;
    found.set(id, found.has(id) ? '' : pair.slice(equals + 1).trim());
  }
  return [...found].map(([id, value]) => ({ id, value, startedAt: startOf(value) }));
}

function startOf(value: string): number {
  const time = VALUE.exec(value)?.[1];
  return time === undefined ? 0 : Number.parseInt(time, 36);
}

function line(id: string, value: string, secure: boolean, maxAge: number): string {
  const name = `${secure ? '__Host-' : ''}secure-chat-tx-${id}`;
  return `${name}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}
