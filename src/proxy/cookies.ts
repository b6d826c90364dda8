/** True for a cookie that belongs to the gateway; its value is known of those that a client sends. */
export type OwnCookies = (name: string, value?: string) => boolean;

/**
 * A `Cookie` line without the gateway's own cookies. Every other cookie, their order, blanks and odd forms stay byte for
 * byte (RFC 6265, 5.4 joins with `;` and knows no quoting of it).
 * @returns undefined when nothing is left
 */
export function withoutOwnCookies(line: string, own: OwnCookies): string | undefined {
  const pairs = line.split(';');
  const kept = pairs.filter((pair) => !own(cookieName(pair), pair.slice(pair.indexOf('=') + 1)));
  if (kept.length === pairs.length) return line;
  const rest = kept.join(';');
  // the blank behind a removed first pair would stand at the start of the line
  const trimmed = kept[0] === pairs[0] ? rest : rest.replace(/^[ \t]+/, '');
  return trimmed === '' ? undefined : trimmed;
}

/** True when this `Set-Cookie` would write one of the gateway's own cookies. */
export function setsOwnCookie(value: string, own: OwnCookies): boolean {
  // a cookie without a name, `=own=value`, comes back from a browser as `own=value`
  const pair = (value.split(';', 1)[0] ?? '').replace(/^[\s=]+/, '');
  return own(cookieName(pair));
}

function cookieName(pair: string): string {
  const end = pair.indexOf('=');
  return (end === -1 ? pair : pair.slice(0, end)).trim();
}
