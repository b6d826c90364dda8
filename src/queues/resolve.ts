import type { GatewayConfig, Queue } from '../config/gateway-config.ts';
import { GatewayError } from '../errors.ts';
import { collectAnswers, emptyAnswers, onlyAnswer, type QueueRequest } from './answers.ts';
import type { Address } from './canonical-path.ts';
import { readKeyText } from './key-text.ts';
import { hiddenQueries, lenientPaths } from './lenient-paths.ts';
import { createRegistry, type QueueRegistry } from './registry.ts';
import { compileRules, matchesSomehow, type CompiledRule } from './rules.ts';

export type { QueueRequest };

/** From a request to its queue. */
export interface QueueResolver {
  /** True when a rule reads the body of such a request, which then has to be there in full before `resolve`. */
  needsBody(method: string, address: Address): boolean;
  /**
   * The queue that the request is for; undefined when it names none, or an unknown one under `unknownQueues: open`.
   * Throws GatewayError `queue_ambiguous`, `path_ambiguous`, `queue_refused`, `request_malformed`; TypeError when the
   * body is needed and was not given.
   */
  resolve(request: QueueRequest): Queue | undefined;
  /** The queue of a key that was read elsewhere, by the same rules and with the same errors. */
  findQueue(queueKey: string, customerKey: string | undefined): Queue | undefined;
}

/**
 * Prepares the search for `queueRules` and `customers`. All rules that match a request are read; they have to agree.
 *
 * @param registry Another one than that of `customers`.
 * @throws TypeError for rules and queues that configuration should have refused.
 */
export function createQueueResolver(
  config: Pick<GatewayConfig, 'customers' | 'queueRules' | 'unknownQueues'>,
  registry: QueueRegistry = createRegistry(config.customers),
): QueueResolver {
  const rules = compileRules(config.queueRules);
  const bodyRules = rules.filter((rule) => rule.body !== undefined);

  function locate(queueKey: string | undefined, customerKey: string | undefined): Queue | undefined {
    if (queueKey === undefined) return undefined;
    const queue = registry.find(queueKey, customerKey);
    if (queue === undefined && config.unknownQueues === 'refuse') {
      throw new GatewayError('queue_refused', 'There is no queue of this key.');
    }
    return queue;
  }

  return {
    needsBody(method, address) {
      return bodyRules.some((rule) => rule.appliesTo(method) && matchesSomehow(rule, address.decodedPath));
    },

    resolve(request) {
      const answers = emptyAnswers();
      for (const rule of rules) {
        if (!rule.appliesTo(request.method)) continue;
        const params = rule.matchPath(request.address.decodedPath);
        if (params !== undefined) collectAnswers(rule, params, request, answers);
      }
      const queueKey = onlyAnswer(answers.queueKeys, 'queue');
      const queue = locate(queueKey, queueKey && onlyAnswer(answers.customerKeys, 'customer'));
      for (const path of lenientPaths(request.address.decodedPath)) {
        refuseLenientReading(path, request, rules, registry, queue);
      }
      refuseHiddenQuery(request, rules, registry, queue);
      return queue;
    },

    findQueue(queueKey, customerKey) {
      const customer = customerKey === undefined ? undefined : readKeyText(customerKey, 'customerKey');
      return locate(readKeyText(queueKey, 'queueKey'), customer);
    },
  };
}

/** A server that reads the path as `path` must not come to a secure queue by it, unless it is the one that was found. */
function refuseLenientReading(
  path: string,
  request: QueueRequest,
  rules: readonly CompiledRule[],
  registry: QueueRegistry,
  found: Queue | undefined,
): void {
  const answers = emptyAnswers();
  for (const rule of rules) {
    if (!rule.appliesTo(request.method) || readsExactly(rule, request.address.decodedPath, registry))
      continue;
    const params = rule.matchLeniently(path);
    if (params !== undefined) collectAnswers(rule, params, request, answers);
  }
  refuseOthers(answers.queueKeys.values(), registry, found);
}

/** The same for a server that decodes the path first: what stands behind an encoded `?` is a query to it. */
function refuseHiddenQuery(
  request: QueueRequest,
  rules: readonly CompiledRule[],
  registry: QueueRegistry,
  found: Queue | undefined,
): void {
  const keys = hiddenQueries(request.address.decodedPath).flatMap((query) =>
    rules.flatMap((rule) =>
      rule.appliesTo(request.method) ? (rule.readQuery(query).get(rule.parameter ?? '') ?? []) : [],
    ),
  );
  refuseOthers(keys, registry, found);
}

function refuseOthers(keys: Iterable<string>, registry: QueueRegistry, found: Queue | undefined): void {
  for (const key of keys) {
    if (registry.resembling(key).some((queue) => queue !== found)) {
      throw new GatewayError('path_ambiguous', 'Some chat servers read this path as that of a secure queue.');
    }
  }
}

/** True when the rule matches the path as it stands, and with a configured key where the path holds the key. */
function readsExactly(rule: CompiledRule, decodedPath: string, registry: QueueRegistry): boolean {
  const params = rule.matchPath(decodedPath);
  if (params === undefined) return false;
  return !rule.inPath || (params.queueKey !== undefined && registry.has(params.queueKey));
}
