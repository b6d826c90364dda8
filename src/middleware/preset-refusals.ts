import type { IncomingMessage, ServerResponse } from 'node:http';
import { foldQueueKey } from '../config/fold-queue-key.ts';
import { isGatewayError } from '../errors.ts';
import type { Address } from '../queues/canonical-path.ts';
import { readBodyFields } from '../queues/body-fields.ts';
import { bodyOf } from './request-bytes.ts';
import type { Runtime } from './runtime.ts';

const CUSTOMER = 'customerKey';
const CHAT_ID = /\/sessions\/([^/]+)/i;

/**
 * Lets a page read why a request at a chat address of the preset is refused before its queue is known: for the origins of
 * the customer that the chat's id or the body names. Where neither can be read, for those of every customer, as the
 * preflight before it was answered.
 *
 * @param body the bytes, where they have been read
 */
export function shareRefusal(
  runtime: Runtime,
  req: IncomingMessage,
  res: ServerResponse,
  address: Address,
  body: Buffer | undefined,
): void {
  if (runtime.preset?.isChat(address) !== true || res.headersSent) return;
  runtime.cors.share(req, res, customerOfPath(runtime, address) ?? customerOfBody(runtime, req, body));
}

/** An id is `{customerKey}-{iqSessionId}`, and a customer's key may hold a hyphen itself: the longest one counts. */
function customerOfPath({ config }: Runtime, { decodedPath }: Address): string | undefined {
  const id = foldQueueKey(CHAT_ID.exec(decodedPath)?.[1] ?? '');
  const keys = config.customers.map(({ customerKey }) => customerKey);
  return keys
    .filter((key) => id.startsWith(`${foldQueueKey(key)}-`))
    .sort((one, other) => other.length - one.length)
    .at(0);
}

function customerOfBody(
  { config }: Runtime,
  req: IncomingMessage,
  bytes: Buffer | undefined,
): string | undefined {
  const named = bytes && readCustomer(req, bytes);
  if (named === undefined) return undefined;
  const known = config.customers.find(({ customerKey }) => foldQueueKey(customerKey) === foldQueueKey(named));
  return known?.customerKey ?? named;
}

function readCustomer(req: IncomingMessage, bytes: Buffer): string | undefined {
  const { contentType, contentEncoding } = bodyOf(req, bytes);
  try {
    return readBodyFields(bytes, contentType, contentEncoding, [CUSTOMER]).get(CUSTOMER)?.[0];
  } catch (error) {
    if (isGatewayError(error)) return undefined;
    throw error;
  }
}
