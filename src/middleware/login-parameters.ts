import type { Queue } from '../config/gateway-config.ts';
import { GatewayError } from '../errors.ts';
import type { LoginStart } from '../oidc/logins.ts';
import type { Runtime } from './runtime.ts';

/**
 * The queue that a login or a token is for.
 *
 * @throws GatewayError `request_malformed` without a key, `queue_refused` for one that no queue has, `queue_ambiguous`.
 */
export function wantedQueue(
  runtime: Runtime,
  queueKey: string | undefined,
  customerKey: string | undefined,
): Queue {
  if (queueKey === undefined || queueKey.trim() === '') {
    throw new GatewayError(
      'request_malformed',
      'The parameter queueKey is missing: name the queue that the login is for.',
    );
  }
  const queue = runtime.resolver.findQueue(queueKey, customerKey);
  if (queue === undefined) throw new GatewayError('queue_refused', 'There is no queue of that name here.');
  return queue;
}

/**
 * Where a login takes place, default `page`.
 *
 * @throws GatewayError `request_malformed`.
 */
export function displayOf(value: string | undefined): LoginStart['display'] {
  if (value === undefined || value === '') return 'page';
  if (value === 'page' || value === 'window' || value === 'popup') return value;
  throw new GatewayError('request_malformed', 'The parameter display is page, window or popup.');
}
