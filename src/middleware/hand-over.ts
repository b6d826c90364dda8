import type { IncomingMessage } from 'node:http';
import { parse as parseForm } from 'node:querystring';
import type { Queue } from '../config/gateway-config.ts';
import type { Identity } from '../claims/identity-types.ts';
import type { HeaderWall } from '../proxy/header-wall.ts';

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
 * prefix in `headers` and `rawHeaders`, nor in trailers whenever they come, `Connection` nominates nothing that does, ours
 * stand there once, and `secureChat` is the one property that is added.
 */
export function handOver(
  req: IncomingMessage,
  wall: HeaderWall,
  identity: readonly (readonly [string, string])[] | undefined,
  context: SecureChatContext | undefined,
): void {
  for (const name of Object.keys(req.headers))
    if (wall.folds(name)) Reflect.deleteProperty(req.headers, name);
  const kept = withoutNominations(wall.strip(req.rawHeaders), wall);
  if (req.headers.connection !== undefined)
    req.headers.connection = withoutNominated(req.headers.connection, wall);
  for (const [name, value] of identity ?? []) {
    req.headers[name.toLowerCase()] = value;
    kept.push(name, value);
  }
  req.rawHeaders.splice(0, req.rawHeaders.length, ...kept);
  // node:http makes this of its own count of headers, which is no longer theirs
  Object.defineProperty(req, 'headersDistinct', { value: distinct(kept), configurable: true });
  stripTrailers(req, wall);
  if (context !== undefined)
    Object.defineProperty(req, 'secureChat', { value: Object.freeze(context), enumerable: true });
}

/** A proxy of the host's would strip what `Connection` nominates (RFC 9110, 7.6.1), ours with it (CVE-2026-33805). */
function withoutNominations(rawHeaders: readonly string[], wall: HeaderWall): string[] {
  return rawHeaders.map((text, index) => {
    const isConnection = index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'connection';
    return isConnection ? withoutNominated(text, wall) : text;
  });
}

function withoutNominated(connection: string, wall: HeaderWall): string {
  const tokens = connection.split(',');
  const kept = tokens.filter((token) => !wall.folds(token.trim()));
  return kept.length === tokens.length ? connection : kept.join(',').trim();
}

/** Trailers may be here already, and can be read before the body has ended, so they are stripped when they are looked at. */
function stripTrailers(req: IncomingMessage, wall: HeaderWall): void {
  let raw = req.rawTrailers;
  const stripped = () => wall.strip(raw);
  const joined = () =>
    Object.fromEntries(
      Object.entries(distinct(stripped())).map(([name, values]) => [name, values.join(', ')]),
    );
  const set = (received: string[]) => void (raw = received);
  Object.defineProperties(req, {
    rawTrailers: { get: stripped, set, configurable: true, enumerable: true },
    trailers: { get: joined, configurable: true },
    trailersDistinct: { get: () => distinct(stripped()), configurable: true },
  });
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
