import type { Assertions } from '../assertion/assertion.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { MisuseError } from '../errors.ts';
import { identityHeaders, type Header } from '../proxy/identity-headers.ts';
import type { Admission, SecureQueue } from './secure-queue.ts';

/** A secure queue that a request may enter, and as whom. */
export interface Entry {
  readonly queue: SecureQueue;
  readonly admission: Admission;
}

/** Identity headers, and for how long they say the same. */
export interface IdentityHeaders {
  readonly headers: readonly Header[];
  /** Of its assertion, milliseconds since 1970: another one is due outside of this time. */
  readonly from: number;
  readonly until: number;
}

/**
 * The identity headers of an entry, the signed assertion among them.
 *
 * @throws GatewayError `session_store_unavailable` when there is no key to sign with.
 */
export type IdentityBlock = (entry: Entry) => Promise<IdentityHeaders>;

/** Identity headers by the settings of this gateway. */
export function createIdentityBlock(
  { headerPrefix: prefix, headerLimitBytes: limitBytes }: GatewayConfig,
  assertions: Assertions,
): IdentityBlock {
  return async ({ queue, admission }) => {
    const { customerKey, queueKey, connection } = queue;
    const { identity, expiresAt } = admission.record;
    const place = { customerKey, queueKey, connectionName: connection.name };
    const subject = {
      place,
      authUserId: identity.authUserId,
      expiresAt,
      sessionId: admission.sessionId,
    };
    const signer = await assertions.signer();
    const { headers, shown } = identityHeaders(identity, place, {
      prefix,
      limitBytes,
      mapping: connection.mapping,
      assertionLength: (candidate) => signer.length(subject, candidate),
    });
    // a limit that not even the place of the request fits in: never a secure queue without its headers
    if (headers.length === 0) throw new MisuseError('headerLimitBytes is too small for any identity header');
    if (shown === undefined) return { headers, from: 0, until: 0 };
    const { assertion, signedAt, reuseUntil } = await signer.signReusable(subject, shown);
    return { headers: [...headers, [`${prefix}Assertion`, assertion]], from: signedAt, until: reuseUntil };
  };
}
