import { hkdfSync, randomBytes } from 'node:crypto';
import { listParts } from './option-kinds.ts';
import type { GatewayOptions } from './options.ts';
import type { Path, Report } from './problems.ts';
import type { Sifted } from './shape.ts';

/** The gateway's own keys, first one active. */
export interface KeyRings {
  readonly secrets: readonly string[];
  /** 32 bytes each. */
  readonly sealKeys: readonly Buffer[];
  /** 32 bytes. */
  readonly pseudonymKey: Buffer;
}

const MIN_SECRET_LENGTH = 32;
const NEW_SECRET = 'make one with: openssl rand -base64 48';
const NEW_KEY = 'make one with: openssl rand -base64 32';

/** Words that shipped secrets are made of, and two whole sentences from the samples of well-known packages. */
const KNOWN_WORDS =
  /change[-_ ]?(?:me|this|it)|keyboard[-_ ]?cat|secret|password|passord|default|placeholder|replace[-_ ]?me|a long, randomly-generated string stored in env|use \[openssl rand -hex 32\] to generate a 32 bytes value|[\W_]+/gi;

/**
 * Reads `sessionSecret`, `sealKey` and `pseudonymKey`. Without seal keys they are derived from the session secrets, and
 * the pseudonym key from the last entry of the outermost ring, so that prepending a new entry leaves pseudonyms alone.
 * Derivation is HKDF-SHA256 (RFC 5869), empty salt, one info text per purpose.
 */
export function readKeyRings(
  options: Sifted<GatewayOptions>,
  needs: { readonly secret: boolean; readonly production: boolean },
  report: Report,
): KeyRings {
  const secrets = readSessionSecrets(options.sessionSecret, needs.secret, report);
  secrets.forEach((secret, index) => {
    if (isMonotonous(secret)) {
      weak(
        placeOf(['sessionSecret'], options.sessionSecret, index),
        'a secret that cannot be guessed',
        NEW_SECRET,
      );
    }
  });
  const given = readKeys(options.sealKey, ['sealKey'], report);
  given.forEach((key, index) => {
    if (new Set(key).size === 1) weak(placeOf(['sealKey'], options.sealKey, index), 'random bytes', NEW_KEY);
  });
  const sealKeys = given.length > 0 ? given : secrets.map((secret) => derive(secret, 'seal'));
  const oldest = given.at(-1) ?? secrets.at(-1) ?? '';
  const [pseudonymKey = derive(oldest, 'pseudonym'), ...others] = readKeys(
    options.pseudonymKey,
    ['pseudonymKey'],
    report,
  );
  if (others.length > 0) report.problem(['pseudonymKey'], 'one key');
  return { secrets, sealKeys, pseudonymKey };

  /** Good enough to try things out with, and refused in production. */
  function weak(path: Path, expected: string, hint: string): void {
    if (needs.production) report.problem(path, expected, hint);
    else report.warn(`${path.join('.')} can be guessed and is refused in production: ${hint}`);
  }
}

function readSessionSecrets(
  written: Sifted<GatewayOptions>['sessionSecret'],
  needsSecret: boolean,
  report: Report,
): string[] {
  const secrets = listParts(written, ',');
  secrets.forEach((secret, index) => {
    const path = placeOf(['sessionSecret'], written, index);
    if (secret.length < MIN_SECRET_LENGTH)
      report.problem(path, `at least ${MIN_SECRET_LENGTH} characters`, NEW_SECRET);
    else if (isSample(secret)) report.problem(path, 'a secret that cannot be guessed', NEW_SECRET);
    if (secrets.indexOf(secret) !== index) report.problem(path, 'each secret once');
  });
  if (secrets.length > 0) return secrets;
  if (written !== undefined) report.problem(['sessionSecret'], 'at least one secret', NEW_SECRET);
  else if (needsSecret) {
    report.problem(
      ['sessionSecret'],
      'a secret, since sessions outlive the process with Redis and in production',
      NEW_SECRET,
    );
  } else
    report.warn('sessionSecret is not set: a random one is used, and every session ends with this process');
  return [randomBytes(48).toString('base64')];
}

/** A very short pattern repeated: no default of anybody's, but nothing for production either. */
function isMonotonous(secret: string): boolean {
  return new Set(secret).size < 3 || /^(.{1,4}?)\1+.{0,4}$/s.test(secret);
}

/** Little beside the words of a sample. */
function isSample(secret: string): boolean {
  return secret.replace(KNOWN_WORDS, '').length < 8;
}

function readKeys(
  written: string | readonly (string | undefined)[] | undefined,
  path: Path,
  report: Report,
): Buffer[] {
  const parts = listParts(written, ',');
  if (written !== undefined && parts.length === 0) report.problem(path, 'at least one key', NEW_KEY);
  const seen = new Set<string>();
  return parts.flatMap((part, index) => {
    const place = placeOf(path, written, index);
    const key = /^[A-Za-z0-9+/_-]{43}=?$/.test(part) ? Buffer.from(part, 'base64') : undefined;
    if (key === undefined) report.problem(place, '32 bytes in base64 (44 characters)', NEW_KEY);
    else if (seen.has(key.toString('hex'))) report.problem(place, 'each key once');
    if (key !== undefined) seen.add(key.toString('hex'));
    return key === undefined ? [] : [key];
  });
}

function placeOf(path: Path, written: unknown, index: number): Path {
  return Array.isArray(written) || index > 0 ? [...path, index] : path;
}

function derive(material: string | Buffer, purpose: 'seal' | 'pseudonym'): Buffer {
  return Buffer.from(hkdfSync('sha256', material, '', `secure-chat-gateway/${purpose}/v1`, 32));
}
