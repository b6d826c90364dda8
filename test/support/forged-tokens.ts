import { createHmac, createSign, KeyObject } from 'node:crypto';
import { exportSPKI } from 'jose';
import type { ClaimSet, SigningKey } from './provider-tokens.ts';

/** A compact JWS in its parts. */
export interface Jws {
  readonly header: ClaimSet;
  readonly claims: ClaimSet;
  readonly signature: string;
}

/** The parts of a compact JWS, decoded. */
export function readJws(token: string): Jws {
  const [header = '', claims = '', signature = ''] = token.split('.');
  return { header: decode(header), claims: decode(claims), signature };
}

/** Header and claims as the signature covers them. */
export function signingInput(header: ClaimSet, claims: ClaimSet): string {
  return `${encode(header)}.${encode(claims)}`;
}

/** A JWS signed by hand, so that the header may say what no library would sign. */
export function signed(header: ClaimSet, claims: ClaimSet, key: SigningKey, digest = 'RSA-SHA256'): string {
  const input = signingInput(header, claims);
  const signature = createSign(digest).update(input).sign(KeyObject.from(key.privateKey), 'base64url');
  return `${input}.${signature}`;
}

/** The token again, with members laid over its header, and signed by the provider's own key. */
export function withHeader(over: ClaimSet) {
  return (token: string, key: SigningKey): string => {
    const { header, claims } = readJws(token);
    return signed({ ...header, ...over }, claims, key);
  };
}

/** The token under HS256, keyed with something that an attacker knows. */
export function keyedWith(secret: (key: SigningKey) => string | Buffer | Promise<string | Buffer>) {
  return async (token: string, key: SigningKey): Promise<string> => {
    const { header, claims } = readJws(token);
    const input = signingInput({ ...header, alg: 'HS256' }, claims);
    return `${input}.${createHmac('sha256', await secret(key))
      .update(input)
      .digest('base64url')}`;
  };
}

/** What of a public key could serve as an HMAC's key. */
export const publicSecrets = {
  pem: (key: SigningKey) => exportSPKI(key.publicKey),
  'pem without its last line break': async (key: SigningKey) => (await exportSPKI(key.publicKey)).trimEnd(),
  der: (key: SigningKey) => KeyObject.from(key.publicKey).export({ format: 'der', type: 'spki' }),
  modulus: (key: SigningKey) => Buffer.from(key.jwk.n ?? '', 'base64url'),
  jwk: (key: SigningKey) => JSON.stringify(key.jwk),
  'nothing at all': () => '',
} as const;

function encode(value: ClaimSet): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(part: string): ClaimSet {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as ClaimSet;
}
