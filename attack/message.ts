import type { Facts } from './facts.ts';

/** A request before it is bytes. Text is latin1: one character, one byte. */
export interface RequestParts {
  /** Default `GET`. */
  readonly method?: string;
  readonly target: string;
  /** After `Host`; a `Host` of their own replaces it, and so does a `Connection` for `close`. */
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
  /** Sends the cookie of the logged-in session. */
  readonly cookie?: boolean;
  /** Default `1.1`. */
  readonly version?: string;
}

/** The bytes of a request. `Content-Length` is written where there is a body and no framing of its own. */
export function requestBytes(facts: Facts, parts: RequestParts): string {
  const { method = 'GET', target, headers = [], body, version = '1.1' } = parts;
  const named = new Set(headers.map(([name]) => name.toLowerCase()));
  const lines = [`${method} ${target} HTTP/${version}`];
  if (!named.has('host')) lines.push(`Host: ${facts.hostname}:${facts.port}`);
  if (parts.cookie === true && facts.cookie !== undefined) lines.push(`Cookie: ${facts.cookie}`);
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  if (body !== undefined && !named.has('content-length') && !named.has('transfer-encoding'))
    lines.push(`Content-Length: ${body.length}`);
  if (!named.has('connection')) lines.push('Connection: close');
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
}

/** Headers of a WebSocket upgrade (RFC 6455, section 4.1). */
export const UPGRADE: readonly (readonly [string, string])[] = [
  ['Connection', 'Upgrade'],
  ['Upgrade', 'websocket'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
];

/** Text as one or more chunks and a last one with these trailer lines (RFC 9112, section 7.1). */
export function chunked(body: string, trailers: readonly string[] = []): string {
  const chunk = body === '' ? '' : `${body.length.toString(16)}\r\n${body}\r\n`;
  return `${chunk}0\r\n${trailers.map((line) => `${line}\r\n`).join('')}\r\n`;
}
