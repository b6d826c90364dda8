import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError } from '../errors.ts';
import { readBody } from '../proxy/body.ts';
import type { RequestBody } from '../queues/body-fields.ts';
import type { Runtime } from './runtime.ts';

/** A body that the gateway looks into is read up to this size. */
const BODY_LIMIT_BYTES = 64 * 1024;

/**
 * All bytes of a body that has to be looked into, within the request's deadline.
 *
 * @throws GatewayError `body_too_large` beyond 64 KiB; `request_malformed` when it could be read in two ways.
 */
export async function requestBytes(
  runtime: Runtime,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<Buffer> {
  assertOneReading(req);
  return await readBody(req, res, BODY_LIMIT_BYTES, runtime.contextOf(req).deadline);
}

/** The bytes with the headers that say how to read them. */
export function bodyOf({ headers }: IncomingMessage, bytes: Buffer): RequestBody {
  return { bytes, contentType: headers['content-type'], contentEncoding: headers['content-encoding'] };
}

/** A body is read by its type and coding: two of them, or two spellings, are two readings. */
function assertOneReading({ rawHeaders }: IncomingMessage): void {
  const seen = new Set<string>();
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase().replaceAll(/[^a-z0-9]/g, '-');
    if (name !== 'content-type' && name !== 'content-encoding') continue;
    if (seen.has(name)) throw new GatewayError('request_malformed', `The request has more than one ${name}.`);
    seen.add(name);
  }
}
