import { createHash, randomBytes } from 'node:crypto';
import { CompactSign } from 'jose';
import type { Place } from '../proxy/identity-headers.ts';
import type { ShownIdentity } from '../proxy/shown-identity.ts';
import type { AssertionKeys } from './keys.ts';
import { ALGORITHM, type SigningKey } from './signing-key.ts';

/** Whom an assertion is about, and for which queue. */
export interface AssertionSubject {
  readonly place: Place;
  /** `AuthUserId`. */
  readonly authUserId: string;
  /** Milliseconds since 1970 after which the Identity is no more. */
  readonly expiresAt: number;
  /** Assertions are shared by the requests of one session only. */
  readonly sessionId: string;
}

/** Makes assertions with the key of one moment. */
export interface AssertionSigner {
  /** Characters that the assertion takes. */
  length(subject: AssertionSubject, shown: ShownIdentity): number;
  /** The assertion: compact JWS (RFC 7515 section 3.1). One that says the same is used again for half its life. */
  sign(subject: AssertionSubject, shown: ShownIdentity): Promise<string>;
  /** The same, with the time for which it may be used again. */
  signReusable(subject: AssertionSubject, shown: ShownIdentity): Promise<ReusableAssertion>;
}

/** An assertion that may go with further requests of the session. Times are milliseconds since 1970. */
export interface ReusableAssertion {
  readonly assertion: string;
  readonly signedAt: number;
  readonly reuseUntil: number;
}

/** The signed assertions of one gateway. */
export interface Assertions {
  /** @throws GatewayError `session_store_unavailable` when there is no key to sign with. */
  signer(): Promise<AssertionSigner>;
}

const LIFE_SECONDS = 60;
const REUSE_MS = (LIFE_SECONDS * 1000) / 2;
/** Assertions kept for reuse at once; as long as their headers are, one or two kilobytes in general. */
const MAX_KEPT = 10_000;
/** ECDSA on P-256: two numbers of 32 bytes (RFC 7518 section 3.4). */
const SIGNATURE_BYTES = 64;

interface Kept {
  readonly assertion: Promise<string>;
  readonly signedAt: number;
  readonly reuseUntil: number;
}

/** Assertions of this issuer (`publicUrl`), signed with these keys. */
export function createAssertions(issuer: string, keys: AssertionKeys): Assertions {
  const kept = new Map<string, Kept>();
  return {
    async signer() {
      const key = await keys.signing();
      return {
        length: (subject, shown) => assertionLength(key, claimsOf(issuer, subject, shown)),
        sign: (subject, shown) => reused(kept, key, subject, claimsOf(issuer, subject, shown)).assertion,
        async signReusable(subject, shown) {
          const { assertion, ...times } = reused(kept, key, subject, claimsOf(issuer, subject, shown));
          return { assertion: await assertion, ...times };
        },
      };
    },
  };
}

/**
 * Characters that an assertion of this issuer takes, without a key at hand.
 *
 * @param kid That of the key; any of its length will do. Default: a thumbprint's (RFC 7638), which all keys have that the
 * gateway makes.
 */
export function assertionRoom(
  issuer: string,
  subject: AssertionSubject,
  shown: ShownIdentity,
  kid = 'x'.repeat(43),
): number {
  return assertionLength({ kid }, claimsOf(issuer, subject, shown));
}

type Claims = ReturnType<typeof claimsOf>;

/** What stays the same from one assertion of a session to its next. */
function claimsOf(issuer: string, { place, authUserId }: AssertionSubject, shown: ShownIdentity) {
  const { chatId, nickName, variables, acr, amr, authTime, truncated } = shown;
  return {
    iss: issuer,
    aud: place.queueKey,
    sub: authUserId,
    customer: place.customerKey,
    connection: place.connectionName,
    chatId,
    nickName,
    variables: variables.map(({ name, description, value }) => ({ name, description, value })),
    acr,
    amr: amr?.split(' '),
    auth_time: authTime,
    truncated: truncated.length > 0 ? truncated : undefined,
  };
}

function reused(kept: Map<string, Kept>, key: SigningKey, subject: AssertionSubject, claims: Claims): Kept {
  const now = Date.now();
  // all that is signed is in the name, so that no other person's and no older assertion can be found under it
  const name = createHash('sha256')
    .update(JSON.stringify([subject.sessionId, key.kid, claims]))
    .digest('base64url');
  const known = kept.get(name);
  if (known !== undefined && known.signedAt <= now && now < known.reuseUntil) return known;
  const iat = Math.floor(now / 1000);
  const exp = Math.min(iat + LIFE_SECONDS, Math.floor(subject.expiresAt / 1000));
  const assertion = sign(key, { ...claims, iat, exp, jti: randomBytes(16).toString('base64url') });
  kept.delete(name);
  const fresh = { assertion, signedAt: now, reuseUntil: now + Math.min(REUSE_MS, (exp * 1000 - now) / 2) };
  kept.set(name, fresh);
  assertion.catch(() => kept.delete(name));
  forgetOld(kept, now);
  return fresh;
}

/** The map keeps the order of signing, and all are of use for the same time at most. */
function forgetOld(kept: Map<string, Kept>, now: number): void {
  for (const [name, { signedAt }] of kept) {
    if (kept.size <= MAX_KEPT && now - signedAt < REUSE_MS) return;
    kept.delete(name);
  }
}

function sign(key: SigningKey, claims: object): Promise<string> {
  return new CompactSign(Buffer.from(JSON.stringify(claims), 'utf8'))
    .setProtectedHeader(headerOf(key))
    .sign(key.privateKey);
}

function headerOf({ kid }: Pick<SigningKey, 'kid'>) {
  return { alg: ALGORITHM, typ: 'JWT', kid };
}

function assertionLength(key: Pick<SigningKey, 'kid'>, claims: Claims): number {
  // ten digits until the year 2286, and a jti of 16 bytes
  const whole = { ...claims, iat: 1_000_000_000, exp: 1_000_000_000, jti: 'x'.repeat(22) };
  const parts = [headerOf(key), whole].map((part) =>
    base64urlLength(Buffer.byteLength(JSON.stringify(part))),
  );
  return parts.reduce((sum, length) => sum + length + 1, base64urlLength(SIGNATURE_BYTES));
}

function base64urlLength(bytes: number): number {
  return Math.ceil((bytes * 4) / 3);
}
