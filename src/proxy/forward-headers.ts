import { GatewayError } from '../errors.ts';
import { isShared, type ForwardedFacts } from './client-trust.ts';
import { setsOwnCookie, withoutOwnCookies, type OwnCookies } from './cookies.ts';
import {
  connectionPass,
  cookiePass,
  createNameTable,
  forwardedPass,
  framingPass,
  hopByHopPass,
  overridePass,
  ownPass,
  representationPass,
  responsePass,
  storagePass,
  wallPass,
  type NameTable,
} from './header-names.ts';

/** Headers as they stand on the wire: name, value, name, value. Values are bytes, one character each (latin1). */
export type RawHeaders = string[];

/** What is fixed for the life of a proxy. */
export interface HeaderRules {
  readonly requestNames: NameTable;
  readonly responseNames: NameTable;
  readonly ownCookies: OwnCookies;
  readonly location: (value: string) => string;
}

/** What one request adds to its own headers. */
export interface RequestHeaderFacts {
  readonly rawHeaders: readonly string[];
  /** `Host` of the upstream. */
  readonly host: string;
  readonly forwarded: ForwardedFacts;
  /** Bytes of a body that was read before, or undefined when the client's framing holds. */
  readonly bodyLength: number | undefined;
  readonly identity: readonly (readonly [string, string])[] | undefined;
}

/**
 * Rules in the order in which they are asked; the first that knows a name decides.
 * @param folds true for names that fold to the prefix of identity headers
 * @param location what the browser is told of an address that the upstream redirects to; default the same
 */
export function createHeaderRules(
  folds: (name: string) => boolean,
  ownCookies: OwnCookies,
  location: HeaderRules['location'] = (value) => value,
): HeaderRules {
  const wall = wallPass(folds);
  return {
    requestNames: createNameTable([
      connectionPass,
      framingPass,
      hopByHopPass,
      wall,
      cookiePass,
      overridePass,
      forwardedPass,
      ownPass,
      representationPass,
    ]),
    responseNames: createNameTable([
      connectionPass,
      framingPass,
      hopByHopPass,
      wall,
      responsePass,
      storagePass,
      representationPass,
    ]),
    ownCookies,
    location,
  };
}

/**
 * What the upstream gets: the client's end-to-end headers as they were written, then the gateway's own. Names that
 * `Connection` nominates are worked off before the gateway writes its first one (CVE-2026-33805). Of framing there is at
 * most a `Content-Length`; without it a body goes out chunked, which is the engine's to write.
 * @throws GatewayError `request_malformed` on framing that cannot be carried over
 */
export function requestHeaders(rules: HeaderRules, facts: RequestHeaderFacts): RawHeaders {
  const { rawHeaders } = facts;
  const kept: RawHeaders = ['Host', facts.host];
  let nominations = '';
  let length: string | undefined;
  let coding: string | undefined;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    const value = rawHeaders[i + 1] ?? '';
    switch (rules.requestNames(name)) {
      case 'pass':
      case 'keep':
        kept.push(name, value);
        break;
      case 'connection':
        nominations += `${value},`;
        break;
      case 'content-length':
        if (length !== undefined && length !== value) throw badFraming();
        length = value;
        break;
      case 'transfer-encoding':
        if (coding !== undefined || value.trim().toLowerCase() !== 'chunked') throw badFraming();
        coding = 'chunked';
        break;
      case 'cookie':
        pushUnlessEmpty(kept, name, withoutOwnCookies(value, rules.ownCookies));
        break;
      case 'drop':
      case 'set-cookie':
      case 'clear-site-data':
      case 'location':
      case 'sharing':
      case 'storage':
    }
  }
  const headers = withoutNominated(kept, nominations, rules.requestNames);
  pushLength(headers, facts.bodyLength, length, coding);
  for (const text of forwardedLines(facts.forwarded)) headers.push(text);
  if (facts.identity !== undefined) for (const line of facts.identity) headers.push(line[0], line[1]);
  return headers;
}

/**
 * What the client gets of an upstream's answer. Hop-by-hop headers, identity headers, cookies under the gateway's own
 * names and trailers' announcements stay behind. `Clear-Site-Data` loses `"cookies"`, which would wipe the gateway's
 * session (and every other of the site), and `"*"` becomes the three directives that remain.
 * @param rawHeaders strings, or bytes as undici hands them out
 * @param noStore the answer is for one person: `Cache-Control: no-store`, whatever the upstream says, and which origin may
 * read it is not the upstream's to say
 */
export function responseHeaders(
  rules: HeaderRules,
  rawHeaders: readonly (string | Buffer)[],
  status: number,
  noStore: boolean,
): RawHeaders {
  const kept: RawHeaders = [];
  let nominations = '';
  let length: string | undefined;
  let coded = false;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = latin1(rawHeaders[i]);
    const value = latin1(rawHeaders[i + 1]);
    switch (rules.responseNames(name)) {
      case 'pass':
      case 'keep':
        kept.push(name, value);
        break;
      case 'connection':
        nominations += `${value},`;
        break;
      case 'content-length':
        length = value;
        break;
      case 'transfer-encoding':
        coded = true;
        break;
      case 'set-cookie':
        if (!setsOwnCookie(value, rules.ownCookies)) kept.push(name, value);
        break;
      case 'clear-site-data':
        pushUnlessEmpty(kept, name, withoutCookieWipe(value));
        break;
      case 'location':
        kept.push(name, rules.location(value));
        break;
      case 'sharing':
      case 'storage':
        if (!noStore) kept.push(name, value);
        break;
      case 'drop':
      case 'cookie':
    }
  }
  const headers = withoutNominated(kept, nominations, rules.responseNames);
  if (length !== undefined && !coded && status !== 204) headers.push('Content-Length', length);
  if (noStore) headers.push('Cache-Control', 'no-store');
  return headers;
}

function latin1(text: string | Buffer | undefined): string {
  return typeof text === 'string' ? text : (text?.toString('latin1') ?? '');
}

function pushUnlessEmpty(headers: RawHeaders, name: string, value: string | undefined): void {
  if (value !== undefined) headers.push(name, value);
}

/** Takes out what `Connection` nominates, but for what says how the body is to be read. */
function withoutNominated(headers: RawHeaders, nominations: string, names: NameTable): RawHeaders {
  const nominated = nominatedNames(nominations, names);
  if (nominated === undefined) return headers;
  const kept: RawHeaders = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] ?? '';
    if (!nominated.has(name.toLowerCase())) kept.push(name, headers[i + 1] ?? '');
  }
  return kept;
}

function nominatedNames(nominations: string, names: NameTable): ReadonlySet<string> | undefined {
  if (nominations === '' || nominations === 'keep-alive,') return undefined;
  let nominated: Set<string> | undefined;
  for (const token of nominations.split(',')) {
    const name = token.trim().toLowerCase();
    // Host is the gateway's own by now
    if (name === '' || name === 'host' || names(name) === 'keep') continue;
    nominated ??= new Set();
    nominated.add(name);
  }
  return nominated;
}

function pushLength(
  headers: RawHeaders,
  bodyLength: number | undefined,
  length: string | undefined,
  coding: string | undefined,
): void {
  if (bodyLength !== undefined) {
    const framed = length !== undefined || coding !== undefined;
    if (bodyLength > 0 || framed) headers.push('Content-Length', String(bodyLength));
  } else if (length !== undefined && coding === undefined) {
    headers.push('Content-Length', length);
  } else if (length !== undefined) {
    throw badFraming();
  }
}

function badFraming(): GatewayError {
  return new GatewayError(
    'request_malformed',
    'The body must be framed by one Content-Length or by "Transfer-Encoding: chunked".',
  );
}

const linesOfShared = new WeakMap<ForwardedFacts, RawHeaders>();

function forwardedLines(facts: ForwardedFacts): RawHeaders {
  const known = linesOfShared.get(facts);
  if (known !== undefined) return known;
  const lines: RawHeaders = ['X-Forwarded-For', facts.for.join(', '), 'X-Forwarded-Proto', facts.proto];
  if (facts.host !== undefined) lines.push('X-Forwarded-Host', facts.host);
  if (facts.port !== undefined) lines.push('X-Forwarded-Port', String(facts.port));
  lines.push('Forwarded', forwardedValue(facts));
  if (isShared(facts)) linesOfShared.set(facts, lines);
  return lines;
}

/** RFC 7239: the first element speaks of the client's own connection. */
function forwardedValue(facts: ForwardedFacts): string {
  const host = facts.host === undefined ? '' : `;host="${facts.host}"`;
  let value = '';
  for (const address of facts.for) {
    const node = address.includes(':') ? `"[${address}]"` : address;
    value += value === '' ? `for=${node}${host};proto=${facts.proto}` : `, for=${node}`;
  }
  return value;
}

function withoutCookieWipe(value: string): string | undefined {
  const kept: string[] = [];
  for (const directive of value.split(',')) {
    const name = directive.trim();
    if (name === '"*"') kept.push('"cache"', '"storage"', '"executionContexts"');
    else if (name !== '"cookies"') kept.push(name);
  }
  return kept.length === 0 ? undefined : kept.join(', ');
}
