/**
 * Why a request is not from a verified person. The codes are stable.
 *
 * - `assertion_missing` the request carries none
 * - `assertion_malformed` it is no compact JWS of the gateway's form, or there are several
 * - `assertion_signature` wrong algorithm, a key that the key set does not hold, or a signature that does not verify
 * - `assertion_issuer`, `assertion_audience` it was made by another gateway, or for another queue
 * - `assertion_expired` its time is over
 * - `assertion_claims` a claim is absent, of the wrong type, from the future, or not the expected customer or connection
 * - `keys_unavailable` the key set cannot be read: says nothing about the assertion, so it may be tried again
 * - `headers_malformed` a plain identity header cannot be decoded, or is there twice
 */
export type RefusalCode =
  | 'assertion_missing'
  | 'assertion_malformed'
  | 'assertion_signature'
  | 'assertion_issuer'
  | 'assertion_audience'
  | 'assertion_expired'
  | 'assertion_claims'
  | 'keys_unavailable'
  | 'headers_malformed';

/**
 * The request must not be served as the person it speaks of. Neither `message` nor `cause` ever holds text of the
 * assertion or of a header, so both may be logged.
 */
export class AssertionRefused extends Error {
  override readonly name = 'AssertionRefused';
  readonly code: RefusalCode;
  /** Status for an answer: 503 when trying again may help (`keys_unavailable`), else 401. */
  readonly status: 401 | 503;

  constructor(code: RefusalCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.status = code === 'keys_unavailable' ? 503 : 401;
  }
}

/** Throws an `AssertionRefused`. */
export function refuse(code: RefusalCode, message: string): never {
  throw new AssertionRefused(code, message);
}
