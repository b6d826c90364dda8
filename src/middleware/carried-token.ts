import type { IncomingMessage } from 'node:http';

/** The marker that a page offers beside its token, and that it is answered with (RFC 6455, section 1.9). */
export const MARKER = 'secure-chat';

/** A bearer token that came with a request, or what was meant for one. */
export interface CarriedToken {
  /** Undefined when it has no token's shape, when there are several, or when it stands where it does not count. */
  readonly token: string | undefined;
  /** It came as a subprotocol beside the marker: a browser gives the socket up unless one of its offers is chosen. */
  readonly marked: boolean;
}

const AUTHORIZATION = /^[ \t]*bearer[ \t]+(scg_[\w-]{43})[ \t]*$/i;
/** The scheme with our prefix, however broken; and a whole token in any other wording that is no part of a longer one. */
const OURS = /^[ \t]*bearer[ \t]+scg_|(?:^|[^\w.~+/-])scg_[\w-]{43}(?![\w-])/i;
const SUBPROTOCOL = /^secure-chat\.bearer\.(scg_[\w-]{43})$/;
/** The same for an offer: our prefix, or a whole token in any other wording. */
const OUR_SUBPROTOCOL = /^secure-chat\.bearer\.|(?<![\w-])scg_[\w-]{43}(?![\w-])/i;

/**
 * Takes our token out of `rawHeaders` and `headers`, so that whoever gets the request next finds none: the
 * `Authorization` that holds it, or the subprotocol with its marker. Every other `Authorization` and subprotocol stays as
 * it is. Undefined when the request carries nothing of ours.
 *
 * @param upgrade The request asks for a WebSocket, which is where a subprotocol counts.
 */
export function takeCarriedToken(req: IncomingMessage, upgrade: boolean): CarriedToken | undefined {
  if (!mayCarry(req)) return undefined;
  const authorizations = valuesOf(req, 'authorization').filter((value) => OURS.test(value));
  const offers = valuesOf(req, 'sec-websocket-protocol')
    .flatMap((value) => value.split(','))
    .map((offer) => offer.trim());
  const offered = offers.filter((offer) => OUR_SUBPROTOCOL.test(offer));
  if (authorizations.length + offered.length === 0) return undefined;
  const rest = offered.length === 0 ? undefined : offers.filter((offer) => !isOurs(offer));
  takeOut(req, rest);
  const marked = offered.length > 0 && offers.includes(MARKER);
  const tokens = [
    ...authorizations.map((value) => AUTHORIZATION.exec(value)?.[1]),
    ...offered.map((offer) => (upgrade && marked ? SUBPROTOCOL.exec(offer)?.[1] : undefined)),
  ];
  return { token: tokens.length === 1 ? tokens[0] : undefined, marked };
}

/** Without such a line there is nothing to take: most requests of a chat have neither. */
function mayCarry({ rawHeaders }: IncomingMessage): boolean {
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (isNamed(name, 'authorization') || isNamed(name, 'sec-websocket-protocol')) return true;
  }
  return false;
}

/** Of every line with that name, where node:http keeps one of some and joins others. */
function valuesOf({ rawHeaders }: IncomingMessage, name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (isNamed(rawHeaders[i], name)) values.push(rawHeaders[i + 1] ?? '');
  }
  return values;
}

/** The shortest test first: this is asked of every header of every request. */
function isNamed(written: string | undefined, name: string): boolean {
  return written?.length === name.length && written.toLowerCase() === name;
}

function isOurs(offer: string): boolean {
  return offer === MARKER || OUR_SUBPROTOCOL.test(offer);
}

/** @param offers What stays of the subprotocols; undefined when none of them was ours. */
function takeOut(req: IncomingMessage, offers: readonly string[] | undefined): void {
  const kept: string[] = [];
  for (let i = 0; i + 1 < req.rawHeaders.length; i += 2) {
    const [name = '', value = ''] = req.rawHeaders.slice(i, i + 2);
    const isToken = isNamed(name, 'authorization') && OURS.test(value);
    const isOffer = offers !== undefined && isNamed(name, 'sec-websocket-protocol');
    if (!isToken && !isOffer) kept.push(name, value);
  }
  if (offers !== undefined && offers.length > 0) kept.push('Sec-WebSocket-Protocol', offers.join(', '));
  req.rawHeaders.splice(0, req.rawHeaders.length, ...kept);
  setHeader(req, 'authorization', valuesOf(req, 'authorization')[0]);
  setHeader(req, 'sec-websocket-protocol', valuesOf(req, 'sec-websocket-protocol').join(', ') || undefined);
}

function setHeader(
  { headers }: IncomingMessage,
  name: 'authorization' | 'sec-websocket-protocol',
  value?: string,
): void {
  if (value === undefined) Reflect.deleteProperty(headers, name);
  else headers[name] = value;
}
