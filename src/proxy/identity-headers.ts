import type { Identity } from '../claims/identity-types.ts';
import type { MappingEntry } from '../config/gateway-config.ts';
import { asciiJson, encodeHeaderValue } from './encode-value.ts';
import {
  mappedVariables,
  NOTHING_SHOWN,
  showIdentity,
  type Extent,
  type ShownIdentity,
} from './shown-identity.ts';

/** Where the request goes, in the spelling of the configuration. */
export interface Place {
  readonly customerKey: string;
  readonly queueKey: string;
  readonly connectionName: string;
}

/** What decides names, order and size of the identity headers. */
export interface IdentityHeaderSettings {
  /** E.g. `X-Secure-Chat-`. */
  readonly prefix: string;
  /** Most bytes that all identity headers take together on the wire: names, `: `, values and CRLF. */
  readonly limitBytes: number;
  /** The connection's; a variable that it does not map as Variable is not sent. */
  readonly mapping: readonly MappingEntry[];
  /** Length of the assertion that would sign this: it shares the limit. Default: there is none. */
  readonly assertionLength?: (shown: ShownIdentity) => number;
}

/** Name and value, both ASCII. */
export type Header = readonly [name: string, value: string];

/** The headers of a request, all but the assertion. */
export interface IdentityHeaders {
  readonly headers: readonly Header[];
  /** What they say, for the assertion; undefined when there is no room for one. */
  readonly shown: ShownIdentity | undefined;
}

/** When so many variables are mapped that some have to go, the others keep at least this much. */
const USEFUL_LENGTH = 32;

/**
 * The headers that tell the upstream who is there, in a fixed order. Values are encoded by `encodeHeaderValue`, an absent
 * value leaves its header out, `Variables` is always there (`[]` when nothing is mapped).
 *
 * Together with the assertion they fit in `limitBytes`. Where they would not, values are cut to the largest common length
 * that fits, at a whole character and without the blanks before it, the same in every header and in the assertion, and
 * `Truncated` names the claims cut. The ChatId is cut beyond 128 characters only. When not even single characters fit,
 * because very many variables are mapped, the last ones are left out whole and named too; when that is not enough
 * `Truncated: *` stands alone with Customer, Queue and Connection. A limit that holds no assertion at all is used without
 * one, and a limit below even that gives no headers. Never throws.
 */
export function identityHeaders(
  identity: Identity,
  place: Place,
  settings: IdentityHeaderSettings,
): IdentityHeaders {
  const { assertionLength } = settings;
  const signed = assertionLength && fitting(identity, place, settings, assertionLength);
  return signed ?? { headers: fitting(identity, place, settings)?.headers ?? [], shown: undefined };
}

/** Bytes that ASCII headers take on the wire, each with `: ` and CRLF (RFC 9112 section 5). */
export function headerBytes(headers: readonly Header[]): number {
  return headers.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
}

function fitting(
  identity: Identity,
  place: Place,
  { prefix, limitBytes, mapping }: IdentityHeaderSettings,
  assertionLength?: (shown: ShownIdentity) => number,
): { readonly headers: readonly Header[]; readonly shown: ShownIdentity } | undefined {
  const variables = mappedVariables(identity, mapping);
  const fixed = placeHeaders(place, prefix);
  const count = variables.length;
  const within = (shown: ShownIdentity, others: Iterable<Header>) => {
    const headers = upTo(limitBytes, fixed, others);
    if (headers === undefined || assertionLength === undefined) return headers && { headers, shown };
    const assertion = prefix.length + 'Assertion'.length + assertionLength(shown) + 4;
    return headerBytes(headers) + assertion <= limitBytes ? { headers, shown } : undefined;
  };
  const build = (extent: Extent) => {
    const shown = showIdentity(identity, variables, mapping, extent);
    return within(shown, personHeaders(shown, prefix));
  };

  return (
    build({ cap: Infinity, kept: count }) ??
    largest(1, longestValue(identity, limitBytes), (cap) => build({ cap, kept: count }))?.result ??
    fewerVariables(count, limitBytes, build) ??
    within(NOTHING_SHOWN, [[`${prefix}Truncated`, '*']])
  );
}

/** UTF-16 units of the longest value, as far as it can matter. */
function longestValue(
  { chatId = '', nickName = '', variables, acr = '', amr }: Identity,
  most: number,
): number {
  const values = [chatId, nickName, acr, amr.join(' '), ...variables.map(({ value }) => value)];
  return values.reduce((longest, { length }) => Math.min(most, Math.max(longest, length)), 0);
}

function placeHeaders(place: Place, prefix: string): Header[] {
  return [
    [`${prefix}Customer`, encodeHeaderValue(place.customerKey)],
    [`${prefix}Queue`, encodeHeaderValue(place.queueKey)],
    [`${prefix}Connection`, encodeHeaderValue(place.connectionName)],
  ];
}

/** One by one, so that a build that grows too large stops early. */
function* personHeaders(shown: ShownIdentity, prefix: string): Generator<Header> {
  const { chatId, nickName, variables, acr, amr, authTime, truncated } = shown;
  if (chatId !== undefined) yield [`${prefix}Id`, encodeHeaderValue(chatId)];
  if (nickName !== undefined) yield [`${prefix}Nickname`, encodeHeaderValue(nickName)];
  for (const { headerSuffix, value } of variables) yield [prefix + headerSuffix, encodeHeaderValue(value)];
  yield [
    `${prefix}Variables`,
    asciiJson(variables.map(({ name, description, value }) => ({ name, description, value }))),
  ];
  if (acr !== undefined) yield [`${prefix}Acr`, encodeHeaderValue(acr)];
  if (amr !== undefined) yield [`${prefix}Amr`, encodeHeaderValue(amr)];
  if (authTime !== undefined) yield [`${prefix}Auth-Time`, String(authTime)];
  if (truncated.length > 0) yield [`${prefix}Truncated`, encodeHeaderValue(truncated.join(','))];
}

function upTo(
  limitBytes: number,
  fixed: readonly Header[],
  others: Iterable<Header>,
): readonly Header[] | undefined {
  const headers = [...fixed];
  let bytes = headerBytes(headers);
  for (const header of others) {
    bytes += headerBytes([header]);
    if (bytes > limitBytes) return undefined;
    headers.push(header);
  }
  return bytes <= limitBytes ? headers : undefined;
}

function fewerVariables<T>(
  count: number,
  limitBytes: number,
  build: (extent: Extent) => T | undefined,
): T | undefined {
  const fewer = largest(0, count - 1, (kept) => build({ cap: USEFUL_LENGTH, kept }));
  if (fewer === undefined) return undefined;
  const kept = fewer.value;
  return largest(USEFUL_LENGTH, limitBytes, (cap) => build({ cap, kept }))?.result ?? fewer.result;
}

/** The largest whole number for which there is a result, where there is none for larger ones. */
function largest<T>(
  from: number,
  to: number,
  build: (value: number) => T | undefined,
): { readonly value: number; readonly result: T } | undefined {
  let best: { readonly value: number; readonly result: T } | undefined;
  for (let low = from, high = to; low <= high;) {
    const value = Math.floor((low + high) / 2);
    const result = build(value);
    if (result === undefined) {
      high = value - 1;
    } else {
      best = { value, result };
      low = value + 1;
    }
  }
  return best;
}
