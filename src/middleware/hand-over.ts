import type { IncomingMessage } from 'node:http';
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
  if (context !== undefined)
    Object.defineProperty(req, 'secureChat', { value: Object.freeze(context), enumerable: true });
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
  const text = bytes.toString('utf8');
  const form = req.headers['content-type']?.includes('x-www-form-urlencoded') === true;
  req.body =
    text === ''
      ? undefined
      : form
        ? Object.fromEntries(new URLSearchParams(text))
        : (JSON.parse(text) as unknown);
  req._body = true;
}
