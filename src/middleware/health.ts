import type { RequestHandler } from 'express';
import { GatewayError } from '../errors.ts';
import { describeError } from '../observe/logger.ts';
import type { Runtime } from './runtime.ts';

/** `GET /healthz`: the process is alive. Says nothing of anything else, so that no outage elsewhere restarts it. */
export function healthz(): RequestHandler {
  return function healthzMiddleware(_req, res) {
    answer(res, 200, { status: 'ok' });
  };
}

/**
 * Resolves when the store answers and it is known which queues are secure.
 *
 * @throws GatewayError `session_store_unavailable`.
 */
export async function checkReady({ stores, held }: Pick<Runtime, 'stores' | 'held'>): Promise<void> {
  await stores.ping();
  if (held)
    throw new GatewayError('session_store_unavailable', 'The settings of administrators cannot be used.');
}

/** `GET /readyz`: able to serve: not draining, and ready as `checkReady` has it. The provider may be away: open queues go on. */
export function readyz(runtime: Runtime): RequestHandler {
  return async function readyzMiddleware(_req, res) {
    if (runtime.drain.draining) {
      answer(res, 503, { status: 'draining' });
      return;
    }
    try {
      await checkReady(runtime);
      answer(res, 200, { status: 'ok' });
    } catch (error) {
      runtime.logger.warn({ cause: describeError(error) }, 'not ready');
      answer(res, 503, { status: 'session_store_unavailable' });
    }
  };
}

function answer(res: Parameters<RequestHandler>[1], status: number, body: object): void {
  res
    .writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
    .end(JSON.stringify(body));
}
