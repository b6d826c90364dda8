import proxyaddr from 'proxy-addr';
import { basePath, readAddress } from './addresses.ts';
import { DEFAULTS } from './defaults.ts';
import type { GatewayConfig, UpstreamConfig } from './gateway-config.ts';
import { listParts } from './option-kinds.ts';
import type { GatewayOptions } from './options.ts';
import { MISSING, type Path, type Report } from './problems.ts';
import type { Sifted } from './shape.ts';

type Options = Sifted<GatewayOptions>;

/** The gateway's own address and what follows from it. */
export type PublicAddress = Pick<
  GatewayConfig,
  'publicUrl' | 'publicOrigin' | 'publicPath' | 'secureCookies'
>;

/** `publicUrl` taken apart; outside production a loopback address stands in for a missing one. */
export function readPublicUrl(options: Options, production: boolean, report: Report): PublicAddress {
  const isWritten = Object.hasOwn(options, 'publicUrl');
  const fallback = `http://localhost:${options.port ?? DEFAULTS.port}`;
  if (!isWritten && production) {
    report.problem(['publicUrl'], "the gateway's own https address", MISSING);
  } else if (!isWritten) report.warn(`publicUrl is not set: ${fallback} is used`);
  const url = readAddress(options.publicUrl, ['publicUrl'], report) ?? new URL(fallback);
  const publicPath = basePath(url);
  if (!/^(?:\/[A-Za-z0-9._~-]*[A-Za-z0-9_~-])*$/.test(publicPath)) {
    report.problem(['publicUrl'], 'a path of plain segments: letters, digits, "-", "_", "." and "~"');
  }
  return {
    publicUrl: url.origin + publicPath,
    publicOrigin: url.origin,
    publicPath,
    secureCookies: url.protocol === 'https:',
  };
}

/** The upstream, or undefined when none is written. */
export function readUpstream(
  options: Options,
  required: boolean,
  report: Report,
): UpstreamConfig | undefined {
  const isWritten = Object.hasOwn(options, 'upstream');
  if (!isWritten && required) report.problem(['upstream'], 'the address of the chat server', MISSING);
  const { upstream } = options;
  if (upstream === undefined) return undefined;
  const isText = typeof upstream === 'string';
  const path: Path = isText ? ['upstream'] : ['upstream', 'url'];
  const url = readAddress(isText ? upstream : upstream.url, path, report, { httpAnywhere: true });
  if (url === undefined) return undefined;
  const timeouts = isText ? {} : upstream;
  return {
    origin: url.origin,
    basePath: basePath(url),
    timeoutMs: timeouts.timeoutMs ?? DEFAULTS.upstream.timeoutMs,
    idleTimeoutMs: timeouts.idleTimeoutMs ?? DEFAULTS.upstream.idleTimeoutMs,
  };
}

/** Redis, or undefined for state in memory, which production refuses. */
export function readRedis(options: Options, production: boolean, report: Report): GatewayConfig['redis'] {
  const tlsRejectUnauthorized = options.redisTlsRejectUnauthorized ?? DEFAULTS.redisTlsRejectUnauthorized;
  if (!tlsRejectUnauthorized)
    report.warn('redisTlsRejectUnauthorized is false: the certificate of Redis is not verified');
  const url = options.redisUrl;
  if (url === undefined) {
    const isWritten = Object.hasOwn(options, 'redisUrl');
    if (isWritten) return undefined;
    if (production)
      report.problem(['redisUrl'], 'Redis, since state in memory is refused in production', MISSING);
    else report.warn('redisUrl is not set: state is kept in memory, for one process, and ends with it');
    return undefined;
  }
  if (!isRedisAddress(url)) {
    report.problem(
      ['redisUrl'],
      'an address like redis://host:6379 or rediss://user:password@host:6380/0, without parameters',
    );
  }
  return { url, tlsRejectUnauthorized };
}

function isRedisAddress(text: string): boolean {
  if (!/^rediss?:\/\/[^/?#\s]/i.test(text) || /%(?![0-9a-f]{2})/i.test(text) || !URL.canParse(text))
    return false;
  const { hostname, pathname } = new URL(text);
  return hostname !== '' && /^\/?\d{0,4}$/.test(pathname) && !/[?#]/.test(text);
}

const TRUST_HINT = 'name a hop count (1 on Heroku) or the addresses of your proxies';

/** Hop count or addresses as Express' `trust proxy` takes them; undefined trusts nobody. */
export function readTrustProxy(written: Options['trustProxy'], report: Report): GatewayConfig['trustProxy'] {
  const path = ['trustProxy'];
  const hops = typeof written === 'string' && /^\s*\d+\s*$/.test(written) ? Number(written) : written;
  if (typeof hops === 'number') {
    if (hops > 32) report.problem(path, 'a number of hops of at most 32');
    return hops === 0 ? undefined : hops;
  }
  const parts = listParts(hops, ',');
  for (const part of parts) {
    if (/^(?:true|yes|all|any|\*)$/i.test(part)) {
      report.problem(path, 'known proxies; to trust everybody is not offered', TRUST_HINT);
    } else if (!isProxyAddress(part))
      report.problem(path, 'addresses, subnets, loopback, linklocal or uniquelocal', TRUST_HINT);
  }
  return parts.length === 0 ? undefined : parts;
}

function isProxyAddress(part: string): boolean {
  // The parser refuses subnets of length 0 by itself. Long forms such as "1" are addresses to the parser (0.0.0.1), and a forgotten hop count to everybody else.
  if (!/^(?:loopback|linklocal|uniquelocal)$/.test(part) && !/[.:]/.test(part)) return false;
  try {
    proxyaddr.compile(part);
    return true;
  } catch {
    return false;
  }
}
