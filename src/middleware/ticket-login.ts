import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError } from '../errors.ts';
import type { Runtime } from './runtime.ts';
import { startLogin } from './silent-login.ts';

/**
 * `GET /login?ticket=`: starts the login that `POST /login` has prepared, in the browser that opens the address.
 *
 * @throws GatewayError `transaction_expired` for a ticket that was used, is over, or never was one.
 */
export async function loginByTicket(
  runtime: Runtime,
  req: IncomingMessage,
  res: ServerResponse,
  ticket: string,
): Promise<void> {
  const taken = await runtime.cookieless.tickets.take(ticket);
  const login = taken?.login;
  const queue = login && runtime.resolver.findQueue(login.queueKey, login.customerKey);
  if (taken === undefined || login === undefined || queue?.connection === undefined)
    throw new GatewayError('transaction_expired', 'This login was begun already, or waited too long.');
  try {
    await startLogin(runtime, req, res, {
      connection: queue.connection,
      queue,
      returnTo: new URL(login.returnTo),
      display: login.display,
      interactive: login.interactive,
      retry: login.retry,
      claimant: login.claimant,
    });
  } catch (error) {
    await taken.giveBack();
    throw error;
  }
}
