import { GatewayError } from '../errors.ts';

/** 503: the provider did not answer, or answered that it cannot at the moment. */
export class ProviderUnavailable extends GatewayError {
  /** True when nothing was sent, so that a waiting code is as good as before. */
  readonly notSent: boolean;

  constructor(detail: string, options: { readonly notSent: boolean; readonly cause?: unknown }) {
    super('provider_unavailable', detail, options.cause === undefined ? {} : { cause: options.cause });
    this.notSent = options.notSent;
  }
}

/** 502: the provider answered, and the answer cannot be used. `detail` names the rule, never the answer's content. */
export function providerError(detail: string, cause?: unknown): GatewayError {
  return new GatewayError('provider_error', detail, cause === undefined ? {} : { cause });
}

/**
 * The gateway's own failure inside whatever a library wrapped around it, or `provider_error` with `detail`. The
 * library's error stays as `cause`, for its class and code.
 */
export function providerFailure(error: unknown, detail: string): GatewayError {
  let current = error;
  for (let depth = 0; depth < 6 && current instanceof Error; depth += 1) {
    if (current instanceof GatewayError) return current;
    current = current.cause;
  }
  return providerError(detail, error);
}
