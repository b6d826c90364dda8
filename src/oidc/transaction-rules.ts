import { GatewayError } from '../errors.ts';

/** Milliseconds that a login transaction is valid, whoever built its authorization request. */
export const VALID_MS = 600_000;

/** Milliseconds that it is kept, so that late is told from absent. */
export const KEPT_MS = 1_200_000;

/** The refusal of a `state` that is unknown here, used up, or another browser's: which one is nobody's business. */
export function mismatch(): GatewayError {
  return new GatewayError(
    'state_mismatch',
    'This login was not started in this browser, or is over already.',
  );
}
