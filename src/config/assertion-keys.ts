import { createHash, createPrivateKey, createPublicKey, sign, verify, type JsonWebKey } from 'node:crypto';
import type { PrivateJwk } from './gateway-config.ts';
import { readJwks, type LooseJwks } from './jwks.ts';
import type { Path, Report } from './problems.ts';

const P256 = 'a private EC key on P-256';

/** Private keys that sign assertions: P-256 all of them, with different names. Written as a list or as a JWK set. */
export function readAssertionKeys(written: LooseJwks, path: Path, report: Report): PrivateJwk[] {
  const seen = new Set<unknown>();
  const keys = readJwks(written, path, report, (key, at) => {
    if (key.kty !== 'EC' || key['crv'] !== 'P-256')
      report.problem(at, P256, 'assertions are signed with ES256');
    else if (!signs(key)) report.problem(at, P256, 'd does not belong to x and y');
    else if (!isForSigning(key))
      report.problem(at, 'a key to sign with ES256', 'its alg, use or key_ops say otherwise');
    const name = key['kid'] ?? thumbprint(key);
    if (seen.has(name)) report.problem([...at, 'kid'], 'a name of its own');
    seen.add(name);
    if (key['kid'] !== undefined && !isName(key['kid']))
      report.problem([...at, 'kid'], 'text of 1 to 200 characters');
  });
  if (written !== undefined && keys.length === 0) report.problem(path, 'at least one key');
  return keys;
}

function isForSigning({ alg = 'ES256', use = 'sig', key_ops: operations = ['sign'] }: PrivateJwk): boolean {
  return alg === 'ES256' && use === 'sig' && Array.isArray(operations) && operations.includes('sign');
}

/** The name of a key that has none (RFC 7638). */
function thumbprint({ crv, kty, x, y }: PrivateJwk): string {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}

function isName(kid: unknown): boolean {
  return typeof kid === 'string' && /^[!-~]{1,200}$/.test(kid);
}

function signs({ kty, crv, x, y, d }: PrivateJwk & JsonWebKey): boolean {
  const data = Buffer.from('probe');
  try {
    const signature = sign(
      'sha256',
      data,
      createPrivateKey({ key: { kty, crv, x, y, d } as JsonWebKey, format: 'jwk' }),
    );
    return verify(
      'sha256',
      data,
      createPublicKey({ key: { kty, crv, x, y } as JsonWebKey, format: 'jwk' }),
      signature,
    );
  } catch {
    return false;
  }
}
