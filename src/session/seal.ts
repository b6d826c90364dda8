import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

/** Keeps records secret and in their place: what is stored can be read, named and moved by the gateway only. */
export interface Sealer {
  /** Seals text under the first key. `context` says which record this is; the text opens under that context only. */
  seal(text: string, context: string): string;
  /**
   * The text, or undefined for whatever this ring did not seal under this context: wrong key, moved record, tampered
   * bytes, garbage. Never throws.
   */
  open(sealed: string, context: string): string | undefined;
  /** Was this sealed under another key than the first, which `seal` uses? */
  isOutdated(sealed: string): boolean;
  /** Does this say of itself that a key of this ring sealed it? It may still not open. */
  isOfRing(sealed: string): boolean;
  /**
   * Name of a record: `kind`, a colon and a keyed HMAC-SHA256 in base64url, from which the parts cannot be found. The
   * parts are taken as a list, so `('ab', 'c')` and `('a', 'bc')` differ. `kind` is lower-case words with hyphens.
   */
  key(kind: string, ...parts: string[]): string;
}

interface RingKey {
  readonly id: Buffer;
  readonly secret: Buffer;
}

// layout: version (1) | key id (4) | nonce (12) | ciphertext | tag (16), all base64url
const VERSION = 1;
const ID_LENGTH = 4;
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;
const HEADER_LENGTH = 1 + ID_LENGTH;
const OVERHEAD = HEADER_LENGTH + NONCE_LENGTH + TAG_LENGTH;

/**
 * AES-256-GCM (NIST SP 800-38D) with a fresh random 96-bit nonce for each record and subkeys by HKDF-SHA256 (RFC 5869).
 *
 * @param keys Key ring of 32 bytes each. The first one seals, all of them open, the last one names. To rotate, put the
 * new key before the old ones: everything stays readable and findable. When the last key is dropped, names change and
 * everybody is logged out; nothing else is lost.
 * @throws TypeError for an empty ring or a key of another length.
 */
export function createSealer(keys: readonly Buffer[]): Sealer {
  const ring = keys.map(ringKey);
  const [sealing] = ring;
  const last = keys.at(-1);
  if (!sealing || !last) throw new TypeError('createSealer needs at least one key of 32 bytes');
  const namingKey = subkey(last, 'name', 32);
  return {
    seal: (text, context) => sealWith(sealing, text, context),
    open: (sealed, context) => openWith(ring, sealed, context),
    isOutdated: (sealed) => !keyIdOf(sealed).equals(sealing.id),
    isOfRing: (sealed) => ring.some(({ id }) => id.equals(keyIdOf(sealed))),
    key: (kind, ...parts) => recordName(namingKey, kind, parts),
  };
}

function ringKey(key: Buffer): RingKey {
  if (key.length !== 32) throw new TypeError(`a seal key has 32 bytes, not ${key.length}`);
  return { id: subkey(key, 'id', ID_LENGTH), secret: subkey(key, 'seal', 32) };
}

function keyIdOf(sealed: string): Buffer {
  return Buffer.from(sealed, 'base64url').subarray(1, HEADER_LENGTH);
}

function subkey(key: Buffer, purpose: string, length: number): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', `secure-chat-gateway ${purpose} v${VERSION}`, length));
}

function sealWith({ id, secret }: RingKey, text: string, context: string): string {
  const header = Buffer.concat([Buffer.of(VERSION), id]);
  const nonce = randomBytes(NONCE_LENGTH);
  const cipher = createCipheriv('aes-256-gcm', secret, nonce, { authTagLength: TAG_LENGTH });
  cipher.setAAD(additionalData(header, context));
  const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([header, nonce, ciphertext, cipher.getAuthTag()]).toString('base64url');
}

function openWith(ring: readonly RingKey[], sealed: string, context: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length < OVERHEAD || bytes[0] !== VERSION) return undefined;
  // the decoder skips what it does not know: only the one canonical spelling counts
  if (bytes.toString('base64url') !== sealed) return undefined;
  const id = bytes.subarray(1, HEADER_LENGTH);
  for (const key of ring) {
    if (!key.id.equals(id)) continue;
    const text = decipher(key.secret, bytes, context);
    if (text !== undefined) return text;
  }
  return undefined;
}

function decipher(secret: Buffer, bytes: Buffer, context: string): string | undefined {
  const nonceEnd = HEADER_LENGTH + NONCE_LENGTH;
  const tagStart = bytes.length - TAG_LENGTH;
  const nonce = bytes.subarray(HEADER_LENGTH, nonceEnd);
  const decipherer = createDecipheriv('aes-256-gcm', secret, nonce, { authTagLength: TAG_LENGTH });
  decipherer.setAAD(additionalData(bytes.subarray(0, HEADER_LENGTH), context));
  decipherer.setAuthTag(bytes.subarray(tagStart));
  try {
    const start = decipherer.update(bytes.subarray(nonceEnd, tagStart));
    return Buffer.concat([start, decipherer.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

function additionalData(header: Buffer, context: string): Buffer {
  // JSON keeps lone surrogates apart, which UTF-8 alone would fold into one character
  return Buffer.concat([header, Buffer.from(JSON.stringify(context), 'utf8')]);
}

function recordName(namingKey: Buffer, kind: string, parts: readonly string[]): string {
  if (!/^[a-z]+(-[a-z]+)*$/.test(kind))
    throw new TypeError('the kind of a record is lower-case words with hyphens');
  const mac = createHmac('sha256', namingKey).update(JSON.stringify([kind, ...parts]), 'utf8');
  return `${kind}:${mac.digest('base64url')}`;
}
