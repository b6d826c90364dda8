import type { ChatRule } from '../config/gateway-config.ts';
import { GatewayError } from '../errors.ts';
import type { QueueRequest } from './answers.ts';
import { readBodyFields } from './body-fields.ts';
import type { Address } from './canonical-path.ts';
import { chatIdReadings, readChatIdText } from './chat-id-text.ts';
import { readHeaderValues } from './header-values.ts';
import { hiddenQueries, lenientPaths } from './lenient-paths.ts';
import { createParameterReader } from './parameters.ts';
import { compileMatcher, matchesSomehow, type PathParams, type RuleMatcher } from './rules.ts';

/** The chat that a request names. */
export interface NamedChat {
  /** As it stands, decoded; undefined when only a forgiving server would find an id. */
  readonly chatId: string | undefined;
  /** Folds of all ids that some server could read: never which chat is meant, only whose it could be taken for. */
  readonly alike: readonly string[];
}

/** Reads `chatRules`. */
export interface ChatIds {
  /** True when a rule reads the body of such a request, which then has to be there in full before `read`. */
  needsBody(method: string, address: Address): boolean;
  /**
   * The chat that the request names; undefined when it names none. All rules that match are read.
   *
   * @throws GatewayError `queue_ambiguous` for two different ids; `request_malformed`.
   */
  read(request: QueueRequest): NamedChat | undefined;
  /** `chatIdFrom` of the rules by which such a request starts a chat; none when it starts none. */
  startsWith(method: string, address: Address): readonly string[];
}

type Places = Pick<ChatRule, 'query' | 'header' | 'body'>;

interface NamingRule extends RuleMatcher, Places {
  /** The query parameter to read: `query`, or `body`, since many servers take fields of a body from the query as well. */
  readonly parameter: string | undefined;
  readonly readQuery: (query: string) => readonly string[];
}

/** Folds that one request may give to look for. */
const MAX_ALIKE = 64;

/**
 * Compiles `chatRules`; paths are those of queue rules.
 *
 * @throws TypeError for a path that configuration should have refused.
 */
export function createChatIds(rules: readonly ChatRule[]): ChatIds {
  const naming = rules.filter((rule) => rule.chatIdFrom === undefined).map(compileNaming);
  const withBody = naming.filter((rule) => rule.body !== undefined);
  const starting = rules.flatMap((rule) =>
    rule.chatIdFrom === undefined ? [] : [{ ...compileMatcher(rule), chatIdFrom: rule.chatIdFrom }],
  );
  return {
    needsBody: (method, { decodedPath }) =>
      withBody.some((rule) => rule.appliesTo(method) && matchesSomehow(rule, decodedPath)),
    read: (request) => readNamed(naming, request),
    startsWith: (method, { decodedPath }) =>
      starting
        .filter((rule) => rule.appliesTo(method) && rule.matchPath(decodedPath) !== undefined)
        .map(({ chatIdFrom }) => chatIdFrom),
  };
}

function compileNaming(rule: ChatRule): NamingRule {
  const { query, header, body } = rule;
  const parameter = query ?? body;
  const readQuery = createParameterReader(parameter === undefined ? [] : [parameter]);
  return {
    ...compileMatcher(rule),
    query,
    header,
    body,
    parameter,
    readQuery: (text) => (parameter === undefined ? [] : (readQuery(text).get(parameter) ?? [])),
  };
}

function readNamed(rules: readonly NamingRule[], request: QueueRequest): NamedChat | undefined {
  const { decodedPath } = request.address;
  const ids = new Set<string>();
  const loose = new Set<string>();
  const paths = lenientPaths(decodedPath);
  const hidden = hiddenQueries(decodedPath);
  for (const rule of rules) {
    if (!rule.appliesTo(request.method)) continue;
    const params = rule.matchPath(decodedPath);
    if (params !== undefined) addIds(ids, valuesOf(rule, params, request));
    for (const path of paths) {
      const lenient = rule.matchLeniently(path);
      if (lenient !== undefined) addIds(loose, valuesOf(rule, lenient, request));
    }
    for (const query of hidden) addIds(loose, rule.readQuery(query));
  }
  if (ids.size > 1) throw severalChats();
  const alike = new Set([...ids, ...loose].flatMap(chatIdReadings));
  if (alike.size > MAX_ALIKE) throw severalChats();
  if (ids.size === 0 && alike.size === 0) return undefined;
  return { chatId: ids.values().next().value, alike: [...alike] };
}

function addIds(ids: Set<string>, texts: readonly string[]): void {
  for (const text of texts) {
    const id = readChatIdText(text, 'chat id');
    if (id !== undefined) ids.add(id);
  }
}

function valuesOf(rule: NamingRule, params: PathParams, request: QueueRequest): readonly string[] {
  const values = params.chatId === undefined ? [] : [params.chatId];
  values.push(...rule.readQuery(request.address.query));
  if (rule.header !== undefined) values.push(...readHeaderValues(request.rawHeaders, rule.header));
  if (rule.body !== undefined) {
    if (request.body === undefined) {
      throw new TypeError('This request has to be read with its body: ask needsBody() and read it first.');
    }
    const { bytes, contentType, contentEncoding } = request.body;
    values.push(...(readBodyFields(bytes, contentType, contentEncoding, [rule.body]).get(rule.body) ?? []));
  }
  return values;
}

function severalChats(): GatewayError {
  return new GatewayError('queue_ambiguous', 'The request names more than one chat.');
}
