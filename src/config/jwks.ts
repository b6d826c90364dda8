import type { ConnectionOptions } from './connection-options.ts';
import type { PrivateJwk } from './gateway-config.ts';
import type { Path, Report } from './problems.ts';
import type { Sifted } from './shape.ts';

type LooseJwk = Sifted<ConnectionOptions>['authRequestSigningKey'];

/** Several keys: a list, or a JWK set (RFC 7517 section 5). */
export type LooseJwks = Sifted<ConnectionOptions>['authDecryptionKeys'];

/** Members that a key of each type cannot do without (RFC 7518 section 6, RFC 8037 section 2). */
const MEMBERS: Readonly<Record<PrivateJwk['kty'], readonly string[]>> = {
  RSA: ['n', 'e', 'd'],
  EC: ['crv', 'x', 'y', 'd'],
  OKP: ['crv', 'x', 'd'],
  oct: ['k'],
};

/** Private keys that open what the provider encrypts. Written as a list or as a JWK set. */
export function readDecryptionKeys(written: LooseJwks, path: Path, report: Report): PrivateJwk[] {
  return readJwks(written, path, report);
}

/** Private keys, each of which `check` may object to, with the place where it stands. */
export function readJwks(
  written: LooseJwks,
  path: Path,
  report: Report,
  check?: (key: PrivateJwk, at: Path) => void,
): PrivateJwk[] {
  if (written === undefined) return [];
  const isSet = !Array.isArray(written);
  const keys = isSet
    ? (written as { readonly keys?: readonly LooseJwk[] }).keys
    : (written as readonly LooseJwk[]);
  const base = isSet ? [...path, 'keys'] : path;
  return (keys ?? []).flatMap((loose, index) => {
    const key = readKey(loose, [...base, index], report);
    if (key === undefined) return [];
    check?.(key, [...base, index]);
    return key;
  });
}

/** The private key that signs authorization requests: asymmetric, since the provider holds its public half. */
export function readSigningKey(written: LooseJwk, path: Path, report: Report): PrivateJwk | undefined {
  const key = readKey(written, path, report);
  if (key?.kty === 'oct')
    report.problem([...path, 'kty'], 'one of "RSA", "EC", "OKP"', 'requests are signed with a private key');
  return key;
}

function readKey(written: LooseJwk, path: Path, report: Report): PrivateJwk | undefined {
  if (written?.kty === undefined) return undefined;
  const missing = (MEMBERS[written.kty] ?? []).filter((member) => typeof written[member] !== 'string');
  if (missing.length > 0) {
    report.problem(path, `a private ${written.kty} key`, `it lacks ${missing.join(', ')}`);
  }
  return { ...written, kty: written.kty };
}
