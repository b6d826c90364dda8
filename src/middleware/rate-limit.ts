import { isIPv6 } from 'node:net';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { GatewayError } from '../errors.ts';

/** Counts one attempt of a client address; rejects with `rate_limited` beyond the limit. */
export type RateLimit = (address: string) => Promise<void>;

/**
 * At most `perMinute` attempts a minute for each client address, counted in this process, so that n processes let n times
 * as many through at most: a login costs the store a
 * record, and a counter in the store would cost as much as what it protects. IPv6 counts by its /64, which one
 * subscriber owns whole.
 */
export function createRateLimit(perMinute: number): RateLimit {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 });
  return async function rateLimit(address) {
    try {
      await limiter.consume(networkOf(address));
    } catch (refusal) {
      if (refusal instanceof Error) throw refusal;
      throw new GatewayError(
        'rate_limited',
        'Too many logins from this address. Wait a minute and try again.',
      );
    }
  };
}

/** What one subscriber has of addresses: an IPv4 address itself, of an IPv6 address its /64. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  return [...groups, ...Array<string>(Math.max(missing, 0)).fill('0'), ...(tail ?? '').split(':')]
    .slice(0, 4)
    .join(':');
}
