import { GatewayError } from '../errors.ts';

/** Whether the gateway takes new work: it does until the drain begins, once, on SIGTERM. */
export interface Drain {
  readonly draining: boolean;
  /** No connection is kept for further requests: others take them, or nobody. */
  readonly leaving: boolean;
  begin(): void;
  /** Goes on serving what comes on open connections. */
  leave(): void;
  /** @throws GatewayError `draining` once the drain has begun. */
  check(): void;
}

/** A gateway that takes work. */
export function createDrain(): Drain {
  let draining = false;
  let leaving = false;
  return {
    get draining() {
      return draining;
    },
    get leaving() {
      return leaving;
    },
    leave() {
      leaving = true;
    },
    begin() {
      leaving = true;
      draining = true;
    },
    check() {
      if (draining)
        throw new GatewayError('draining', 'The gateway is shutting down. Try again in a moment.');
    },
  };
}
