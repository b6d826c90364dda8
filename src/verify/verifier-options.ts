import { fetchKeySet } from './fetch-key-set.ts';
import { createFixedKeys, createRemoteKeys, type FindKey } from './key-set.ts';
import { checkPrefix } from './request-headers.ts';

/** What the assertion of one request has to be for. What is left out is as `createVerifier` says. */
export interface Expectations {
  /** The queue of the request, or several of which any will do, as the gateway's configuration spells them. */
  readonly audience?: string | readonly string[];
  /** `customerKey`. Needed beside `audience` where two customers have queues of the same name. */
  readonly customer?: string;
  /** Name of the connection that must have verified the person. */
  readonly connection?: string;
}

/** Options of `createVerifier`. */
export interface VerifierOptions extends Omit<Expectations, 'audience'> {
  /** `publicUrl` of the gateway. Mandatory. */
  readonly issuer: string;
  /**
   * The queue that this server serves, or several of which any will do, as the gateway's configuration spells them; or
   * null, and then every call has to name its own. Mandatory.
   */
  readonly audience: string | readonly string[] | null;
  /** Where the gateway publishes its keys: https, or http on loopback. Default: `<issuer>/secure-chat/jwks.json`. */
  readonly jwksUri?: string | URL;
  /** The key set itself, instead of `jwksUri`. Does not follow the gateway's rotation. */
  readonly jwks?: { readonly keys: readonly object[] };
  /** Takes a `jwksUri` of plain http on another host: whoever can answer in its place is the gateway. Default: false. */
  readonly dangerouslyAllowPlainHttpKeys?: boolean;
  /** How far the clocks of the gateway and of this server may be apart. 0 to 60. Default: 5. */
  readonly clockToleranceSeconds?: number;
  /** As the gateway is configured. Default: `X-Secure-Chat-`. */
  readonly headerPrefix?: string;
  /** For one read of the key set, in milliseconds. Default: 5000. */
  readonly timeoutMs?: number;
  /** A key set this old is read again, in milliseconds. Default: 600000, ten minutes. */
  readonly cacheMs?: number;
  /** Pause between two reads that an unknown `kid` or a failed read causes, in milliseconds. Default: 30000. */
  readonly cooldownMs?: number;
  /**
   * For this long after its reading a key set serves while it cannot be read again, in milliseconds; at least `cacheMs`.
   * Default: a day.
   */
  readonly staleMs?: number;
  /** For a proxy or a private certificate authority. Default: the global `fetch`. */
  readonly fetch?: typeof fetch;
  /** Clock in milliseconds since 1970. Default: `Date.now`. */
  readonly now?: () => number;
}

/** Options that have been checked. */
export interface VerifierSettings {
  readonly issuer: string;
  /** Undefined when every call names its own. */
  readonly audiences: readonly string[] | undefined;
  readonly customer: string | undefined;
  readonly connection: string | undefined;
  readonly clockToleranceSeconds: number;
  readonly headerPrefix: string;
  readonly findKey: FindKey;
  readonly now: () => number;
}

const DAY_MS = 86_400_000;

const EXPECTATIONS: readonly (keyof Expectations)[] = ['audience', 'customer', 'connection'];
const OPTIONS: readonly (keyof VerifierOptions)[] = [
  ...EXPECTATIONS,
  'issuer',
  'jwksUri',
  'jwks',
  'dangerouslyAllowPlainHttpKeys',
  'clockToleranceSeconds',
  'headerPrefix',
  'timeoutMs',
  'cacheMs',
  'cooldownMs',
  'staleMs',
  'fetch',
  'now',
];

/**
 * Checks the options.
 *
 * @throws TypeError with a sentence for each that is missing or of no use
 */
export function readOptions(options: VerifierOptions): VerifierSettings {
  refuseUnknown(options, OPTIONS, 'an option of createVerifier');
  // from JavaScript it may be anything
  const { issuer, audience }: { issuer?: unknown; audience?: unknown } = options;
  if (audience === undefined)
    throw new TypeError(
      'audience is mandatory: the queue that this server serves, or null when each call names its own.',
    );
  const { now = Date.now, headerPrefix = 'X-Secure-Chat-' } = options;
  const settings = {
    issuer: readIssuer(issuer),
    audiences: audience === null ? undefined : readAudiences(audience),
    customer: optionalName(options, 'customer'),
    connection: optionalName(options, 'connection'),
    clockToleranceSeconds: amount('clockToleranceSeconds', options.clockToleranceSeconds ?? 5, 0, 60),
    headerPrefix: checkPrefix(headerPrefix),
    now,
  };
  return { ...settings, findKey: keysFor(settings.issuer, options) };
}

/**
 * What one call expects, over what the verifier expects. A member that is there but has no value is a mistake of the
 * program, which must not widen what is taken.
 */
export function readExpectations(
  expectations: Expectations,
  settings: VerifierSettings,
): Pick<VerifierSettings, 'customer' | 'connection'> & { readonly audiences: readonly string[] } {
  refuseUnknown(expectations, EXPECTATIONS, 'an expectation');
  const audiences = 'audience' in expectations ? readAudiences(expectations.audience) : settings.audiences;
  if (audiences === undefined)
    throw new TypeError('audience is mandatory: this verifier leaves it to each call to name its queue.');
  return {
    audiences,
    customer: optionalName(expectations, 'customer') ?? settings.customer,
    connection: optionalName(expectations, 'connection') ?? settings.connection,
  };
}

/** A misspelt expectation would otherwise be one that nobody checks. */
function refuseUnknown(given: object, known: readonly string[], what: string): void {
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new TypeError(`${unknown} is not ${what}; known are ${known.join(', ')}.`);
}

function readIssuer(value: unknown): string {
  if (
    typeof value !== 'string' ||
    !/^https?:\/\/[^/?#\\@\s]+(?:\/[^?#\\\s]*)?$/i.test(value) ||
    !URL.canParse(value)
  )
    throw new TypeError("issuer is mandatory: the gateway's publicUrl, an absolute https address.");
  const { origin, pathname } = new URL(value);
  // as the gateway writes its publicUrl
  return origin + pathname.replace(/\/+$/, '');
}

function readAudiences(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > 0 && list.every(isName)) return [...list];
  throw new TypeError('audience is the key of a queue, or a list of them.');
}

function optionalName(options: Expectations | VerifierOptions, name: 'customer' | 'connection') {
  if (!(name in options)) return undefined;
  const value = options[name];
  if (!isName(value)) throw new TypeError(`${name} is a text, where it is given.`);
  return value;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function amount(name: string, value: number, least: number, most: number): number {
  if (Number.isFinite(value) && value >= least && value <= most) return value;
  throw new TypeError(`${name} is a number from ${least} to ${most}.`);
}

function keysFor(issuer: string, options: VerifierOptions): FindKey {
  const {
    jwks,
    jwksUri,
    timeoutMs = 5000,
    cacheMs = 600_000,
    cooldownMs = 30_000,
    staleMs = DAY_MS,
  } = options;
  if (jwks !== undefined) {
    if (jwksUri !== undefined) throw new TypeError('jwks and jwksUri exclude each other.');
    return createFixedKeys(jwks);
  }
  const source = {
    url: readJwksUri(jwksUri ?? `${issuer}/secure-chat/jwks.json`, options),
    timeoutMs: amount('timeoutMs', timeoutMs, 1, 600_000),
    fetch: options.fetch ?? fetch,
  };
  const times = {
    cacheMs: amount('cacheMs', cacheMs, 0, DAY_MS),
    cooldownMs: amount('cooldownMs', cooldownMs, 0, DAY_MS),
    staleMs: amount('staleMs', staleMs, 0, 30 * DAY_MS),
  };
  if (staleMs < cacheMs)
    throw new TypeError('staleMs is at least cacheMs: a set that is not read again yet has to serve.');
  return createRemoteKeys(() => fetchKeySet(source), times);
}

function readJwksUri(value: string | URL, { dangerouslyAllowPlainHttpKeys }: VerifierOptions): URL {
  if (!URL.canParse(String(value))) throw new TypeError('jwksUri is an absolute https address.');
  const url = new URL(value);
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    throw new TypeError('jwksUri is an address without user, password and fragment.');
  const isPlain = url.protocol === 'http:';
  if (url.protocol !== 'https:' && !isPlain) throw new TypeError('jwksUri is an absolute https address.');
  if (isPlain && !isLoopback(url.hostname) && dangerouslyAllowPlainHttpKeys !== true)
    throw new TypeError(
      'jwksUri is https, or http on loopback: over plain http anybody on the way could hand out keys.',
    );
  return url;
}

function isLoopback(hostname: string): boolean {
  // not its subdomains, which some resolvers ask the network for
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}
