import { foldQueueKey } from '../config/fold-queue-key.ts';
import type { GatewayConfig, Queue } from '../config/gateway-config.ts';

const known = new WeakMap<Queue, string>();

/**
 * A secure queue with the connection that it demands: what a chat was admitted to. Undefined for an open queue. The same
 * text in every process and after every change that leaves queue and connection as they were.
 */
export function placeOf(queue: Queue): string | undefined {
  if (queue.connection === undefined) return undefined;
  let place = known.get(queue);
  if (place === undefined) {
    place = JSON.stringify([queue.connection.id, queue.customerKey, foldQueueKey(queue.queueKey)]);
    known.set(queue, place);
  }
  return place;
}

/** The secure queues of a configuration by their place. */
export function placesOf({ customers }: Pick<GatewayConfig, 'customers'>): ReadonlyMap<string, Queue> {
  return new Map(
    customers.flatMap(({ queues }) =>
      queues.flatMap((queue): [string, Queue][] => {
        const place = placeOf(queue);
        return place === undefined ? [] : [[place, queue]];
      }),
    ),
  );
}
