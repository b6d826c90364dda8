import { METHODS } from 'node:http';
import { parse, pathToRegexp, type Token } from 'path-to-regexp';
import { DEFAULTS } from './defaults.ts';
import { didYouMean } from './did-you-mean.ts';
import { foldQueueKey } from './fold-queue-key.ts';
import type { Customer, QueueRule } from './gateway-config.ts';
import type { GatewayOptions } from './options.ts';
import type { Path, Report } from './problems.ts';
import type { QueueRuleOptions } from './queue-rule-options.ts';
import type { Sifted } from './shape.ts';

const SOURCES = ['query', 'header', 'body', 'queueKey'] as const;

/** What the rules are checked against. */
export interface RuleSurroundings {
  readonly headerPrefix: string;
  readonly customers: readonly Customer[];
}

/** `queueRules`, or the default ones; each has exactly one source and a path that compiles. */
export function readQueueRules(
  written: Sifted<GatewayOptions>['queueRules'],
  surroundings: RuleSurroundings,
  report: Report,
): QueueRule[] {
  const rules: readonly (Sifted<QueueRuleOptions> | undefined)[] = written ?? DEFAULTS.queueRules;
  return rules.map((rule, index) => {
    const path = ['queueRules', index];
    const pathNamesQueue = checkPath(rule?.path, 'queueKey', [...path, 'path'], report);
    if (rule !== undefined) checkSources(rule, pathNamesQueue, path, report);
    checkHeader(rule?.header, surroundings.headerPrefix, [...path, 'header'], report);
    warnOfUnknownQueue(rule?.queueKey, surroundings.customers, path, report);
    return { ...readPlace(rule, path, report), queueKey: rule?.queueKey };
  });
}

/** Which requests a rule is for, and where in them it reads: what queue rules and chat rules have in common. */
export function readPlace(
  rule: Sifted<Omit<QueueRuleOptions, 'queueKey'>> | undefined,
  path: Path,
  report: Report,
): Omit<QueueRule, 'queueKey'> {
  return {
    method: readMethod(rule?.method, [...path, 'method'], report),
    path: rule?.path,
    query: rule?.query,
    header: rule?.header?.toLowerCase(),
    body: rule?.body,
  };
}

/** A rule's method in upper case; one that HTTP does not have is a problem. */
function readMethod(written: string | undefined, path: Path, report: Report): string | undefined {
  const method = written?.trim().toUpperCase();
  if (method !== undefined && !METHODS.includes(method)) {
    report.problem(path, 'an HTTP method', didYouMean(method, METHODS));
  }
  return method;
}

/** True when a rule's path holds the parameter `name`; undefined when it cannot be read, which is a problem. */
export function checkPath(
  written: string | undefined,
  name: 'queueKey' | 'chatId',
  path: Path,
  report: Report,
): boolean | undefined {
  if (written === undefined) return false;
  if (!/^[/{]/.test(written)) {
    report.problem(path, 'a path that starts with "/"');
    return undefined;
  }
  try {
    pathToRegexp(written);
    const names = parameters(parse(written).tokens);
    if (names.includes(`*${name}`)) report.problem(path, `:${name}, one segment, not *${name}`);
    return names.includes(`:${name}`);
  } catch {
    report.problem(
      path,
      'a path in Express 5 syntax',
      'optional parts stand in {}, wildcards have names: /*rest',
    );
    return undefined;
  }
}

function parameters(tokens: readonly Token[]): string[] {
  return tokens.flatMap((token) => {
    if (token.type === 'group') return parameters(token.tokens);
    if (token.type === 'text') return [];
    return [`${token.type === 'param' ? ':' : '*'}${token.name}`];
  });
}

function checkSources(
  rule: Sifted<QueueRuleOptions>,
  pathNamesQueue: boolean | undefined,
  path: Path,
  report: Report,
): void {
  const present: string[] = SOURCES.filter((source) => Object.hasOwn(rule, source));
  if (pathNamesQueue === true) present.push(':queueKey');
  if (present.length > 1 || (present.length === 0 && pathNamesQueue !== undefined)) {
    const found = present.length === 0 ? 'it has none' : `it has ${present.join(' and ')}`;
    report.problem(path, 'exactly one of query, header, body, queueKey, or :queueKey in the path', found);
  }
}

/** A header that a rule reads is one that reaches the gateway's rules: a name, and outside the prefix. */
export function checkHeader(
  written: string | undefined,
  headerPrefix: string,
  path: Path,
  report: Report,
): void {
  if (written === undefined) return;
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(written)) report.problem(path, 'a header name');
  else if (foldHeader(written).startsWith(foldHeader(headerPrefix))) {
    report.problem(path, 'a header outside headerPrefix, whose headers are stripped from every request');
  }
}

function foldHeader(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '-');
}

function warnOfUnknownQueue(
  queueKey: string | undefined,
  customers: readonly Customer[],
  path: Path,
  report: Report,
): void {
  const known = customers.flatMap((customer) => customer.queues.map((queue) => foldQueueKey(queue.queueKey)));
  if (queueKey === undefined || known.includes(foldQueueKey(queueKey))) return;
  report.warn(`queueRules[${String(path.at(-1))}].queueKey is in no queues list: it follows unknownQueues`);
}
