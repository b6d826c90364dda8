import { GatewayError } from '../errors.ts';

/** Whether the gateway takes new work: it does until the drain begins, once, on SIGTERM. */
export interface Drain {
  readonly draining: boolean;
  begin(): void;
  /** @throws GatewayError `draining` once the drain has begun. */
  check(): void;
}

/** A gateway that takes work. */
export function createDrain(): Drain {
  let draining = false;
  return {
    get draining() {
      return draining;
    },
    begin() {
      draining = true;
    },
    check() {
      if (draining)
        throw new GatewayError('draining', 'The gateway is shutting down. Try again in a moment.');
    },
  };
}
