import assert from 'node:assert/strict';
import type {
  Connection,
  Customer,
  GatewayConfig,
  Queue,
  QueueRule,
} from '../../src/config/gateway-config.ts';
import { isGatewayError, type ProblemCode } from '../../src/errors.ts';
import { readAddress } from '../../src/queues/canonical-path.ts';
import { createQueueResolver, type QueueResolver } from '../../src/queues/resolve.ts';

/** A customer from its key and a table of queue key -> connection name (undefined: an open queue). */
export function customerOf(customerKey: string, queues: Record<string, string | undefined>): Customer {
  const names = [...new Set(Object.values(queues).filter((name) => name !== undefined))];
  const connections = names.map((name) => connectionOf(customerKey, name));
  return {
    customerKey,
    returnOrigins: [],
    connections,
    queues: Object.entries(queues).map(([queueKey, name]) => ({
      customerKey,
      queueKey,
      connection: connections.find((connection) => connection.name === name),
      requiredAcrValues: [],
    })),
  };
}

function connectionOf(customerKey: string, name: string): Connection {
  return {
    id: JSON.stringify([customerKey, name]),
    customerKey,
    name,
    clientId: 'client',
    clientSecret: undefined,
    endpoint: 'https://provider.example',
    overrides: {},
    scope: 'openid',
    acrValues: undefined,
    tokenAuthMethod: 'client_secret_basic',
    prompt: 'none',
    codeRedemption: 'queue-entry',
    mapping: [],
    maskedClaims: [],
    pseudonymizedClaims: [],
    decryptionKeys: [],
    requestSigningKey: undefined,
    pushedRequests: false,
    clockToleranceSeconds: 120,
  };
}

/** A rule with what is not given undefined. */
export function ruleOf(rule: Partial<QueueRule>): QueueRule {
  return {
    method: undefined,
    path: undefined,
    query: undefined,
    header: undefined,
    body: undefined,
    queueKey: undefined,
    ...rule,
  };
}

/** The contract's default: the path, and the query parameter anywhere. */
export const DEFAULT_RULES = [ruleOf({ path: '/queues/:queueKey{/*rest}' }), ruleOf({ query: 'queueKey' })];

/** One customer with a secure queue `q_bank`, a fixed secure `q_vip` and an open one. */
export const ONE_CUSTOMER = [
  customerOf('12345', { q_bank: 'Signicat', q_vip: 'Signicat', q_open: undefined }),
];

/** A resolver over the contract's example unless told otherwise. */
export function resolverOf(
  config: Partial<Pick<GatewayConfig, 'customers' | 'queueRules' | 'unknownQueues'>> = {},
): QueueResolver {
  return createQueueResolver({
    customers: ONE_CUSTOMER,
    queueRules: DEFAULT_RULES,
    unknownQueues: 'open',
    ...config,
  });
}

/** What a test sends beside the address. */
export interface Sent {
  method?: string;
  rawHeaders?: string[];
  json?: string;
  form?: string;
}

/** Resolves an address as the gateway does it; throws what the gateway would answer with. */
export function resolveTarget(resolver: QueueResolver, target: string, sent: Sent = {}): Queue | undefined {
  const method = sent.method ?? 'GET';
  const address = readAddress(target);
  const body = {
    bytes: Buffer.from(sent.json ?? sent.form ?? ''),
    contentType: sent.form === undefined ? 'application/json' : 'application/x-www-form-urlencoded',
    contentEncoding: undefined,
  };
  const needed = resolver.needsBody(method, address);
  return resolver.resolve({
    method,
    address,
    rawHeaders: sent.rawHeaders ?? [],
    body: needed ? body : undefined,
  });
}

/** In one word: `secure:q_bank`, `open:q_open`, `none`, or the code of the refusal. */
export function outcomeOf(run: () => Queue | undefined): string {
  try {
    const queue = run();
    if (queue === undefined) return 'none';
    return `${queue.connection === undefined ? 'open' : 'secure'}:${queue.queueKey}`;
  } catch (error) {
    if (isGatewayError(error)) return error.code;
    throw error;
  }
}

/** Asserts that the call is refused with this code. */
export function assertRefused(run: () => unknown, code: ProblemCode, what: string): void {
  assert.throws(run, (error) => isGatewayError(error) && error.code === code, `${what} should be ${code}`);
}

/** One request and its outcome. */
export type Row = readonly [target: string, expected: string, sent?: Sent];

/** Asserts the outcome of each request. */
export function assertOutcomes(resolver: QueueResolver, rows: readonly Row[]): void {
  for (const [target, expected, sent] of rows) {
    const outcome = outcomeOf(() => resolveTarget(resolver, target, sent));
    assert.equal(outcome, expected, `${target} ${JSON.stringify(sent ?? {})}`);
  }
}
