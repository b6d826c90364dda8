import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Address } from '../queues/canonical-path.ts';
import { preflightOf, type Preflight } from './cors.ts';
import type { Runtime } from './runtime.ts';
import { isSecure } from './secure-queue.ts';

const NO_BODY = { bytes: Buffer.alloc(0), contentType: undefined, contentEncoding: undefined };

/**
 * Answers the preflight of a request to a secure queue, for the origins of its customer. A preflight comes without the
 * body and the headers that may name the queue: where one of those could, it is answered when the request is going to
 * carry an `Authorization`, and always at the chat addresses of a preset. All others are the upstream's, or the refusal that they were before. False: not answered.
 */
export function answerQueuePreflight(
  runtime: Runtime,
  req: IncomingMessage,
  res: ServerResponse,
  address: Address,
): boolean {
  const asked = preflightOf(req);
  if (asked === undefined || !runtime.cors.allows(req.headers.origin)) return false;
  const { method } = asked;
  const queue = runtime.resolver.resolve({ method, address, rawHeaders: req.rawHeaders, body: NO_BODY });
  if (isSecure(queue)) return runtime.cors.answerPreflight(req, res, queue.customerKey);
  if (runtime.preset?.isChat(address) === true) return runtime.cors.answerPreflight(req, res);
  if (queue !== undefined || !mayNameLater(runtime, asked, address)) return false;
  return runtime.cors.answerPreflight(req, res);
}

function mayNameLater(runtime: Runtime, { method, headers }: Preflight, address: Address): boolean {
  if (!headers.includes('authorization')) return false;
  return (
    runtime.resolver.needsBody(method, address) ||
    runtime.config.chatRules.length > 0 ||
    runtime.config.queueRules.some(({ header }) => header !== undefined)
  );
}
