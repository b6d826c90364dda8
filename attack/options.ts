import { parseArgs } from 'node:util';
import type { Facts } from './facts.ts';
import { isLoopback } from './loopback.ts';
import { CLASSES } from './registry.ts';
import { UsageError } from './usage-error.ts';

/** What the command line says. */
export interface AttackOptions {
  /** Which target is started here; undefined when `--target` names one that runs. */
  readonly start: 'gateway' | 'peer' | undefined;
  /** Keeps the started target running for requests by hand instead of attacking it. */
  readonly serve: boolean;
  /** Everything of the target but what preflight finds out. */
  readonly facts: Facts;
  /** Ids of classes; empty for all. */
  readonly classes: readonly string[];
  readonly runs: number;
  readonly seed: number;
  readonly json: boolean;
}

/** How to call the program. */
export const USAGE = `npm run attack -- --target URL --upstream-port N [options]
npm run attack -- --self | --peer | --demo   starts this gateway, the usual stack, or both in turn

  --target URL            an identity proxy on loopback
  --upstream-port N       where that proxy finds its upstream; this program listens there
  --prefix NAME           start of identity headers (X-Secure-Chat-)
  --secure-path PATH      needs a verified person (/queues/q_bank/messages)
  --open-path PATH        anybody may ask for it (/queues/q_open)
  --cookie TEXT           Cookie header of a logged-in session
  --expect-header LINE    'Name: value' that the upstream has to get with it; may be repeated
  --secure-query PAIR     name=value that names the secure queue on any path
  --callback-path PATH    where the provider sends the browser back
  --login-path PATH       starts a login; with --return-parameter NAME (returnTo)
  --classes LIST          a4,c8 (all)
  --runs N                attacks of each class (100)
  --seed N                the same again
  --json                  results as JSON
  --serve                 with --self or --peer: keep it running for requests by hand`;

const TEXT = { type: 'string' } as const;
const FLAG = { type: 'boolean', default: false } as const;
const OPTIONS = {
  target: TEXT,
  'upstream-port': TEXT,
  prefix: { type: 'string', default: 'X-Secure-Chat-' },
  'secure-path': { type: 'string', default: '/queues/q_bank/messages' },
  'open-path': { type: 'string', default: '/queues/q_open' },
  cookie: TEXT,
  'expect-header': { type: 'string', multiple: true },
  'secure-query': TEXT,
  'callback-path': TEXT,
  'login-path': TEXT,
  'return-parameter': { type: 'string', default: 'returnTo' },
  classes: { type: 'string', default: '' },
  runs: { type: 'string', default: '100' },
  seed: TEXT,
  json: FLAG,
  self: FLAG,
  peer: FLAG,
  serve: FLAG,
} as const;

/** @throws UsageError */
export function readOptions(args: readonly string[]): AttackOptions {
  const values = parse(args);
  const start = values.self ? 'gateway' : values.peer ? 'peer' : undefined;
  if (start !== undefined && values.target !== undefined)
    throw new UsageError('--self and --peer start a target of their own: leave --target out.');
  if (start === undefined && values.target === undefined) throw new UsageError(USAGE);
  const url = targetOf(values.target ?? 'http://127.0.0.1:1');
  if (start === undefined && values['upstream-port'] === undefined)
    throw new UsageError('--upstream-port is missing: the port that the target proxies to.');
  return {
    start,
    serve: values.serve,
    facts: {
      hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(url.port || '80'),
      origin: url.origin,
      upstreamPort: wholeNumber('--upstream-port', values['upstream-port'] ?? '0'),
      prefix: prefixOf(values.prefix),
      securePath: pathOf('--secure-path', values['secure-path'], url),
      openPath: pathOf('--open-path', values['open-path'], url),
      cookie: values.cookie,
      expected: (values['expect-header'] ?? []).map(headerOf),
      secureQuery: values['secure-query'],
      callbackPath: values['callback-path'] && pathOf('--callback-path', values['callback-path'], url),
      loginPath: values['login-path'] && pathOf('--login-path', values['login-path'], url),
      returnParameter: values['return-parameter'],
      upgrades: false,
    },
    classes: classesOf(values.classes),
    runs: wholeNumber('--runs', values.runs),
    seed: wholeNumber('--seed', values.seed ?? String(Math.floor(Math.random() * 2 ** 31))),
    json: values.json,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function targetOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:') throw new UsageError('--target is an http address on loopback.');
  if (!isLoopback(url.hostname))
    throw new UsageError(
      `${url.hostname} is not on loopback. This program attacks what runs on this machine and nothing else.`,
    );
  return url;
}

function pathOf(name: string, text: string, { origin }: URL): string {
  if (text.startsWith('/') && URL.canParse(text, origin) && new URL(text, origin).origin === origin)
    return text;
  throw new UsageError(`${name} is a path on the target, such as /queues/q_bank.`);
}

/** A prefix of no letter or digit would make an identity header of every other one. */
function prefixOf(text: string): string {
  if (/^[\w!#$%&'*+.^`|~-]+$/.test(text) && /[A-Za-z0-9]/.test(text)) return text;
  throw new UsageError("--prefix is the start of a header's name, such as X-Secure-Chat-.");
}

function headerOf(line: string): [string, string] {
  const at = line.indexOf(':');
  if (at < 1) throw new UsageError("--expect-header is 'Name: value'.");
  return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
}

function classesOf(list: string): string[] {
  const wanted = list.split(',').map((id) => id.trim().toLowerCase());
  const ids = wanted.filter((id) => id !== '').map((id) => /^[a-z]\d+/.exec(id)?.[0] ?? id);
  const unknown = ids.find((id) => !CLASSES.some((known) => known.id === id));
  if (unknown === undefined) return ids;
  throw new UsageError(`There is no class ${unknown}: ${CLASSES.map(({ id }) => id).join(' ')}.`);
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new UsageError(`${name} is a whole number.`);
  return Number(text);
}
