/** A fresh verifier: 32 random bytes in base64url (RFC 7636, section 4.1). */
export function createVerifier(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

/**
 * The challenge of a verifier by method S256 (RFC 7636, section 4.2).
 *
 * @throws TypeError on a page that is neither https nor loopback, where browsers have no SHA-256
 */
export async function challengeOf(verifier: string): Promise<string> {
  // the types know secure contexts only
  const { subtle } = crypto as { subtle?: typeof crypto.subtle };
  if (!subtle) throw new TypeError('SecureChat: https only');
  return base64url(new Uint8Array(await subtle.digest('SHA-256', new TextEncoder().encode(verifier))));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');
}
