import type { Path, Report } from './problems.ts';

/** Where an address may lead. */
export interface AddressRules {
  /** Plain http to any host; otherwise to this machine only. Default: false. */
  readonly httpAnywhere?: boolean;
  /** A query may stand in it (RFC 6749 section 3.1 allows one in an endpoint). Default: false. */
  readonly query?: boolean;
}

/** True for the hosts of this machine: `localhost`, `*.localhost`, 127.0.0.0/8, `[::1]`. Takes `URL.hostname`. */
export function isLoopbackHost(hostname: string): boolean {
  return /^(?:(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

/**
 * Reads an absolute http or https address without credentials and fragment. Reports what is wrong and returns undefined
 * then, and for undefined.
 */
export function readAddress(
  value: string | undefined,
  path: Path,
  report: Report,
  rules: AddressRules = {},
): URL | undefined {
  if (value === undefined) return undefined;
  const flaw = addressFlaw(value, rules);
  if (flaw === undefined) return new URL(value);
  report.problem(path, flaw.expected, flaw.hint);
  return undefined;
}

/** Path of an address without trailing slashes; empty at the root. */
export function basePath(url: URL): string {
  return url.pathname.replace(/\/+$/, '');
}

interface Flaw {
  readonly expected: string;
  readonly hint?: string;
}

function addressFlaw(value: string, rules: AddressRules): Flaw | undefined {
  const expected =
    rules.httpAnywhere === true ? 'an absolute http or https address' : 'an absolute https address';
  // The URL parser repairs blanks, backslashes and missing slashes; what it would repair is refused.
  if (!/^https?:\/\/[^/?#\\]/i.test(value) || /[\s\\]/.test(value) || !URL.canParse(value))
    return { expected };
  if (/^[^/]*\/\/[^/?#]*@/.test(value)) return { expected: `${expected} without user and password` };
  if (value.includes('#')) return { expected: `${expected} without a fragment` };
  if (value.includes('?') && rules.query !== true) return { expected: `${expected} without a query` };
  const url = new URL(value);
  if (url.protocol === 'http:' && rules.httpAnywhere !== true && !isLoopbackHost(url.hostname)) {
    return { expected, hint: 'plain http is taken for localhost, 127.0.0.0/8 and [::1] only' };
  }
  return undefined;
}
