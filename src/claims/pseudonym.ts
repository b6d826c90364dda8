import { createHmac } from 'node:crypto';

/** Shortest key taken, in bytes: below it the pseudonym of an 11-digit number could be found by trying keys. */
const MIN_KEY_BYTES = 16;

/** Bytes kept of the 32 of SHA-256: 144 bits, 24 characters without padding. */
const PSEUDONYM_BYTES = 18;

/**
 * Makes the function that turns text into a keyed pseudonym: HMAC-SHA256 (RFC 2104) of its UTF-8, the first 144 bits
 * in base64url (RFC 4648 section 5), always 24 characters of `A-Z a-z 0-9 - _`. The same key and text give the same
 * pseudonym in every process; without the key it can neither be made nor turned back. Callers pass structured text
 * (a JSON array), so that no two lists of parts join to the same text.
 *
 * @param key 32 bytes by convention; `TypeError` below 16.
 */
export function createPseudonymizer(key: Buffer): (text: string) => string {
  if (key.length < MIN_KEY_BYTES) {
    throw new TypeError(`The key of pseudonyms needs at least ${MIN_KEY_BYTES} bytes, not ${key.length}.`);
  }
  return (text) =>
    createHmac('sha256', key)
      .update(text, 'utf8')
      .digest()
      .subarray(0, PSEUDONYM_BYTES)
      .toString('base64url');
}
