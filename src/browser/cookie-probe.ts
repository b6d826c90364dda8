/** Tries a cookie that is taken away again at once, and says nothing. */
export function takesCookieFor(domain: string): boolean {
  const probe = `secure-chat-probe=1; domain=${domain}; path=/; samesite=lax`;
  document.cookie = probe;
  const taken = document.cookie.includes('secure-chat-probe=1');
  document.cookie = `${probe}; max-age=0`;
  return taken;
}

/** Is this page in a frame of another origin? Cookies of the gateway are a third party's there, whatever its site. */
export function isFramedByStranger(): boolean {
  try {
    return top?.location.origin !== location.origin;
  } catch {
    return true;
  }
}
