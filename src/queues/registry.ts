import { foldQueueKey } from '../config/fold-queue-key.ts';
import type { Customer, Queue } from '../config/gateway-config.ts';
import { GatewayError } from '../errors.ts';
import { foldLeniently } from './fold-leniently.ts';
import { numberReadings } from './number-readings.ts';

/** The configured queues, found by key without regard to case and outer blanks. */
export interface QueueRegistry {
  /** True when some customer has a queue of that key. */
  has(queueKey: string): boolean;
  /**
   * The queue of that key, undefined when it is in no list. Throws GatewayError `queue_ambiguous` when customers share
   * the key and `customerKey` does not say which of them, when `customerKey` is not the only owner's, and for an unknown
   * key that a less exact server could take for a secure queue's.
   */
  find(queueKey: string, customerKey: string | undefined): Queue | undefined;
  /** The secure queues for which a less exact server could take this key. */
  resembling(queueKey: string): readonly Queue[];
}

const NUMBER = /^\d+$/;
/** Servers that take repeated parameters join them with commas (ASP.NET), or split a value at them (Spring). */
const LIST = /[,\uff0c\ufe50\ufe10]/;

/**
 * Indexes the queues of all customers. Keys are never joined to strings, so that no two pairs of names collide.
 *
 * @throws TypeError when one customer has two queues with equal keys.
 */
export function createRegistry(customers: readonly Customer[]): QueueRegistry {
  const queues = customers.flatMap((customer) => customer.queues);
  const byKey = groupBy(queues, (queue) => foldQueueKey(queue.queueKey));
  const secure = queues.filter((queue) => queue.connection !== undefined);
  const secureByLooseKey = groupBy(secure, (queue) => foldLooseKey(queue.queueKey));
  const secureByNumber = groupBy(
    secure.filter((queue) => NUMBER.test(foldLooseKey(queue.queueKey))),
    (queue) => String(Number(foldLooseKey(queue.queueKey))),
  );
  for (const owners of byKey.values()) refuseRepeatedOwner(owners);

  function resemblingOne(key: string): readonly Queue[] {
    const loose = foldLooseKey(key);
    const alike = secureByLooseKey.get(loose) ?? [];
    if (secureByNumber.size === 0) return alike;
    return [...alike, ...numberReadings(loose).flatMap((number) => secureByNumber.get(number) ?? [])];
  }

  function resembling(queueKey: string): readonly Queue[] {
    const whole = resemblingOne(queueKey);
    if (!LIST.test(queueKey)) return whole;
    return [...whole, ...foldLeniently(queueKey).split(',').flatMap(resemblingOne)];
  }

  return {
    has: (queueKey) => byKey.has(foldQueueKey(queueKey)),
    resembling,
    find(queueKey, customerKey) {
      const owners = byKey.get(foldQueueKey(queueKey));
      if (owners !== undefined) return chooseOwner(owners, customerKey);
      if (resembling(queueKey).length === 0) return undefined;
      throw new GatewayError('queue_ambiguous', 'The queue key resembles that of another queue.');
    },
  };
}

function groupBy(queues: readonly Queue[], keyOf: (queue: Queue) => string): Map<string, Queue[]> {
  const groups = new Map<string, Queue[]>();
  for (const queue of queues) {
    const group = groups.get(keyOf(queue)) ?? [];
    group.push(queue);
    groups.set(keyOf(queue), group);
  }
  return groups;
}

function foldLooseKey(queueKey: string): string {
  return foldLeniently(queueKey).replaceAll('+', ' ').trim();
}

function chooseOwner(owners: readonly Queue[], customerKey: string | undefined): Queue {
  const named =
    customerKey === undefined
      ? owners
      : owners.filter((queue) => foldQueueKey(queue.customerKey) === foldQueueKey(customerKey));
  const [queue] = named;
  if (queue !== undefined && named.length === 1) return queue;
  throw new GatewayError(
    'queue_ambiguous',
    customerKey === undefined
      ? 'Several customers have a queue of this key; name the customer with customerKey.'
      : 'The customerKey is not that of the customer to whom the queue belongs.',
  );
}

function refuseRepeatedOwner(owners: readonly Queue[]): void {
  const customerKeys = new Set(owners.map((queue) => queue.customerKey));
  if (customerKeys.size === owners.length) return;
  throw new TypeError(`A customer has two queues whose keys equal "${owners[0]?.queueKey ?? ''}".`);
}
