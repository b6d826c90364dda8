import { refuse } from './assertion-refused.ts';
import type { VerifiedIdentity, VerifiedVariable } from './verified-identity.ts';

/** What the claims must say. */
export interface Expected {
  readonly issuer: string;
  /** Any one of them. */
  readonly audiences: readonly string[];
  readonly customer: string | undefined;
  readonly connection: string | undefined;
  readonly clockToleranceSeconds: number;
  /** Seconds since 1970. */
  readonly now: number;
}

type Payload = Readonly<Record<string, unknown>>;

/** The longest life of an assertion, in seconds. */
const LONGEST_LIFE = 60;

/**
 * The claims of an assertion whose signature has been verified, as a frozen identity.
 *
 * @param payload the JSON text of the JWS payload
 * @throws AssertionRefused when one is absent, of the wrong type, or not as expected
 */
export function readClaims(payload: Uint8Array, expected: Expected): VerifiedIdentity {
  const claims = parse(payload);
  const issuer = text(claims, 'iss');
  if (issuer !== expected.issuer) refuse('assertion_issuer', 'The assertion is of another issuer.');
  const queue = text(claims, 'aud');
  if (!expected.audiences.includes(queue))
    refuse('assertion_audience', 'The assertion is for another queue.');
  const times = readTimes(claims, expected);
  const customer = text(claims, 'customer');
  const connection = text(claims, 'connection');
  if (expected.customer !== undefined && customer !== expected.customer)
    refuse('assertion_claims', 'The assertion is for another customer.');
  if (expected.connection !== undefined && connection !== expected.connection)
    refuse('assertion_claims', 'The person was verified by another connection.');
  return Object.freeze({
    issuer,
    customer,
    queue,
    connection,
    sub: text(claims, 'sub'),
    chatId: optional(claims, 'chatId', isText),
    nickName: optional(claims, 'nickName', isText),
    variables: readVariables(claims['variables'], () => unusable('variables')),
    acr: optional(claims, 'acr', isText),
    amr: Object.freeze([...(optional(claims, 'amr', isTextList) ?? [])]),
    authTime: optional(claims, 'auth_time', isSeconds),
    truncated: Object.freeze([...(optional(claims, 'truncated', isTextList) ?? [])]),
    ...times,
    jti: text(claims, 'jti'),
  });
}

/** The entries of a list of variables, frozen. `fail` is called for anything else, and has to throw. */
export function readVariables(value: unknown, fail: () => never): readonly VerifiedVariable[] {
  if (!Array.isArray(value)) return fail();
  const entries = value.map((entry: unknown): VerifiedVariable => {
    if (!isRecord(entry)) return fail();
    const { name, description, value: shown } = entry;
    if (!isText(name) || !isText(shown)) return fail();
    if (description !== undefined && !isText(description)) return fail();
    return Object.freeze({ name, description, value: shown });
  });
  return Object.freeze(entries);
}

function parse(payload: Uint8Array): Payload {
  let claims: unknown;
  try {
    claims = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    // without the cause: its message quotes the payload
    refuse('assertion_malformed', 'The payload of the assertion is not JSON.');
  }
  if (!isRecord(claims)) refuse('assertion_malformed', 'The payload of the assertion is not a JSON object.');
  return claims;
}

function readTimes(
  claims: Payload,
  { now, clockToleranceSeconds }: Expected,
): Pick<VerifiedIdentity, 'issuedAt' | 'expiresAt'> {
  const issuedAt = seconds(claims, 'iat');
  const expiresAt = seconds(claims, 'exp');
  const notBefore = optional(claims, 'nbf', isSeconds) ?? issuedAt;
  if (expiresAt < issuedAt || expiresAt - issuedAt > LONGEST_LIFE)
    refuse('assertion_claims', `The assertion is not limited to ${LONGEST_LIFE} seconds.`);
  if (Math.max(issuedAt, notBefore) > now + clockToleranceSeconds)
    refuse('assertion_claims', 'The assertion is from the future: compare the clocks of both machines.');
  if (now - clockToleranceSeconds >= expiresAt) refuse('assertion_expired', 'The assertion has expired.');
  return { issuedAt, expiresAt };
}

function unusable(claim: string): never {
  return refuse('assertion_claims', `The claim ${claim} of the assertion is absent or unusable.`);
}

function text(claims: Payload, name: string): string {
  const value = claims[name];
  return isText(value) && value !== '' ? value : unusable(name);
}

function seconds(claims: Payload, name: string): number {
  const value = claims[name];
  return isSeconds(value) ? value : unusable(name);
}

function optional<T>(claims: Payload, name: string, fits: (value: unknown) => value is T): T | undefined {
  const value = claims[name];
  if (value === undefined) return undefined;
  return fits(value) ? value : unusable(name);
}

function isRecord(value: unknown): value is Payload {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText);
}

function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
