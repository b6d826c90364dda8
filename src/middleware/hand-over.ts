import type { IncomingMessage } from 'node:http';
import { parse as parseForm } from 'node:querystring';
import type { Queue } from '../config/gateway-config.ts';
import type { Identity } from '../claims/identity-types.ts';
import type { HeaderWall } from '../proxy/identity-headers.ts';

/** What a host's own handler finds in `req.secureChat`, when the drop-in has no upstream. */
export interface SecureChatContext {
  readonly customerKey: string;
  readonly queueKey: string;
  /** `authConnectionName` of the connection that verified the visitor. */
  readonly connection: string;
  readonly identity: Identity;
}

/**
 * Hands an admitted request to the host's own handlers as an upstream would get it: nothing of the client's folds to the
 * prefix in `headers` and `rawHeaders`, ours stand there once, and `secureChat` is the one property that is added.
 */
export function handOver(
  req: IncomingMessage,
  wall: HeaderWall,
  identity: readonly (readonly [string, string])[] | undefined,
  context: SecureChatContext | undefined,
): void {
  for (const name of Object.keys(req.headers))
    if (wall.folds(name)) Reflect.deleteProperty(req.headers, name);
  const kept = wall.strip(req.rawHeaders);
  for (const [name, value] of identity ?? []) {
    req.headers[name.toLowerCase()] = value;
    kept.push(name, value);
  }
  req.rawHeaders.splice(0, req.rawHeaders.length, ...kept);
  // node:http makes this of its own count of headers, which is no longer theirs
  Object.defineProperty(req, 'headersDistinct', { value: distinct(kept), configurable: true });
  req.once('end', () => {
    for (const name of Object.keys(req.trailers))
      if (wall.folds(name)) Reflect.deleteProperty(req.trailers, name);
    req.rawTrailers = wall.strip(req.rawTrailers);
    Object.defineProperty(req, 'trailersDistinct', { value: distinct(req.rawTrailers), configurable: true });
  });
  if (context !== undefined)
    Object.defineProperty(req, 'secureChat', { value: Object.freeze(context), enumerable: true });
}

function distinct(rawHeaders: readonly string[]): Record<string, string[]> {
  const result: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase();
    (result[name] ??= []).push(rawHeaders[i + 1] ?? '');
  }
  return result;
}

/** The context of an entry, for `req.secureChat`. */
export function contextFor(queue: Queue, connection: string, identity: Identity): SecureChatContext {
  return { customerKey: queue.customerKey, queueKey: queue.queueKey, connection, identity };
}

/**
 * Gives a body that a rule has read back to the host's body parsers, which skip a request marked in this way.
 */
export function restoreBody(
  req: IncomingMessage & { body?: unknown; _body?: boolean },
  bytes: Buffer | undefined,
): void {
  if (bytes === undefined) return;
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  const isForm = req.headers['content-type']?.toLowerCase().includes('x-www-form-urlencoded') === true;
  if (text !== '') req.body = isForm ? { ...parseForm(text) } : (JSON.parse(text) as unknown);
  req._body = true;
}
