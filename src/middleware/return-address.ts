/** The two parameters with which a login comes back to the page that started it, in lower case. */
const OUTCOMES: ReadonlySet<string> = new Set(['authcode', 'autherror']);

/**
 * `address` with `name=value` as the only outcome in its query. Every other byte stays as the page wrote it, which
 * `URLSearchParams` would not promise.
 */
export function withOutcome(address: string, name: 'authCode' | 'authError', value: string): string {
  const { path, query, fragment } = split(withoutOutcome(address));
  const parameter = `${name}=${encodeURIComponent(value)}`;
  return `${path}?${query === undefined || query === '' ? '' : `${query}&`}${parameter}${fragment}`;
}

/**
 * `address` without `authCode` and `authError`, in whatever spelling a page would read as one of them: an outcome that an
 * address brought along must not stand before the login's own. Untouched when it carries neither.
 */
export function withoutOutcome(address: string): string {
  const { path, query, fragment } = split(address);
  if (query === undefined) return address;
  const parts = query.split('&');
  const kept = parts.filter((part) => !isOutcome(part));
  if (kept.length === parts.length) return address;
  return `${path}${kept.length === 0 ? '' : `?${kept.join('&')}`}${fragment}`;
}

/** The outcome that a query string carries, if any. */
export function outcomeOf(query: string): { authCode: string | undefined; authError: string | undefined } {
  if (!query.includes('auth')) return { authCode: undefined, authError: undefined };
  const parameters = new URLSearchParams(query);
  return {
    authCode: parameters.get('authCode') ?? undefined,
    authError: parameters.get('authError') ?? undefined,
  };
}

/** Encoded letters, other case, outer blanks, `[]` and what follows a NUL make no other name for a lenient reader. */
function isOutcome(part: string): boolean {
  const [name = ''] = new URLSearchParams(`&${part}`).keys();
  return OUTCOMES.has(
    name
      .replace(/[[\0].*$/s, '')
      .trim()
      .toLowerCase(),
  );
}

function split(address: string): { path: string; query: string | undefined; fragment: string } {
  const hash = address.indexOf('#');
  const fragment = hash === -1 ? '' : address.slice(hash);
  const rest = hash === -1 ? address : address.slice(0, hash);
  const mark = rest.indexOf('?');
  return mark === -1
    ? { path: rest, query: undefined, fragment }
    : { path: rest.slice(0, mark), query: rest.slice(mark + 1), fragment };
}
