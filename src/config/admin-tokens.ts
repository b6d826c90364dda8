import { createHash } from 'node:crypto';
import { readAdminOidc, type AdminOidc } from './admin-oidc.ts';
import { ADMIN_ROLES } from './admin-options.ts';
import type { GatewayOptions } from './options.ts';
import type { Path, Report } from './problems.ts';
import type { Sifted } from './shape.ts';

/** `viewer` reads, `administrator` changes too. */
export type AdminRole = (typeof ADMIN_ROLES)[number];

/** A scrypt hash (RFC 7914) with what it was made by. */
export interface ScryptHash {
  /** log2 of the cost N. */
  readonly ln: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** A token that somebody signs in by; the token itself is nowhere. */
export interface AdminToken {
  /** What the audit record calls whoever has it. */
  readonly name: string;
  readonly role: AdminRole;
  readonly scrypt: ScryptHash;
}

/** Who may administer. */
export interface AdminConfig {
  readonly tokens: readonly AdminToken[];
  /** Undefined where nobody signs in by OpenID Connect. */
  readonly oidc: AdminOidc | undefined;
}

/** True when there is a way to sign in to the administration; without one it is not there at all. */
export function hasAdminSignIn({ tokens, oidc }: AdminConfig): boolean {
  return tokens.length > 0 || oidc !== undefined;
}

/** `admin`, checked: every hash has a role, a name of its own and a cost that can be borne. */
export function readAdmin(options: Sifted<GatewayOptions>['admin'], report: Report): AdminConfig {
  const written = options?.tokenHash;
  const entries = entriesOf(written);
  if (written !== undefined && entries.length === 0)
    report.problem(['admin', 'tokenHash'], 'at least one hash', HINT);
  const tokens = entries.flatMap((entry, index) => {
    const path: Path = [
      'admin',
      'tokenHash',
      ...(entries.length > 1 || Array.isArray(written) ? [index] : []),
    ];
    const token = readToken(entry);
    if (typeof token === 'string') {
      report.problem(path, token, HINT);
      return [];
    }
    return [{ token, path }];
  });
  tokens.forEach(({ token, path }, index) => {
    if (tokens.findIndex((other) => other.token.name === token.name) < index)
      report.problem(path, 'a name and a hash that no other one has');
  });
  if (entries.length > MAX_TOKENS) report.problem(['admin', 'tokenHash'], `at most ${MAX_TOKENS} hashes`);
  return { tokens: tokens.map(({ token }) => token), oidc: readAdminOidc(options?.oidc, report) };
}

const HINT = 'hashAdminToken makes the hash';
/** Each attempt to sign in is compared with all of them. */
const MAX_TOKENS = 20;
const MAX_MEMORY = 256 * 2 ** 20;

/** A hash has commas of its own, so only one before a role ends an entry. */
function entriesOf(written: string | readonly (string | undefined)[] | undefined): string[] {
  const parts =
    typeof written === 'string' ? written.split(/,(?=\s*(?:viewer|administrator)\s*:)/) : (written ?? []);
  return parts.flatMap((part) => (part === undefined || part.trim() === '' ? [] : [part.trim()]));
}

/** The token, or what was expected of it. */
function readToken(entry: string): AdminToken | string {
  const [, word, , name, text = ''] = /^([a-z]*)\s*:((?![$])([^:]*):)?\s*([$].*)$/.exec(entry) ?? [];
  const role = ADMIN_ROLES.find((one) => one === word);
  if (role === undefined) return 'role:name:hash with the role viewer or administrator';
  const scrypt = parseScryptHash(text);
  if (scrypt === undefined) return '$scrypt$ln=15,r=8,p=3$salt$hash behind the role';
  if (name !== undefined && !/^[\w.@+ -]{1,100}$/.test(name))
    return 'a name of at most 100 letters, digits, blanks and ". _ @ + -"';
  return { name: name?.trim() ?? nameless(scrypt), role, scrypt };
}

/** The same name after every start, which says nothing of the token. */
function nameless({ hash }: ScryptHash): string {
  return `token-${createHash('sha256').update(hash).digest('hex').slice(0, 8)}`;
}

const SCRYPT =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{22,86})\$([A-Za-z0-9+/]{43,86})$/;

/** Reads `$scrypt$ln=…,r=…,p=…$salt$hash` (base64 without padding); undefined for what is weaker or dearer than it may be. */
export function parseScryptHash(text: string): ScryptHash | undefined {
  const match = SCRYPT.exec(text);
  if (match === null) return undefined;
  const [ln = 0, r = 0, p = 0] = match.slice(1, 4).map(Number);
  const [salt = Buffer.alloc(0), hash = Buffer.alloc(0)] = match
    .slice(4)
    .map((part) => Buffer.from(part, 'base64'));
  const isBearable = ln >= 14 && r >= 8 && p >= 1 && p <= 16 && 128 * r * 2 ** ln <= MAX_MEMORY;
  return isBearable ? { ln, r, p, salt, hash } : undefined;
}
