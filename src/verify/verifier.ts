import { compactVerify, decodeProtectedHeader, type CryptoKey } from 'jose';
import { AssertionRefused, refuse } from './assertion-refused.ts';
import { readClaims } from './read-claims.ts';
import { readerOf, severalAssertions, type HeaderSource } from './request-headers.ts';
import {
  readExpectations,
  readOptions,
  type Expectations,
  type VerifierOptions,
} from './verifier-options.ts';
import type { VerifiedIdentity } from './verified-identity.ts';

/** Verifies assertions of one gateway. All its promises reject with `AssertionRefused`, or `TypeError` for a misuse. */
export interface Verifier {
  /** The content of an assertion, when it is good. */
  verify(assertion: string, expectations?: Expectations): Promise<VerifiedIdentity>;
  /** The same for the assertion header of a request or an upgrade. Plain identity headers are not looked at. */
  verifyRequest(request: HeaderSource, expectations?: Expectations): Promise<VerifiedIdentity>;
}

/** Longer than any that fits in the headers a server takes. */
const LONGEST_ASSERTION = 65_536;

/**
 * Three parts in base64url, the last one the 64 bytes of an ES256 signature (RFC 7518 section 3.4). The last character
 * of 86 carries two bits, and only one spelling of them is taken, so that no two texts are the same assertion.
 */
const COMPACT_ES256 = /^[\w-]+\.[\w-]+\.[\w-]{85}[AQgw]$/;

/**
 * Verifies the `X-Secure-Chat-Assertion` that the gateway adds to requests for secure queues: signature (ES256 and
 * nothing else, keys from the configured place and nowhere else), issuer, queue, time.
 *
 * @example
 * const verifier = createVerifier({ issuer: 'https://chat.example.no', audience: 'q_bank' });
 * const { sub, nickName } = await verifier.verifyRequest(req);
 *
 * @throws TypeError for options that are missing or of no use
 */
export function createVerifier(options: VerifierOptions): Verifier {
  const settings = readOptions(options);

  async function verify(assertion: string, expectations: Expectations = {}): Promise<VerifiedIdentity> {
    const expected = readExpectations(expectations, settings);
    const key = await settings.findKey(keyIdOf(assertion));
    const payload = await verifiedPayload(assertion, key);
    const { issuer, clockToleranceSeconds } = settings;
    const now = settings.now() / 1000;
    return readClaims(payload, { ...expected, issuer, clockToleranceSeconds, now });
  }

  return {
    verify,
    async verifyRequest(request, expectations) {
      const assertion = readerOf(request, settings.headerPrefix, severalAssertions)('Assertion');
      if (assertion === undefined) refuse('assertion_missing', 'The request carries no assertion.');
      return verify(assertion, expectations);
    },
  };
}

/** Checks the form of an assertion. Whatever its header says of keys (`jku`, `jwk`, `x5u`) is passed over. */
function keyIdOf(assertion: unknown): string {
  if (typeof assertion !== 'string' || assertion === '')
    return refuse('assertion_missing', 'There is no assertion.');
  if (assertion.length > LONGEST_ASSERTION) return malformed();
  const { alg, typ, kid, crit } = headerOf(assertion);
  if (alg !== 'ES256') return refuse('assertion_signature', 'The assertion is not signed with ES256.');
  if (typ !== 'JWT' || typeof kid !== 'string' || crit !== undefined) return malformed();
  return COMPACT_ES256.test(assertion) ? kid : malformed();
}

function headerOf(assertion: string): ReturnType<typeof decodeProtectedHeader> {
  try {
    return decodeProtectedHeader(assertion);
  } catch {
    return malformed();
  }
}

async function verifiedPayload(assertion: string, key: CryptoKey): Promise<Uint8Array> {
  try {
    return (await compactVerify(assertion, key, { algorithms: ['ES256'] })).payload;
  } catch (cause) {
    throw new AssertionRefused('assertion_signature', 'The signature of the assertion does not verify.', {
      cause,
    });
  }
}

function malformed(): never {
  return refuse(
    'assertion_malformed',
    'The assertion is not a compact JWS of the form that the gateway makes.',
  );
}
