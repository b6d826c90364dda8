import { compactDecrypt, importJWK, type CryptoKey } from 'jose';
import type { PrivateJwk } from '../config/gateway-config.ts';

/** A private key with what selects it in a JOSE header. */
export interface PrivateKey {
  readonly key: CryptoKey;
  readonly alg: string;
  readonly kid?: string;
}

const CONTENT_ENCRYPTION = [
  'A128GCM',
  'A192GCM',
  'A256GCM',
  'A128CBC-HS256',
  'A192CBC-HS384',
  'A256CBC-HS512',
];

const RSA = ['RSA-OAEP', 'RSA-OAEP-256'];
const ECDH = ['ECDH-ES', 'ECDH-ES+A128KW', 'ECDH-ES+A192KW', 'ECDH-ES+A256KW'];

/**
 * Imports `authDecryptionKeys` (RFC 7517). An RSA key without `alg` serves RSA-OAEP and RSA-OAEP-256; a key on a curve
 * serves all of ECDH-ES.
 *
 * @throws TypeError for a key that cannot decrypt.
 */
export async function importDecryptionKeys(jwks: readonly PrivateJwk[]): Promise<PrivateKey[]> {
  const imported = await Promise.all(
    jwks.flatMap((jwk) => {
      const algorithms = jwk.kty === 'RSA' ? RSA : ECDH;
      return (typeof jwk.alg === 'string' ? [jwk.alg] : algorithms).map((alg) => importPrivate(jwk, alg));
    }),
  );
  return imported;
}

/**
 * Imports `authRequestSigningKey`.
 *
 * @throws TypeError for a key that cannot sign.
 */
export function importSigningKey(jwk: PrivateJwk): Promise<PrivateKey> {
  const curves: Record<string, string> = {
    'P-256': 'ES256',
    'P-384': 'ES384',
    'P-521': 'ES512',
    Ed25519: 'EdDSA',
  };
  const byCurve = typeof jwk.crv === 'string' && Object.hasOwn(curves, jwk.crv) ? curves[jwk.crv] : undefined;
  return importPrivate(jwk, typeof jwk.alg === 'string' ? jwk.alg : (byCurve ?? 'RS256'));
}

/**
 * A userinfo answer that is encrypted but not signed holds plain JSON inside its JWE (OpenID Connect Core, section
 * 5.3.2), which openid-client does not open. Any other answer comes back as it was.
 */
export async function openUnsignedJwe(response: Response, keys: readonly PrivateKey[]): Promise<Response> {
  if (keys.length === 0 || !response.headers.get('content-type')?.startsWith('application/jwt'))
    return response;
  const text = (await response.clone().text()).trim();
  if (text.split('.').length !== 5) return response;
  try {
    const { plaintext } = await compactDecrypt(text, ({ alg, kid }) => select(keys, alg, kid), {
      keyManagementAlgorithms: keys.map((key) => key.alg),
      contentEncryptionAlgorithms: CONTENT_ENCRYPTION,
    });
    const content = new TextDecoder().decode(plaintext);
    if (!content.trimStart().startsWith('{')) return response;
    return new Response(content, {
      status: response.status,
      headers: { 'content-type': 'application/json' },
    });
  } catch {
    // left to openid-client, which refuses it with its own reason
    return response;
  }
}

function select(keys: readonly PrivateKey[], alg: string | undefined, kid: string | undefined): CryptoKey {
  const fitting = keys.filter((key) => key.alg === alg && (kid === undefined || key.kid === kid));
  const [found] = fitting;
  if (found === undefined || fitting.length > 1) throw new TypeError('no single decryption key fits');
  return found.key;
}

async function importPrivate(jwk: PrivateJwk, alg: string): Promise<PrivateKey> {
  const { kty, kid, ...rest } = jwk;
  const key = await importJWK({ ...rest, kty }, alg);
  if (key instanceof Uint8Array || key.type !== 'private') {
    throw new TypeError(`a private JWK is needed, not a ${kty} key without its private half`);
  }
  return typeof kid === 'string' ? { key, alg, kid } : { key, alg };
}
