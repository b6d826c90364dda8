import { foldQueueKey } from '../config/fold-queue-key.ts';
import { GatewayError } from '../errors.ts';
import { readBodyFields, type RequestBody } from './body-fields.ts';
import type { Address } from './canonical-path.ts';
import { readHeaderValues } from './header-values.ts';
import { readKeyText } from './key-text.ts';
import type { CompiledRule, PathParams } from './rules.ts';

/** The parts of a request that may name a queue. */
export interface QueueRequest {
  readonly method: string;
  readonly address: Address;
  /** Node's list of name, value, name, value. */
  readonly rawHeaders: readonly string[];
  /** Required where `needsBody` says so, with no bytes when there was no body. */
  readonly body?: RequestBody | undefined;
}

/** What the matching rules found: keys as spelt, by their fold. */
export interface Answers {
  readonly queueKeys: Map<string, string>;
  readonly customerKeys: Map<string, string>;
}

/** Nothing found yet. */
export function emptyAnswers(): Answers {
  return { queueKeys: new Map(), customerKeys: new Map() };
}

/**
 * Adds what a matching rule reads in a request. `params` come from the rule's path.
 *
 * @throws GatewayError `request_malformed`; TypeError when the rule reads a body that was not given.
 */
export function collectAnswers(
  rule: CompiledRule,
  params: PathParams,
  request: QueueRequest,
  answers: Answers,
): void {
  add(answers.queueKeys, params.queueKey, 'queue key in the path');
  add(answers.queueKeys, rule.queueKey, 'queue key of the rule');
  add(answers.customerKeys, params.customerKey, 'customer key in the path');
  if (rule.parameter !== undefined && request.address.query !== '') {
    const parameters = rule.readQuery(request.address.query);
    addAll(answers.queueKeys, parameters.get(rule.parameter), `query parameter "${rule.parameter}"`);
    addAll(answers.customerKeys, parameters.get('customerKey'), 'query parameter "customerKey"');
  }
  if (rule.header !== undefined) {
    addAll(answers.queueKeys, readHeaderValues(request.rawHeaders, rule.header), `header "${rule.header}"`);
  }
  if (rule.body !== undefined) {
    const fields = readFields(request.body, rule.body);
    addAll(answers.queueKeys, fields.get(rule.body), `body member "${rule.body}"`);
    addAll(answers.customerKeys, fields.get('customerKey'), 'body member "customerKey"');
  }
}

function readFields(body: RequestBody | undefined, name: string): ReturnType<typeof readBodyFields> {
  if (body === undefined) {
    throw new TypeError('This request has to be resolved with its body: ask needsBody() and read it first.');
  }
  return readBodyFields(body.bytes, body.contentType, body.contentEncoding, [name, 'customerKey']);
}

function add(keys: Map<string, string>, text: string | undefined, place: string): void {
  const key = text === undefined ? undefined : readKeyText(text, place);
  if (key !== undefined) keys.set(foldQueueKey(key), key);
}

function addAll(keys: Map<string, string>, texts: readonly string[] | undefined, place: string): void {
  for (const text of texts ?? []) add(keys, text, place);
}

/**
 * The one key of the map, undefined when it is empty.
 *
 * @throws GatewayError `queue_ambiguous` when there are several.
 */
export function onlyAnswer(
  keys: ReadonlyMap<string, string>,
  what: 'queue' | 'customer',
): string | undefined {
  if (keys.size > 1) {
    throw new GatewayError('queue_ambiguous', `The request names more than one ${what}.`);
  }
  return keys.values().next().value;
}
