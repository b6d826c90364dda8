import type { Identity, Variable } from '../claims/identity-types.ts';
import type { MappingEntry, MapType } from '../config/gateway-config.ts';
import { asciiJson, encodeHeaderValue } from './encode-value.ts';

/** Keeps clients from writing identity headers themselves. */
export interface HeaderWall {
  /** True when an upstream could read the name as one of ours. */
  folds(name: string): boolean;
  /** A copy of `rawHeaders` (name, value, name, value ...) without the headers whose names fold to the prefix. */
  strip(rawHeaders: readonly string[]): string[];
}

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
}

type Header = readonly [name: string, value: string];

/** A value that may be cut. */
interface Part {
  /** What `Truncated` calls it. */
  readonly claim: string;
  readonly suffix: string;
  readonly text: string;
  /** UTF-16 units that stay whatever the common cap is. */
  readonly floor: number;
  readonly variable: Variable | undefined;
}

/** How much is sent: UTF-16 units of each value, and how many of the variables. */
interface Extent {
  readonly cap: number;
  readonly kept: number;
}

const DASH = 45;
const FOLDED_ASCII = Uint8Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code).toLowerCase();
  return /[a-z0-9]/.test(char) ? char.charCodeAt(0) : DASH;
});

const GRAPHEMES = new Intl.Segmenter('und', { granularity: 'grapheme' });
/** Longer clusters (a letter under a heap of marks) are cut between code points. */
const LONGEST_GRAPHEME = 64;
/** A ChatId has to stay unique, so it is shortened only when it is longer than any usual `sub`. */
const CHAT_ID_FLOOR = 128;
/** When so many variables are mapped that some have to go, the others keep at least this much. */
const USEFUL_LENGTH = 32;

/**
 * The wall for one prefix. A name folds to the prefix when it starts with it after folding: lower case, and every
 * character outside `A-Z a-z 0-9` made `-`, one for one as CGI, WSGI and Rack map them. So `X_Secure.Chat-Id` is caught;
 * `X-Secure-Chat` (shorter) and `X--Secure-Chat-Id` (no reader makes two characters one) are other names and pass.
 *
 * @throws TypeError for an empty prefix, which would catch every header.
 */
export function createHeaderWall(prefix: string): HeaderWall {
  if (prefix === '') throw new TypeError('The prefix of identity headers must not be empty.');
  const wanted = Uint8Array.from({ length: prefix.length }, (_, index) => foldedAt(prefix, index));

  function folds(name: string): boolean {
    if (name.length < wanted.length) return false;
    for (let index = 0; index < wanted.length; index += 1) {
      if (foldedAt(name, index) !== wanted[index]) return false;
    }
    return true;
  }

  function strip(rawHeaders: readonly string[]): string[] {
    const passed: string[] = [];
    for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
      const name = rawHeaders[index] ?? '';
      if (!folds(name)) passed.push(name, rawHeaders[index + 1] ?? '');
    }
    return passed;
  }

  return { folds, strip };
}

/**
 * The headers that tell the upstream who is there, in a fixed order; all but the signed assertion. Values are encoded by
 * `encodeHeaderValue`, an absent value leaves its header out, `Variables` is always there (`[]` when nothing is mapped).
 *
 * Together they fit in `limitBytes`. Where they would not, values are cut to the largest common length that fits, at a
 * whole character and without the blanks before it, the same in every header, and `Truncated` names the claims cut. The
 * ChatId is cut beyond 128 characters only. When not even single characters fit, because very many variables are mapped,
 * the last ones are left out whole and named too; when that is not enough `Truncated: *` stands alone with Customer,
 * Queue and Connection; and a limit below even that gives no headers at all. Never throws.
 */
export function identityHeaders(
  identity: Identity,
  place: Place,
  settings: IdentityHeaderSettings,
): readonly Header[] {
  const { prefix, limitBytes, mapping } = settings;
  const variables = variableParts(identity, mapping);
  const named = namedParts(identity, mapping);
  const fixed = placeHeaders(place, prefix);
  const count = variables.length;
  const build = (cap: number, kept: number) =>
    within(limitBytes, fixed, personHeaders({ ...named, variables }, identity, prefix, { cap, kept }));

  return (
    build(Infinity, count) ??
    largest(1, limitBytes, (cap) => build(cap, count))?.result ??
    fewerVariables(count, limitBytes, build) ??
    within(limitBytes, fixed, [[`${prefix}Truncated`, '*']]) ??
    []
  );
}

/** Bytes that ASCII headers take on the wire, each with `: ` and CRLF (RFC 9112 section 5). */
export function headerBytes(headers: readonly Header[]): number {
  return headers.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
}

function foldedAt(name: string, index: number): number {
  return FOLDED_ASCII[name.charCodeAt(index)] ?? DASH;
}

function placeHeaders(place: Place, prefix: string): Header[] {
  return [
    [`${prefix}Customer`, encodeHeaderValue(place.customerKey)],
    [`${prefix}Queue`, encodeHeaderValue(place.queueKey)],
    [`${prefix}Connection`, encodeHeaderValue(place.connectionName)],
  ];
}

function namedParts(
  { chatId = '', nickName = '', acr = '', amr }: Identity,
  mapping: readonly MappingEntry[],
) {
  const part = (claim: string, suffix: string, text: string, floor = 0): Part => {
    return { claim, suffix, text, floor, variable: undefined };
  };
  return {
    names: [
      part(onlyClaim(mapping, 'ChatId'), 'Id', chatId, CHAT_ID_FLOOR),
      part(onlyClaim(mapping, 'NickName'), 'Nickname', nickName),
    ],
    methods: [part('acr', 'Acr', acr), part('amr', 'Amr', amr.join(' '))],
  };
}

function variableParts(identity: Identity, mapping: readonly MappingEntry[]): Part[] {
  const byName = new Map(identity.variables.map((variable) => [variable.name, variable]));
  return mapping.flatMap(({ claim, mapType, headerSuffix }): Part[] => {
    const variable = mapType === 'Variable' ? byName.get(claim) : undefined;
    if (variable === undefined) return [];
    return [{ claim, suffix: headerSuffix, text: variable.value, floor: 0, variable }];
  });
}

/** The Identity does not say which of several claims won, so then the map type stands for them. */
function onlyClaim(mapping: readonly MappingEntry[], mapType: MapType): string {
  const claims = mapping.filter((entry) => entry.mapType === mapType).map(({ claim }) => claim);
  return claims.length === 1 ? (claims[0] ?? mapType) : mapType;
}

/** One by one, so that a build that grows too large stops early. */
function* personHeaders(
  parts: Readonly<Record<'names' | 'variables' | 'methods', readonly Part[]>>,
  { authTime }: Identity,
  prefix: string,
  { cap, kept }: Extent,
): Generator<Header> {
  const truncated: string[] = [];
  const shown: Variable[] = [];

  function* send(part: Part, isKept: boolean): Generator<Header> {
    const value = isKept ? cutText(part.text, Math.max(cap, part.floor)) : '';
    if (value !== part.text) truncated.push(part.claim);
    if (value === '') return;
    if (part.variable !== undefined) shown.push({ ...part.variable, value });
    yield [prefix + part.suffix, encodeHeaderValue(value)];
  }

  for (const part of parts.names) yield* send(part, true);
  for (const [index, part] of parts.variables.entries()) yield* send(part, index < kept);
  yield [
    `${prefix}Variables`,
    asciiJson(shown.map(({ name, description, value }) => ({ name, description, value }))),
  ];
  for (const part of parts.methods) yield* send(part, true);
  if (authTime !== undefined) yield [`${prefix}Auth-Time`, String(authTime)];
  if (truncated.length > 0) yield [`${prefix}Truncated`, encodeHeaderValue(truncated.join(','))];
}

function within(
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

function fewerVariables(
  count: number,
  limitBytes: number,
  build: (cap: number, kept: number) => readonly Header[] | undefined,
): readonly Header[] | undefined {
  const kept = largest(0, count - 1, (variables) => build(USEFUL_LENGTH, variables));
  if (kept === undefined) return undefined;
  return largest(USEFUL_LENGTH, limitBytes, (cap) => build(cap, kept.value))?.result ?? kept.result;
}

/** At most `cap` UTF-16 units; without trailing blanks, which would turn a plain value into a longer, encoded one. */
function cutText(text: string, cap: number): string {
  if (text.length <= cap) return text;
  const start = GRAPHEMES.segment(text.slice(0, cap + 2)).containing(cap)?.index ?? cap;
  const inPair = /^[\uDC00-\uDFFF]/.test(text.charAt(cap)) && /[\uD800-\uDBFF]/.test(text.charAt(cap - 1));
  const codePoint = inPair ? cap - 1 : cap;
  return text.slice(0, cap - start > LONGEST_GRAPHEME ? codePoint : start).trimEnd();
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
