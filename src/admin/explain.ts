import { assertionRoom } from '../assertion/assertion.ts';
import { isMasked, isPseudonymized, rawValue, toIdentity } from '../claims/identity.ts';
import type { Claims, Identity } from '../claims/identity-types.ts';
import { readClaim } from '../claims/names.ts';
import { claimText } from '../claims/values.ts';
import type { Connection, GatewayConfig, MappingEntry, MapType } from '../config/gateway-config.ts';
import { isGatewayError } from '../errors.ts';
import { encodeHeaderValue } from '../proxy/encode-value.ts';
import { identityHeaders, type Header, type Place } from '../proxy/identity-headers.ts';

/**
 * Why a value is as it is. `masked`: the claim is masked whatever it holds; `holds_masked`: it holds a value that is masked
 * elsewhere (the national id); `pseudonym`: a keyed pseudonym stands for it; `cut`: it did not fit; `encoded`:
 * percent-encoded; `absent`: the claims do not have it, or empty; `other_first`: another claim of this map type comes first;
 * `left_out`: there was no room for it.
 */
export type ExplainedWhy =
  'masked' | 'holds_masked' | 'pseudonym' | 'cut' | 'encoded' | 'absent' | 'other_first' | 'left_out';

/** One header, or one line of the mapping that gives none. */
export interface ExplainedRow {
  /** Name of the header. */
  readonly header: string;
  /** As it is sent; undefined when it is not, and for the assertion, which is another one each time. */
  readonly value: string | undefined;
  /** The claim of the mapping, or `acr` and the like; undefined for what the configuration says. */
  readonly claim: string | undefined;
  readonly mapType: MapType | undefined;
  readonly description: string | undefined;
  readonly why: readonly ExplainedWhy[];
}

/** Which header goes where for a sample of claims. */
export interface Explanation {
  /** Such a login gives an identity; false without a `sub`. */
  readonly accepted: boolean;
  /** In the order of the headers; what is not sent stands where it would. */
  readonly rows: readonly ExplainedRow[];
  /** Names of claims of the sample that nothing is mapped from, as far as they are top-level. */
  readonly unmapped: readonly string[];
}

/** What is explained. */
export interface ExplainSettings {
  readonly connection: Connection;
  /** Key of the queue that the request is for. */
  readonly queueKey: string;
  readonly config: Pick<GatewayConfig, 'headerPrefix' | 'headerLimitBytes' | 'publicUrl'>;
  /** See `createPseudonymizer`. With another key than the gateway's nobody finds out whose a pseudonym is. */
  readonly pseudonym: (text: string) => string;
}

/**
 * Which header a chat server would get for these claims, and why each value is as it is: by the very code that does it. Pure;
 * nothing of the sample that would be masked is in the result.
 *
 * @param claims ID token and userinfo, merged, as a provider sends them.
 */
export function explain(settings: ExplainSettings, claims: Claims): Explanation {
  const { connection } = settings;
  const unmapped = unmappedOf(connection, claims);
  const identity = identityOf(settings, claims);
  if (identity === undefined) return { accepted: false, rows: [], unmapped };
  const sent = new Map(headersOf(settings, identity));
  const at = (suffix: string) => settings.config.headerPrefix + suffix;
  const place = ['Customer', 'Queue', 'Connection'].map((suffix) => plainRow(at(suffix), sent));
  const rows = [
    ...place,
    ...firstRows(settings, claims, 'ChatId', [at('Id'), identity.chatId], sent),
    ...firstRows(settings, claims, 'NickName', [at('Nickname'), identity.nickName], sent),
    ...connection.mapping
      .filter(({ mapType }) => mapType === 'Variable')
      .map((entry) => {
        const text = identity.variables.find(({ name }) => name === entry.claim)?.value;
        return mappedRow(settings, claims, entry, [at(entry.headerSuffix), text], sent);
      }),
    plainRow(at('Variables'), sent),
    factRow(settings, claims, 'acr', [at('Acr'), identity.acr], sent),
    factRow(settings, claims, 'amr', [at('Amr'), identity.amr.join(' ') || undefined], sent),
    factRow(settings, claims, 'auth_time', [at('Auth-Time'), identity.authTime?.toString()], sent),
    ...(sent.has(at('Truncated')) ? [plainRow(at('Truncated'), sent)] : []),
    plainRow(at('Assertion'), sent),
  ];
  return { accepted: true, rows, unmapped };
}

function identityOf({ connection, pseudonym }: ExplainSettings, claims: Claims): Identity | undefined {
  try {
    return toIdentity(claims, connection, pseudonym);
  } catch (error) {
    if (isGatewayError(error)) return undefined;
    throw error;
  }
}

function headersOf({ connection, queueKey, config }: ExplainSettings, identity: Identity): readonly Header[] {
  const { customerKey, name: connectionName, mapping } = connection;
  const place: Place = { customerKey, queueKey, connectionName };
  const subject = { place, authUserId: identity.authUserId, expiresAt: 0, sessionId: '' };
  const { headerPrefix: prefix, headerLimitBytes: limitBytes, publicUrl } = config;
  const assertionLength = (shown: Parameters<typeof assertionRoom>[2]) =>
    assertionRoom(publicUrl, subject, shown);
  return identityHeaders(identity, place, { prefix, limitBytes, mapping, assertionLength }).headers;
}

type Sent = ReadonlyMap<string, string>;
/** Name of a header, and the text that it would have whole. */
type Whole = readonly [header: string, text: string | undefined];

function plainRow(header: string, sent: Sent): ExplainedRow {
  return {
    header,
    value: sent.get(header),
    claim: undefined,
    mapType: undefined,
    description: undefined,
    why: [],
  };
}

/** Of several claims mapped as one thing the first one present wins: the row of each says which. */
function firstRows(
  settings: ExplainSettings,
  claims: Claims,
  mapType: MapType,
  whole: Whole,
  sent: Sent,
): ExplainedRow[] {
  const { connection, pseudonym } = settings;
  const entries = connection.mapping.filter((entry) => entry.mapType === mapType);
  // each by itself, so that the code that maps says whether it is present
  const winner = entries.find((entry) => {
    const alone = toIdentity(claims, { ...connection, mapping: [entry] }, pseudonym);
    return (mapType === 'ChatId' ? alone.chatId : alone.nickName) !== undefined;
  });
  return entries.map((entry) => {
    if (entry === winner) return mappedRow(settings, claims, entry, whole, sent);
    const isThere = textOf(settings, claims, entry.claim) !== undefined;
    return { ...rowOf(entry, whole[0], undefined), why: [isThere && winner ? 'other_first' : 'absent'] };
  });
}

function mappedRow(
  settings: ExplainSettings,
  claims: Claims,
  entry: MappingEntry,
  whole: Whole,
  sent: Sent,
): ExplainedRow {
  const [header, text] = whole;
  const value = text === undefined ? undefined : sent.get(header);
  return { ...rowOf(entry, header, value), why: whyOf(settings, claims, entry, text, value) };
}

function factRow(
  settings: ExplainSettings,
  claims: Claims,
  claim: string,
  [header, text]: Whole,
  sent: Sent,
): ExplainedRow {
  const value = sent.get(header);
  const why: ExplainedWhy[] =
    text === undefined ? ['absent'] : value === undefined ? ['left_out'] : fitWhy(text, value);
  const hidden = text === undefined ? [] : hiddenWhy(settings, claims, claim, text);
  return { ...plainRow(header, sent), claim, why: claim === 'acr' ? [...hidden, ...why] : why };
}

function rowOf(entry: MappingEntry, header: string, value: string | undefined): Omit<ExplainedRow, 'why'> {
  const { claim, mapType, description } = entry;
  return { header, value, claim, mapType, description };
}

function whyOf(
  settings: ExplainSettings,
  claims: Claims,
  { claim, mapType }: MappingEntry,
  text: string | undefined,
  value: string | undefined,
): ExplainedWhy[] {
  if (text === undefined) return ['absent'];
  const hidden = hiddenWhy(settings, claims, claim, text);
  // a ChatId is never masked: whoever it would be shared with is told apart by a pseudonym
  const why: ExplainedWhy[] = mapType === 'ChatId' && hidden.length > 0 ? ['pseudonym'] : hidden;
  return [...why, ...(value === undefined ? (['left_out'] as const) : fitWhy(text, value))];
}

function hiddenWhy(settings: ExplainSettings, claims: Claims, claim: string, text: string): ExplainedWhy[] {
  const { connection } = settings;
  if (isPseudonymized(connection, claim)) return ['pseudonym'];
  if (isMasked(connection, claim)) return ['masked'];
  return textOf(settings, claims, claim) === text ? [] : ['holds_masked'];
}

function fitWhy(text: string, value: string): ExplainedWhy[] {
  const read = decodeURIComponent(value);
  return [
    ...(read === text.toWellFormed() ? [] : (['cut'] as const)),
    ...(encodeHeaderValue(read) === read ? [] : (['encoded'] as const)),
  ];
}

function textOf({ connection }: ExplainSettings, claims: Claims, claim: string): string | undefined {
  return claimText(claim, rawValue(claims, connection, claim));
}

/** What a login always has, and what the gateway reads without a mapping. */
const READ_ALWAYS: ReadonlySet<string> = new Set([
  ...['sub', 'iss', 'aud', 'exp', 'iat', 'nbf', 'nonce', 'azp', 'at_hash', 'c_hash', 's_hash', 'sid', 'jti'],
  ...['acr', 'amr', 'auth_time'],
]);

/** Names that are words: a key may be anything, also what nobody is to see. */
const WORD = /^(?!.*\d{4})[\w.:/-]{1,100}$/;

function unmappedOf({ mapping }: Connection, claims: Claims): string[] {
  const isRead = (name: string) =>
    READ_ALWAYS.has(name) ||
    mapping.some(
      ({ claim }) => claim.startsWith(`${name}.`) || readClaim({ [name]: claims[name] }, claim) !== undefined,
    );
  return Object.keys(claims).filter((name) => WORD.test(name) && !isRead(name));
}
