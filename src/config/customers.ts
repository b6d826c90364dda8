import { readConnection } from './connections.ts';
import type { CustomerOptions } from './customer-options.ts';
import { DEFAULT_CUSTOMER_KEY } from './defaults.ts';
import { didYouMean } from './did-you-mean.ts';
import { foldQueueKey } from './fold-queue-key.ts';
import type { Connection, Customer, Queue } from './gateway-config.ts';
import { listParts } from './option-kinds.ts';
import { fourLineSchema, type GatewayOptions } from './options.ts';
import { MISSING, type Path, type Report } from './problems.ts';
import { readRequiredAcrValues } from './required-acr-values.ts';
import { readReturnOrigins } from './return-origins.ts';
import type { Sifted } from './shape.ts';

type Options = Sifted<GatewayOptions>;

const FOUR_LINE_KEYS = Object.keys(fourLineSchema.shape) as (keyof typeof fourLineSchema.shape)[];
const REQUIRED_LINES = ['authConnectionName', 'authClientId', 'authEndpoint'] as const;

/** Customers of either form: the list `customers`, or the one connection of the four-line form. */
export function readCustomers(options: Options, report: Report): Customer[] {
  const fourLines = FOUR_LINE_KEYS.filter((key) => Object.hasOwn(options, key));
  if (!Object.hasOwn(options, 'customers')) return readFourLines(options, fourLines, report);
  for (const key of fourLines) {
    report.problem([key], 'no four-line key beside customers', 'move it into customers, or drop customers');
  }
  const customers = (options.customers ?? []).flatMap((customer, index) =>
    customer === undefined ? [] : [readCustomer(customer, ['customers', index], report)],
  );
  checkCustomerKeys(options.customers ?? [], report);
  warnWithoutSecureQueue(customers, 'customers[].queues', report);
  return customers;
}

function readFourLines(options: Options, present: readonly string[], report: Report): Customer[] {
  if (present.length === 0) {
    report.problem(
      ['customers'],
      'customers, or authConnectionName, authClientId and authEndpoint',
      'no connection is configured',
    );
    return [];
  }
  for (const key of REQUIRED_LINES.filter((line) => !present.includes(line))) {
    report.problem([key], 'text', MISSING);
  }
  const connection = readConnection(options, DEFAULT_CUSTOMER_KEY, [], report);
  const queues = listParts(options.secureQueues, ',').map((queueKey): Queue => ({
    customerKey: DEFAULT_CUSTOMER_KEY,
    queueKey,
    connection,
    requiredAcrValues: [],
  }));
  checkQueueKeys(queues, (index) => ['secureQueues', index], report);
  const returnOrigins = readReturnOrigins(options.returnOrigins, ['returnOrigins'], report);
  const customers = [{ customerKey: DEFAULT_CUSTOMER_KEY, returnOrigins, connections: [connection], queues }];
  warnWithoutSecureQueue(customers, 'secureQueues', report);
  return customers;
}

function readCustomer(options: Sifted<CustomerOptions>, path: Path, report: Report): Customer {
  const customerKey = options.customerKey ?? '';
  const connections = (options.connections ?? []).flatMap((connection, index) =>
    connection === undefined
      ? []
      : [readConnection(connection, customerKey, [...path, 'connections', index], report)],
  );
  checkConnectionNames(options, path, report);
  const queues = (options.queues ?? []).map((queue, index): Queue => {
    const place = [...path, 'queues', index];
    const name = queue?.authConnectionName;
    const connection = findConnection(name, connections, [...place, 'authConnectionName'], report);
    const requiredAcrValues = readRequiredAcrValues(queue ?? {}, place, report);
    return { customerKey, queueKey: queue?.queueKey ?? '', connection, requiredAcrValues };
  });
  checkQueueKeys(queues, (index) => [...path, 'queues', index, 'queueKey'], report);
  return {
    customerKey,
    returnOrigins: readReturnOrigins(options.returnOrigins, [...path, 'returnOrigins'], report),
    connections,
    queues,
  };
}

function findConnection(
  name: string | undefined,
  connections: readonly Connection[],
  path: Path,
  report: Report,
): Connection | undefined {
  if (name === undefined) return undefined;
  const connection = connections.find((candidate) => candidate.name === name);
  // A connection whose own name is a problem may be the one that is meant.
  if (connection === undefined && connections.every((candidate) => candidate.name !== '')) {
    const names = connections.map((candidate) => candidate.name);
    report.problem(path, 'the name of a connection of this customer', didYouMean(name, names));
  }
  return connection;
}

function checkConnectionNames(options: Sifted<CustomerOptions>, path: Path, report: Report): void {
  const names = (options.connections ?? []).map((connection) => connection?.authConnectionName);
  for (const index of repeats(names)) {
    report.problem(
      [...path, 'connections', index, 'authConnectionName'],
      'a name that no other connection of this customer has',
    );
  }
}

function checkCustomerKeys(
  customers: readonly (Sifted<CustomerOptions> | undefined)[],
  report: Report,
): void {
  for (const index of repeats(customers.map((customer) => customer?.customerKey?.trim()))) {
    report.problem(['customers', index, 'customerKey'], 'a key that no other customer has');
  }
}

function checkQueueKeys(queues: readonly Queue[], pathOf: (index: number) => Path, report: Report): void {
  const keys = queues.map(({ queueKey }) => (queueKey === '' ? undefined : foldQueueKey(queueKey)));
  for (const index of repeats(keys)) {
    report.problem(
      pathOf(index),
      'a key that no other queue of this customer has',
      'case and outer blanks do not count',
    );
  }
}

/** Indexes of the values that stood in the list before. */
function repeats(values: readonly (string | undefined)[]): number[] {
  return values.flatMap((value, index) =>
    value !== undefined && values.indexOf(value) < index ? [index] : [],
  );
}

function warnWithoutSecureQueue(customers: readonly Customer[], key: string, report: Report): void {
  if (customers.some((customer) => customer.queues.some((queue) => queue.connection !== undefined))) return;
  report.warn(`${key} names no secure queue: every request is passed on without an Identity`);
}
