import { createHash, createHmac } from 'node:crypto';
import {
  CompactEncrypt,
  CompactSign,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type CryptoKey,
  type JWK,
} from 'jose';

/** Claims of a person or of a token. A `null` in a patch takes the claim out. */
export type ClaimSet = Record<string, unknown>;

/** One signing key of the provider. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly jwk: JWK;
}

/** How one token deviates from a good one. */
export interface TokenShape {
  /** Merged into the claims; `null` removes. */
  readonly claims?: ClaimSet;
  /** `none`: unsigned. `HS256`: keyed with the public key's PEM. Default RS256. */
  readonly alg?: 'RS256' | 'none' | 'HS256';
  /** Another `kid` in the header; `null` leaves it out. */
  readonly kid?: string | null;
  /** Signs with a key that is not in the JWKS, under the published `kid`. */
  readonly foreignKey?: boolean;
  /** Flips a bit of the signature. */
  readonly brokenSignature?: boolean;
  /** Sends this text instead of a token. */
  readonly raw?: string;
  /** Sends what this makes of the finished token. */
  readonly rewrite?: (token: string, key: SigningKey) => string | Promise<string>;
}

const idle: SigningKey[] = [];
let serial = 0;
let foreign: Promise<SigningKey> | undefined;
let encryption: Promise<{ publicKey: CryptoKey; privateJwk: JWK }> | undefined;

/** A signing key that no running provider uses; making one takes a while, so they are used again. */
export async function borrowSigningKey(): Promise<SigningKey> {
  return idle.pop() ?? (await makeSigningKey());
}

export function returnSigningKey(key: SigningKey): void {
  idle.push(key);
}

/** A fresh RSA signing key with a `kid` of its own. */
export async function makeSigningKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  serial += 1;
  const kid = `key-${serial}`;
  return {
    kid,
    privateKey,
    publicKey,
    jwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' },
  };
}

/** The RSA-OAEP pair of the client, made once a process: the provider encrypts, the gateway's configuration decrypts. */
export function encryptionPair(): Promise<{ publicKey: CryptoKey; privateJwk: JWK }> {
  encryption ??= generateKeyPair('RSA-OAEP', { extractable: true }).then(
    async ({ publicKey, privateKey }) => ({
      publicKey,
      privateJwk: { ...(await exportJWK(privateKey)), kid: 'enc-1', alg: 'RSA-OAEP', use: 'enc' },
    }),
  );
  return encryption;
}

/** Left half of the access token's SHA-256, as `at_hash` wants it for RS256. */
export function atHash(accessToken: string): string {
  return createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url');
}

/** `claims` with `patch` over it; `null` removes. */
export function patchClaims(claims: ClaimSet, patch: ClaimSet = {}): ClaimSet {
  return Object.fromEntries(Object.entries({ ...claims, ...patch }).filter(([, value]) => value !== null));
}

/** A compact JWS of the claims, deviating as `shape` says. */
export async function signToken(key: SigningKey, claims: ClaimSet, shape: TokenShape = {}): Promise<string> {
  const token = await shapedToken(key, claims, shape);
  return shape.rewrite === undefined ? token : await shape.rewrite(token, key);
}

async function shapedToken(key: SigningKey, claims: ClaimSet, shape: TokenShape): Promise<string> {
  if (shape.raw !== undefined) return shape.raw;
  // 1e300 and the like must reach the wire as they are
  const payload = JSON.stringify(patchClaims(claims, shape.claims));
  const kid = shape.kid === undefined ? { kid: key.kid } : shape.kid === null ? {} : { kid: shape.kid };
  if (shape.alg === 'none') return `${encode({ alg: 'none', ...kid })}.${encode(payload)}.`;
  if (shape.alg === 'HS256') {
    const input = `${encode({ alg: 'HS256', ...kid })}.${encode(payload)}`;
    const secret = await exportSPKI(key.publicKey);
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
  }
  if (shape.foreignKey === true) foreign ??= makeSigningKey();
  const signer = shape.foreignKey === true ? ((await foreign) ?? key) : key;
  const token = await new CompactSign(new TextEncoder().encode(payload))
    .setProtectedHeader({ alg: 'RS256', ...kid })
    .sign(signer.privateKey);
  return shape.brokenSignature === true ? breakSignature(token) : token;
}

/** A JWE (RSA-OAEP, A256GCM) around a token (nested) or around JSON. */
export async function encryptFor(text: string, nested: boolean): Promise<string> {
  const { publicKey } = await encryptionPair();
  return new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: 'RSA-OAEP', enc: 'A256GCM', kid: 'enc-1', ...(nested ? { cty: 'JWT' } : {}) })
    .encrypt(publicKey);
}

function encode(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

function breakSignature(token: string): string {
  const at = token.lastIndexOf('.') + 1;
  const signature = Buffer.from(token.slice(at), 'base64url');
  signature[10] = (signature[10] ?? 0) ^ 1;
  return token.slice(0, at) + signature.toString('base64url');
}
