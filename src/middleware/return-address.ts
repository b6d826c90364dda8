/** The two parameters with which a login comes back to the page that started it. */
const OUTCOME_PARAMETER = /^(?:authCode|authError)(?:=|$)/i;

/**
 * `address` with `name=value` as the only outcome in its query. Every other byte stays as the page wrote it, which
 * `URLSearchParams` would not promise.
 */
export function withOutcome(address: string, name: 'authCode' | 'authError', value: string): string {
  const { path, query, fragment } = split(withoutOutcome(address));
  const parameter = `${name}=${encodeURIComponent(value)}`;
  return `${path}?${query === undefined || query === '' ? '' : `${query}&`}${parameter}${fragment}`;
}

/** `address` without `authCode` and `authError`; untouched when it carries neither. */
export function withoutOutcome(address: string): string {
  const { path, query, fragment } = split(address);
  if (query === undefined) return address;
  const parts = query.split('&');
  const kept = parts.filter((part) => !OUTCOME_PARAMETER.test(part));
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

function split(address: string): { path: string; query: string | undefined; fragment: string } {
  const hash = address.indexOf('#');
  const fragment = hash === -1 ? '' : address.slice(hash);
  const rest = hash === -1 ? address : address.slice(0, hash);
  const mark = rest.indexOf('?');
  return mark === -1
    ? { path: rest, query: undefined, fragment }
    : { path: rest.slice(0, mark), query: rest.slice(mark + 1), fragment };
}
