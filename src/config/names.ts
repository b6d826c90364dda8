import { DEFAULTS } from './defaults.ts';
import type { Path, Report } from './problems.ts';

/** Headers that requests cannot do without: a prefix that takes one of them along would strip it. */
const ORDINARY_HEADERS = [
  'accept-encoding',
  'access-control-request-method',
  'authorization',
  'cache-control',
  'connection',
  'content-length',
  'content-type',
  'cookie',
  'expect',
  'forwarded',
  'host',
  'if-none-match',
  'keep-alive',
  'origin',
  'proxy-connection',
  'range',
  'referer',
  'sec-fetch-mode',
  'sec-websocket-key',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'via',
  'x-csrf-token',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-real-ip',
  'x-request-id',
  'x-requested-with',
];

/** `headerPrefix`: the start of a header name (RFC 9110 section 5.1), ending in `-`, that no ordinary header has. */
export function readHeaderPrefix(written: string | undefined, report: Report): string {
  const prefix = written ?? DEFAULTS.headerPrefix;
  const path: Path = ['headerPrefix'];
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+-$/.test(prefix) || !/[A-Za-z]/.test(prefix)) {
    report.problem(path, 'the start of a header name with at least one letter and "-" at its end');
  } else if (ORDINARY_HEADERS.some((name) => name.startsWith(fold(prefix)))) {
    report.problem(
      path,
      'a prefix that no ordinary request header has',
      'every header below it is stripped from requests',
    );
  }
  return prefix;
}

/** `routePrefix`: plain segments, so that it has one spelling. */
export function readRoutePrefix(written: string | undefined, report: Report): string {
  const prefix = written ?? DEFAULTS.routePrefix;
  if (!/^(?:\/[A-Za-z0-9_-]+)+$/.test(prefix)) {
    report.problem(
      ['routePrefix'],
      'a path like /secure-chat: starts with "/", no "/" at the end, segments of letters, digits, "-" and "_"',
    );
  }
  return prefix;
}

/** One for one, as the identity headers are folded when they are stripped. */
function fold(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '-');
}
