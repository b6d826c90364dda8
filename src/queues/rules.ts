import { match, parse, type MatchFunction, type Token } from 'path-to-regexp';
import type { QueueRule } from '../config/gateway-config.ts';
import { foldLeniently } from './fold-leniently.ts';
import { lenientPaths } from './lenient-paths.ts';
import { createParameterReader, type Parameters } from './parameters.ts';

/** What a rule's path holds under `:queueKey`, `:customerKey` and `:chatId`. */
export interface PathParams {
  readonly queueKey?: string | undefined;
  readonly chatId?: string | undefined;
  readonly customerKey?: string | undefined;
}

/** Which requests a rule is for. */
export interface RuleMatcher {
  /** Names of the parameters in the rule's path. */
  readonly params: readonly string[];
  /** A rule without a method applies to all; a rule for GET applies to HEAD. */
  appliesTo(method: string): boolean;
  /** `path` is an address' `decodedPath`. Undefined when the rule is not for this path. */
  matchPath(path: string): PathParams | undefined;
  /** The same for a path that went through `lenientPaths`. */
  matchLeniently(path: string): PathParams | undefined;
}

/** One line of `queueRules`, ready to be asked. */
export interface CompiledRule extends RuleMatcher {
  /** True when the rule's path names the queue. */
  readonly inPath: boolean;
  readonly header: string | undefined;
  readonly body: string | undefined;
  /** The fixed key. */
  readonly queueKey: string | undefined;
  /** The query parameter to read: `query`, or `body`, since many servers take fields of a body from the query as well. */
  readonly parameter: string | undefined;
  /** Reads `parameter` and `customerKey`. */
  readonly readQuery: (query: string) => Parameters;
}

const ANY_PATH: PathParams = {};

/**
 * Compiles `queueRules`. Paths are in Express 5 syntax (path-to-regexp 8): case-insensitive, with or without a trailing
 * slash, matched on whole decoded segments.
 *
 * @throws TypeError for a rule that names no queue, or whose path does not parse.
 */
export function compileRules(rules: readonly QueueRule[]): readonly CompiledRule[] {
  return rules.map(compileRule);
}

function compileRule(rule: QueueRule, index: number): CompiledRule {
  const matcher = compileMatcher(rule);
  const inPath = matcher.params.includes('queueKey');
  if (
    !inPath &&
    [rule.query, rule.header, rule.body, rule.queueKey].every((source) => source === undefined)
  ) {
    throw new TypeError(
      `queueRules[${index}] names no queue: give it query, header, body or queueKey, or a path with :queueKey.`,
    );
  }
  const parameter = rule.query ?? rule.body;
  return {
    ...matcher,
    inPath,
    parameter,
    header: rule.header,
    body: rule.body,
    queueKey: rule.queueKey,
    readQuery: createParameterReader(parameter === undefined ? [] : [parameter, 'customerKey']),
  };
}

/**
 * Compiles method and path of a rule, as `compileRules` does.
 *
 * @throws TypeError for a path that does not parse.
 */
export function compileMatcher(rule: Pick<QueueRule, 'method' | 'path'>): RuleMatcher {
  const method = rule.method?.toUpperCase();
  const exact = compilePath(rule.path, normalizeLiteral);
  const lenient = compilePath(rule.path, (text) =>
    foldLeniently(normalizeLiteral(text)).replaceAll('+', ' '),
  );
  return {
    params: rule.path === undefined ? [] : paramNames(parse(rule.path).tokens),
    appliesTo: (asked) => method === undefined || method === asked || (method === 'GET' && asked === 'HEAD'),
    matchPath: (path) => exact(path.normalize('NFC')),
    matchLeniently: lenient,
  };
}

/** True when the rule is for this path, or a forgiving server could take it for one of the rule's. */
export function matchesSomehow(rule: RuleMatcher, decodedPath: string): boolean {
  if (rule.matchPath(decodedPath) !== undefined) return true;
  return lenientPaths(decodedPath).some((path) => rule.matchLeniently(path) !== undefined);
}

function compilePath(
  path: string | undefined,
  encodePath: (text: string) => string,
): (path: string) => PathParams | undefined {
  if (path === undefined) return () => ANY_PATH;
  const matcher: MatchFunction<PathParams & Partial<Record<string, string>>> = match(path, {
    decode: false,
    encodePath,
  });
  return (asked) => {
    const result = matcher(asked);
    return result === false ? undefined : result.params;
  };
}

/** Express matches escapes as written in the rule; requests come decoded, so the rule's text is decoded too. */
function normalizeLiteral(text: string): string {
  try {
    return decodeURIComponent(text).normalize('NFC');
  } catch {
    return text.normalize('NFC');
  }
}

function paramNames(tokens: readonly Token[]): string[] {
  return tokens.flatMap((token) => {
    if (token.type === 'group') return paramNames(token.tokens);
    return token.type === 'param' ? [token.name] : [];
  });
}
