import { foldQueueKey } from '../config/fold-queue-key.ts';
import type { Queue } from '../config/gateway-config.ts';
import { GatewayError, isGatewayError } from '../errors.ts';
import { onlyAnswer, type QueueRequest } from '../queues/answers.ts';
import { readBodyFields, type RequestBody } from '../queues/body-fields.ts';
import { nameReadings } from '../queues/fold-name.ts';
import { readKeyText } from '../queues/key-text.ts';
import { hiddenQueries } from '../queues/lenient-paths.ts';
import { createParameterReader } from '../queues/parameters.ts';
import type { QueueResolver } from '../queues/resolve.ts';
import { membersAt, wholeOf } from './json-text.ts';
import { exactPuzzelCall, puzzelCall } from './puzzel-v1.ts';
import { kindAt, saysJson } from './puzzel-v1-text.ts';

const ALTERNATIVE = 'altQueueKey';
const MAPPING = 'timeIdQueueKeyMapping';
const CUSTOMER = 'customerKey';
const INTEGER = /^\d+$/;
const readParameters = createParameterReader([ALTERNATIVE, MAPPING, CUSTOMER]);

/** The queues that a request names beside its `queueKey`. */
interface OtherKeys {
  readonly keys: string[];
  /** Texts that may hold a key among other words. */
  readonly loose: string[];
  readonly customerKeys: string[];
}

/**
 * The resolver of a preset, whose requests may name several queues: `queueKey`, `altQueueKey` and the values of
 * `timeIdQueueKeyMapping`. Such a request is for the first secure one of them, `queueKey` before the others.
 *
 * @throws from `resolve`, beside the errors of `base`: GatewayError `queue_ambiguous` for two secure queues of different
 * connections, `request_malformed` for keys that are no text.
 */
export function createPuzzelResolver(base: QueueResolver): QueueResolver {
  return {
    ...base,
    resolve(request) {
      const named = base.resolve(request);
      const { method, address } = request;
      const call = puzzelCall(method, address);
      if (call !== 'start' && call !== 'survey') return named;
      const others = queuesOf(base, otherKeys(request));
      const hidden = hiddenQueries(address.decodedPath).flatMap((query) => queuesOf(base, inQuery(query)));
      const exact = exactPuzzelCall(method, address) !== undefined;
      const misread = (exact ? hidden : [...hidden, ...others]).filter(isSecure);
      if (misread.some((queue) => queue !== named))
        throw new GatewayError(
          'path_ambiguous',
          'Some chat servers read this path as that of a secure queue.',
        );
      return exact ? firstSecure(named, others) : named;
    },
  };
}

function firstSecure(named: Queue | undefined, others: readonly Queue[]): Queue | undefined {
  const secure = [named, ...others].filter((queue) => queue !== undefined).filter(isSecure);
  if (new Set(secure.map(({ connection }) => connection?.id)).size > 1) {
    throw new GatewayError('queue_ambiguous', 'The request names secure queues of different connections.');
  }
  return secure[0] ?? named;
}

function isSecure(queue: Queue): boolean {
  return queue.connection !== undefined;
}

function queuesOf(resolver: QueueResolver, { keys, loose, customerKeys }: OtherKeys): Queue[] {
  const customers = new Map<string, string>();
  for (const text of customerKeys) {
    const key = readKeyText(text, CUSTOMER);
    if (key !== undefined) customers.set(foldQueueKey(key), key);
  }
  const certain = keys.filter((key) => key.trim() !== '');
  const possible = loose.flatMap((text) => [text, ...text.split(/[\s,;|&={}[\]":']+/)]).filter(Boolean);
  if (certain.length + possible.length === 0) return [];
  const customerKey = onlyAnswer(customers, 'customer');
  const found = [
    ...certain.map((key) => resolver.findQueue(key, customerKey)),
    ...possible.map((word) => findPossible(resolver, word, customerKey)),
  ];
  return found.filter((queue) => queue !== undefined);
}

/** Most words of a text are no keys, which is no reason to refuse it. */
function findPossible(resolver: QueueResolver, word: string, customerKey: string | undefined) {
  try {
    return resolver.findQueue(word, customerKey);
  } catch (error) {
    if (isGatewayError(error) && error.code === 'queue_refused') return undefined;
    throw error;
  }
}

function otherKeys({ address, body }: QueueRequest): OtherKeys {
  const query = inQuery(address.query);
  if (body === undefined)
    throw new TypeError('This request has to be resolved with its body: ask needsBody() and read it first.');
  const inBody = saysJson(body) ? inJson(body) : inForm(body);
  return {
    keys: [...query.keys, ...inBody.keys],
    loose: [...query.loose, ...inBody.loose],
    customerKeys: [...query.customerKeys, ...inBody.customerKeys],
  };
}

function inQuery(text: string): OtherKeys {
  const found = readParameters(text);
  return {
    keys: [...(found.get(ALTERNATIVE) ?? [])],
    loose: [...(found.get(MAPPING) ?? [])],
    customerKeys: [...(found.get(CUSTOMER) ?? [])],
  };
}

function inForm(body: RequestBody): OtherKeys {
  const found = readBodyFields(body.bytes, body.contentType, body.contentEncoding, [
    ALTERNATIVE,
    MAPPING,
    CUSTOMER,
  ]);
  return {
    keys: [...(found.get(ALTERNATIVE) ?? [])],
    loose: [...(found.get(MAPPING) ?? [])],
    customerKeys: [...(found.get(CUSTOMER) ?? [])],
  };
}

function inJson(body: RequestBody): OtherKeys {
  const found = readBodyFields(body.bytes, body.contentType, body.contentEncoding, [ALTERNATIVE, CUSTOMER]);
  const mapping = body.bytes.length === 0 ? { keys: [], loose: [] } : mappedKeys(body.bytes.toString('utf8'));
  return {
    keys: [...(found.get(ALTERNATIVE) ?? []), ...mapping.keys],
    loose: mapping.loose,
    customerKeys: [...(found.get(CUSTOMER) ?? [])],
  };
}

/** The values of the mapping: an object of texts, or a text that holds one in some form. */
function mappedKeys(text: string): { keys: string[]; loose: string[] } {
  const members = membersAt(text, wholeOf(text)).filter(({ name }) =>
    nameReadings(name).includes(MAPPING.toLowerCase()),
  );
  const [member] = members;
  if (member === undefined) return { keys: [], loose: [] };
  if (members.length > 1) throw malformed('more than once');
  const kind = kindAt(text, member.value);
  if (kind === 'null') return { keys: [], loose: [] };
  const written = text.slice(member.value.start, member.value.end);
  if (kind === 'text') return { keys: [], loose: [String(JSON.parse(written))] };
  if (kind !== 'object') throw malformed('as neither an object nor a text');
  const seen = new Set<string>();
  const keys = membersAt(text, member.value).flatMap(({ name, value }) => {
    if (seen.has(name)) throw malformed('with a member twice');
    seen.add(name);
    const json = text.slice(value.start, value.end);
    if (kindAt(text, value) === 'null') return [];
    if (kindAt(text, value) === 'text') return [String(JSON.parse(json))];
    if (INTEGER.test(json)) return [json];
    throw malformed('with a value that is no text');
  });
  return { keys, loose: [] };
}

function malformed(how: string): GatewayError {
  return new GatewayError('request_malformed', `The body holds "${MAPPING}" ${how}.`);
}
