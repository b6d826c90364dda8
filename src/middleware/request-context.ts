import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';

/** What belongs to one request from its arrival on. */
export interface RequestContext {
  /** Correlates the log and the problem document. Made when first asked for. */
  readonly requestId: string;
  /** `performance.now()` by which the upstream's first byte must be here; redemption takes from the same time. */
  readonly deadline: number;
}

const contexts = new WeakMap<IncomingMessage, RequestContext>();

/** The context of this request; the first call starts its clock. */
export function contextOf(
  req: IncomingMessage,
  settings: { timeoutMs: number; trustRequestId: boolean },
): RequestContext {
  const known = contexts.get(req);
  if (known !== undefined) return known;
  const context = new LazyContext(req, performance.now() + settings.timeoutMs, settings.trustRequestId);
  contexts.set(req, context);
  return context;
}

/** The deadline of this request; of one that has no context yet it begins now, as its context would. */
export function deadlineOf(req: IncomingMessage, { timeoutMs }: { timeoutMs: number }): number {
  return contexts.get(req)?.deadline ?? performance.now() + timeoutMs;
}

/** Milliseconds since 1970 of a moment of `performance.now()`: what other processes can be held to. */
export function epochOf(moment: number): number {
  return performance.timeOrigin + moment;
}

class LazyContext implements RequestContext {
  readonly deadline: number;
  readonly #req: IncomingMessage;
  readonly #trusted: boolean;
  #requestId: string | undefined;

  constructor(req: IncomingMessage, deadline: number, trusted: boolean) {
    this.#req = req;
    this.deadline = deadline;
    this.#trusted = trusted;
  }

  get requestId(): string {
    this.#requestId ??= (this.#trusted ? routerRequestId(this.#req) : undefined) ?? randomUUID();
    return this.#requestId;
  }
}

/**
 * Heroku's router, Envoy and nginx name the request already, by a UUID or 32 hexadecimal digits. Anything else was chosen
 * by a client (Heroku hands a client's own name on): it could be a secret or an id, and would stand in log and answer.
 */
function routerRequestId(req: IncomingMessage): string | undefined {
  const value = req.headers['x-request-id'];
  return typeof value === 'string' && ROUTER_ID.test(value) ? value : undefined;
}

const ROUTER_ID = /^[\da-f]{8}(-?)[\da-f]{4}\1[\da-f]{4}\1[\da-f]{4}\1[\da-f]{12}$/i;
