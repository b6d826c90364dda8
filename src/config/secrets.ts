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

/** Words that shipped secrets are made of, and whole ones from the samples of well-known packages and of this one. */
const KNOWN_WORDS =
  /change[-_ ]?(?:me|this|it)|keyboard[-_ ]?cat|secret|password|passord|default|placeholder|replace[-_ ]?me|please|insecure|example|a long, randomly-generated string stored in env|use \[openssl rand -hex 32\] to generate a 32 bytes value|MLFs4TT99kOOq8h3UAVRtYoCTDYXiRcZ|only for trying this out on loopback/gi;

const BETWEEN_WORDS = /[\s\p{P}\p{S}_]+/gu;

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
    if (secret.length >= MIN_SECRET_LENGTH && isPattern(secret)) {
      weak(
        placeOf(['sessionSecret'], options.sessionSecret, index),
        'a secret that cannot be guessed',
        NEW_SECRET,
      );
    }
  });
  const given = readKeys(options.sealKey, ['sealKey'], report);
  given.forEach((key, index) => {
    if (isKnownKey(key)) weak(placeOf(['sealKey'], options.sealKey, index), 'random bytes', NEW_KEY);
  });
  const sealKeys = given.length > 0 ? given : secrets.map((secret) => derive(secret, 'seal'));
  const oldest = given.at(-1) ?? secrets.at(-1) ?? '';
  const [pseudonymKey = derive(oldest, 'pseudonym'), ...others] = readKeys(
    options.pseudonymKey,
    ['pseudonymKey'],
    report,
  );
  if (others.length > 0) report.problem(['pseudonymKey'], 'one key');
  for (const path of reused(options)) weak(path, 'a value of its own', NEW_KEY);
  return { secrets, sealKeys, pseudonymKey };

  /** Good enough to try things out with, and refused in production. */
  function weak(path: Path, expected: string, hint: string): void {
    if (needs.production) report.problem(path, expected, hint);
    else report.warn(`${path.join('.')} has to be ${expected} in production: ${hint}`);
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

/** Characters at the end that do not make a pattern a secret. */
const LOOSE_END = 4;

/** A pattern repeated, or a walk along alphabet and digits: no default of anybody's, but nothing for production either. */
function isPattern(secret: string): boolean {
  const text = secret.slice(0, -LOOSE_END);
  return new Set(text).size < 5 || isPeriodic(text) || isWalk(text);
}

/** A pattern that comes again for two fifths of the text at least. */
function isPeriodic(text: string): boolean {
  for (let period = 1; period <= text.length * 0.6; period += 1) {
    if (text.startsWith(text.slice(period))) return true;
  }
  return false;
}

/** Of random hexadecimal digits one in six neighbours is the same or the next one. */
function isWalk(text: string): boolean {
  let steps = 0;
  for (let i = 1; i < text.length; i += 1) {
    if (Math.abs(text.charCodeAt(i) - text.charCodeAt(i - 1)) <= 1) steps += 1;
  }
  return steps >= (text.length - 1) * 0.75;
}

/** Bytes that count up, repeat, or spell a sample. */
function isKnownKey(key: Buffer): boolean {
  const text = key.toString('latin1');
  return isPattern(text) || (/^[ -~]*$/.test(text) && isSample(text));
}

/** Where a value stands again under another name: what does two things loses both when one of them leaks it. */
function reused(options: Sifted<GatewayOptions>): Path[] {
  const known = new Set<string>();
  return (['sessionSecret', 'sealKey', 'pseudonymKey'] as const).flatMap((name) => {
    // shorter ones are problems already
    const parts = listParts(options[name], ',').map((part) => (part.length < MIN_SECRET_LENGTH ? '' : part));
    const again = parts.flatMap((part, index) =>
      part !== '' && known.has(part) ? [placeOf([name], options[name], index)] : [],
    );
    for (const part of parts) known.add(part);
    return again;
  });
}

/** Little beside the words of a sample. */
function isSample(secret: string): boolean {
  const rest = secret.replace(KNOWN_WORDS, '');
  return rest.length < secret.length && rest.replace(BETWEEN_WORDS, '').length < 8;
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
