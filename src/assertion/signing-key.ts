import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type CryptoKey,
  type JWK,
} from 'jose';
import type { PrivateJwk } from '../config/gateway-config.ts';

/** The one algorithm of assertions: ECDSA on P-256 with SHA-256 (RFC 7518 section 3.4). */
export const ALGORITHM = 'ES256';

/** A key that signs assertions. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  /** What `/jwks.json` publishes of it. */
  readonly publicJwk: JWK;
}

/** A private P-256 key ready to sign; without a `kid` its thumbprint (RFC 7638) names it. */
export async function importSigningKey(jwk: PrivateJwk): Promise<SigningKey> {
  const { kty, crv, x, y, d } = jwk as JWK;
  // read and written again, so that what is published is spelt as RFC 7518 has it
  const point = await exportJWK(await importJWK({ kty, crv, x, y } as JWK, ALGORITHM));
  const kid = typeof jwk['kid'] === 'string' ? jwk['kid'] : await calculateJwkThumbprint(point);
  const privateKey = await importJWK({ ...point, d } as JWK, ALGORITHM);
  if (privateKey instanceof Uint8Array)
    throw new TypeError('a key that signs assertions is a private EC key');
  return { kid, privateKey, publicJwk: { ...point, kid, alg: ALGORITHM, use: 'sig' } };
}

/** A new private P-256 key. */
export async function newSigningKey(): Promise<PrivateJwk> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  return (await exportJWK(privateKey)) as PrivateJwk;
}
