import { randomBytes, scrypt } from 'node:crypto';
import type { ScryptHash } from '../config/admin-tokens.ts';

/** What a hash costs whoever makes one; as OWASP's list has it. 32 MiB of memory. */
const COST = { ln: 15, r: 8, p: 3 };

const MIN_LENGTH = 20;
const MAX_LENGTH = 200;
const MIN_DISTINCT = 8;

/** A new token of 256 random bits: `adm_` and 43 characters of base64url. */
export function newAdminToken(): string {
  return `adm_${randomBytes(32).toString('base64url')}`;
}

/** Could it be a token at all? Whoever asks learns no more than these documented bounds. */
export function isAdminTokenShaped(token: string): boolean {
  return /^[!-~]+$/.test(token) && token.length >= MIN_LENGTH && token.length <= MAX_LENGTH;
}

/**
 * The hash of a token, for `admin.tokenHash`: `$scrypt$ln=15,r=8,p=3$salt$hash`, behind a role and a name.
 *
 * @throws TypeError for a token that is short, a pattern, or could not stand in an `Authorization` header. Says which.
 */
export async function hashAdminToken(
  token: string,
  cost: Omit<ScryptHash, 'salt' | 'hash'> = COST,
): Promise<string> {
  if (!isAdminTokenShaped(token))
    throw new TypeError(
      `a token has ${MIN_LENGTH} to ${MAX_LENGTH} characters from "!" to "~", without blanks`,
    );
  if (new Set(token).size < MIN_DISTINCT)
    throw new TypeError(`a token has at least ${MIN_DISTINCT} different characters: take a random one`);
  if (token.startsWith('scg_'))
    throw new TypeError('"scg_" begins the tokens of visitors: take another beginning');
  const { ln, r, p } = cost;
  const salt = randomBytes(16);
  const hash = await deriveAdminToken(token, { ln, r, p, salt, hash: Buffer.alloc(32) });
  return `$scrypt$ln=${ln},r=${r},p=${p}$${plain(salt)}$${plain(hash)}`;
}

/** What this token gives with salt and cost of a hash, as long as that hash. Takes a thread, not the event loop. */
export function deriveAdminToken(token: string, { ln, r, p, salt, hash }: ScryptHash): Promise<Buffer> {
  const N = 2 ** ln;
  const maxmem = 128 * r * (N + p + 2) + 2 ** 20;
  return new Promise((resolve, reject) => {
    scrypt(token, salt, hash.length, { N, r, p, maxmem }, (error, derived) => {
      if (error === null) resolve(derived);
      else reject(error);
    });
  });
}

function plain(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
