import type { Identity } from '../claims/identity-types.ts';
import type { MappingEntry, MapType } from '../config/gateway-config.ts';

/** What one request tells the upstream of a person, after cutting: the headers say it, and the assertion signs it. */
export interface ShownIdentity {
  readonly chatId: string | undefined;
  readonly nickName: string | undefined;
  /** In the order of `authMapping`. */
  readonly variables: readonly ShownVariable[];
  readonly acr: string | undefined;
  /** Space-separated (RFC 8176); undefined when the provider named no method. */
  readonly amr: string | undefined;
  /** Seconds since 1970. */
  readonly authTime: number | undefined;
  /** Names of what was cut or left out; `*` stands for all. */
  readonly truncated: readonly string[];
}

/** One Variable, with the name of its header below the prefix. */
export interface ShownVariable {
  readonly name: string;
  readonly description: string | undefined;
  readonly value: string;
  readonly headerSuffix: string;
}

/** How much is shown. */
export interface Extent {
  /** UTF-16 units of each value. */
  readonly cap: number;
  /** How many of the variables, from the first. */
  readonly kept: number;
}

/** Nothing of the person but that there is more than fits. */
export const NOTHING_SHOWN: ShownIdentity = {
  chatId: undefined,
  nickName: undefined,
  variables: [],
  acr: undefined,
  amr: undefined,
  authTime: undefined,
  truncated: ['*'],
};

const GRAPHEMES = new Intl.Segmenter('und', { granularity: 'grapheme' });
/** Longer clusters (a letter under a heap of marks) are cut between code points. */
const LONGEST_GRAPHEME = 64;
/** A ChatId has to stay unique, so it is shortened only when it is longer than any usual `sub`. */
const CHAT_ID_FLOOR = 128;

/** The variables that the connection maps, in the order of the mapping, uncut. */
export function mappedVariables(
  { variables }: Identity,
  mapping: readonly MappingEntry[],
): readonly ShownVariable[] {
  const byName = new Map(variables.map((variable) => [variable.name, variable]));
  return mapping.flatMap(({ claim, mapType, headerSuffix }): ShownVariable[] => {
    const variable = mapType === 'Variable' ? byName.get(claim) : undefined;
    return variable === undefined ? [] : [{ ...variable, headerSuffix }];
  });
}

/**
 * Cuts every value to the extent, at a whole character. The ChatId keeps at least 128 UTF-16 units; `acr` and `amr`, of
 * which a part is another method, are left out instead.
 */
export function showIdentity(
  identity: Identity,
  variables: readonly ShownVariable[],
  mapping: readonly MappingEntry[],
  { cap, kept }: Extent,
): ShownIdentity {
  const truncated: string[] = [];
  const cut = (claim: string, text = '', length = cap): string | undefined => {
    const value = cutText(text, length);
    if (value !== text) truncated.push(claim);
    return value === '' ? undefined : value;
  };
  const chatId = cut(onlyClaim(mapping, 'ChatId'), identity.chatId, Math.max(cap, CHAT_ID_FLOOR));
  const nickName = cut(onlyClaim(mapping, 'NickName'), identity.nickName);
  const shown = variables.flatMap((variable, index): ShownVariable[] => {
    const value = cut(variable.name, variable.value, index < kept ? cap : 0);
    return value === undefined ? [] : [{ ...variable, value }];
  });
  // what is cut of these is another method, so they are whole or not there
  const whole = (claim: string, text = '') => cut(claim, text, text.length > cap ? 0 : text.length);
  const acr = whole('acr', identity.acr);
  const amr = whole('amr', identity.amr.join(' '));
  return { chatId, nickName, variables: shown, acr, amr, authTime: identity.authTime, truncated };
}

/** The Identity does not say which of several claims won, so then the map type stands for them. */
function onlyClaim(mapping: readonly MappingEntry[], mapType: MapType): string {
  const claims = mapping.filter((entry) => entry.mapType === mapType).map(({ claim }) => claim);
  return claims.length === 1 ? (claims[0] ?? mapType) : mapType;
}

/** At most `cap` UTF-16 units; without trailing blanks, which would turn a plain value into a longer, encoded one. */
function cutText(text: string, cap: number): string {
  if (text.length <= cap) return text;
  const start = GRAPHEMES.segment(text.slice(0, cap + 2)).containing(cap)?.index ?? cap;
  const inPair = /^[\uDC00-\uDFFF]/.test(text.charAt(cap)) && /[\uD800-\uDBFF]/.test(text.charAt(cap - 1));
  const codePoint = inPair ? cap - 1 : cap;
  return text.slice(0, cap - start > LONGEST_GRAPHEME ? codePoint : start).trimEnd();
}
