import type { Queue, QueueRule } from '../config/gateway-config.ts';
import type { QueueResolver } from './resolve.ts';

/** Targets remembered, and their length: a client that invents addresses must not fill the memory. */
const MOST_TARGETS = 1024;
const LONGEST_TARGET = 256;

/**
 * The same resolver, which remembers its answers to GET requests: polling repeats its address, and where no rule reads a
 * header the address is all that the answer follows from. A refusal is worked out anew each time.
 *
 * @param rules those of the resolver
 */
export function rememberPlain(
  resolver: QueueResolver,
  rules: readonly Pick<QueueRule, 'header'>[],
): QueueResolver {
  if (rules.some(({ header }) => header !== undefined)) return resolver;
  const known = new Map<string, Queue | undefined>();
  return {
    ...resolver,
    resolve(request) {
      const { target } = request.address;
      if (request.method !== 'GET' || request.body !== undefined) return resolver.resolve(request);
      const queue = known.get(target);
      if (queue !== undefined || known.has(target)) return queue;
      const found = resolver.resolve(request);
      if (target.length <= LONGEST_TARGET) {
        if (known.size >= MOST_TARGETS) known.clear();
        known.set(target, found);
      }
      return found;
    },
  };
}
