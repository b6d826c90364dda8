import { GatewayError } from '../errors.ts';
import type { QueueRegistry } from './registry.ts';

/**
 * Stands in while it is not known which queues are secure: every request that names a queue, exactly or as a less exact
 * server might read it, is 503 `session_store_unavailable`. What names none goes on.
 */
export const heldRegistry: QueueRegistry = {
  has: () => false,
  find: () => refuse(),
  resembling: () => refuse(),
};

function refuse(): never {
  throw new GatewayError(
    'session_store_unavailable',
    'Which queues are secure has not been read yet. Try again in a moment.',
  );
}
