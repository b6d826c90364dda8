import { performance } from 'node:perf_hooks';
import type { CustomFetchOptions } from 'openid-client';
import { Agent, fetch as undiciFetch } from 'undici';
import { ProviderUnavailable, providerError } from './provider-failure.ts';

/** One call to a provider, as openid-client makes it. */
export type ProviderCall = Pick<CustomFetchOptions, 'method' | 'headers' | 'body'>;

/**
 * Calls a provider and reads the whole answer. `deadline`, when given, is in milliseconds of `performance.now()`.
 * Rejects with `provider_unavailable` (network, time, 429, 5xx) or `provider_error` (redirect, too large); any other
 * status is an answer.
 */
export type ProviderFetch = (url: string, call: ProviderCall, deadline?: number) => Promise<Response>;

/** Bounds of all calls. */
export interface ProviderFetchOptions {
  /** Milliseconds from the start of a call to the last byte of its answer. */
  readonly timeoutMs: number;
  /** Bytes of an answer after decompression. Default 1 MiB. */
  readonly maxBytes?: number;
}

/** Codes of failures before the first byte of a request has left. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** A bounded fetch with its own connections, and the means to close them. */
export function createProviderFetch(options: ProviderFetchOptions): {
  readonly fetch: ProviderFetch;
  readonly close: () => Promise<void>;
} {
  const { timeoutMs, maxBytes = 1_048_576 } = options;
  const dispatcher = new Agent({
    // no call on a kept connection: one that the provider has just closed would cost a code
    pipelining: 0,
    // shorter than the whole, so that "could not connect" is told from "no answer"
    connect: {
      timeout: Math.max(1, Math.floor(timeoutMs * 0.6)),
      // also where NODE_TLS_REJECT_UNAUTHORIZED is 0
      rejectUnauthorized: true,
    },
  });

  async function providerFetch(url: string, call: ProviderCall, deadline = Infinity): Promise<Response> {
    const budget = Math.floor(Math.min(timeoutMs, deadline - performance.now()));
    if (budget < 1)
      throw new ProviderUnavailable('There was no time left to ask the provider.', { notSent: true });
    const signal = AbortSignal.timeout(budget);
    const { method, headers } = call;
    const body = call.body instanceof URLSearchParams ? call.body.toString() : undefined;
    try {
      const init = { method, headers, signal, dispatcher, redirect: 'manual' as const };
      const answer = await undiciFetch(url, body === undefined ? init : { ...init, body });
      refuseUnusable(answer.status);
      return rebuild(answer.status, answer.headers, await readBounded(answer.body, maxBytes));
    } catch (error) {
      throw classify(error);
    }
  }

  return { fetch: providerFetch, close: () => dispatcher.close() };
}

function refuseUnusable(status: number): void {
  if (status === 429 || status >= 500) {
    throw new ProviderUnavailable(`The provider answered with status ${status}.`, { notSent: false });
  }
  if (status >= 300 && status < 400) {
    throw providerError('The provider answered with a redirect, which is never followed.');
  }
}

async function readBounded(body: AsyncIterable<Uint8Array> | null, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.byteLength;
    if (length > maxBytes) throw providerError(`The provider's answer is larger than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function rebuild(status: number, headers: { entries(): Iterable<[string, string]> }, body: Buffer): Response {
  const kept = new Headers([...headers.entries()]);
  // the body is decoded by now
  kept.delete('content-encoding');
  kept.delete('content-length');
  return new Response(body.length === 0 ? null : new Uint8Array(body), { status, headers: kept });
}

function classify(error: unknown): unknown {
  if (error instanceof Error && error.name === 'GatewayError') return error;
  return new ProviderUnavailable('The provider did not answer.', {
    notSent: wasNotSent(error),
    cause: error,
  });
}

function wasNotSent(error: unknown): boolean {
  let current = error;
  for (let depth = 0; depth < 4 && current instanceof Error; depth += 1) {
    if (current instanceof AggregateError) return current.errors.every(wasNotSent);
    if ('code' in current && typeof current.code === 'string' && NOT_SENT.has(current.code)) return true;
    current = current.cause;
  }
  return false;
}
