import type { ShownConnection, ShownCustomer } from '../admin/view.ts';
import { sameCustomer, sameQueue } from '../config/overlay.ts';
import { CommandError } from './failure.ts';

/**
 * The customer of that key; without a key the only one there is.
 *
 * @throws CommandError that lists the customers.
 */
export function customerOf(customers: readonly ShownCustomer[], key: string | undefined): ShownCustomer {
  const [only, another] = customers;
  const found =
    key === undefined
      ? another === undefined
        ? only
        : undefined
      : customers.find(({ customerKey }) => sameCustomer(customerKey, key));
  if (found !== undefined) return found;
  throw new CommandError(
    'no_such_customer',
    key === undefined ? 'There are several customers.' : 'There is no such customer.',
    `Name one with --customer: ${listed(customers.map(({ customerKey }) => customerKey))}`,
  );
}

/**
 * The customer of that key; without a key all of them.
 *
 * @throws CommandError as `customerOf`.
 */
export function customersOf(
  customers: readonly ShownCustomer[],
  key: string | undefined,
): readonly ShownCustomer[] {
  return key === undefined ? customers : [customerOf(customers, key)];
}

/**
 * The customer whose queue it is. Without a key of the customer's: the one that lists the queue, else the only one there is.
 *
 * @throws CommandError as `customerOf`.
 */
export function customerOfQueue(
  customers: readonly ShownCustomer[],
  key: string | undefined,
  queueKey: string,
): ShownCustomer {
  const owners = customers.filter(({ queues }) =>
    queues.some((queue) => sameQueue(queue.queueKey, queueKey)),
  );
  const [owner, another] = owners;
  return key === undefined && owner !== undefined && another === undefined
    ? owner
    : customerOf(customers, key);
}

/**
 * The customer's connection of that name; without a name the only one there is.
 *
 * @throws CommandError that lists the connections.
 */
export function connectionOf(customer: ShownCustomer, name: string | undefined): ShownConnection {
  const there = customer.connections.filter(({ removed }) => removed === undefined);
  const [only, another] = there;
  const found =
    name === undefined
      ? another === undefined
        ? only
        : undefined
      : there.find(({ authConnectionName }) => authConnectionName === name);
  if (found !== undefined) return found;
  throw new CommandError(
    'no_such_connection',
    name === undefined
      ? `Customer ${customer.customerKey} has several connections, or none.`
      : `Customer ${customer.customerKey} has no such connection.`,
    `Name one with --connection: ${listed(there.map(({ authConnectionName }) => authConnectionName))}`,
  );
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'there is none yet' : names.map((name) => JSON.stringify(name)).join(', ');
}
