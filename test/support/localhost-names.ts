import dns from 'node:dns';
import type { LookupFunction } from 'node:net';

const original = dns.lookup as unknown as LookupFunction;

const lookup: LookupFunction = (hostname, options, callback) => {
  original(hostname.endsWith('.localhost') ? '127.0.0.1' : hostname, options, callback);
};

/**
 * Lets this process resolve names below `localhost` to loopback, as browsers do (RFC 6761, section 6.3); the C library
 * often does not. It stays so until the process ends.
 */
export function resolveLocalhostNames(): void {
  dns.lookup = Object.assign(lookup, { __promisify__: dns.lookup.__promisify__ }) as typeof dns.lookup;
}
