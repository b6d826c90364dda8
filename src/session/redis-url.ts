import { isIP } from 'node:net';

/** Where a Redis server is and who asks, as ioredis takes it. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  readonly db: number;
  readonly tls?: { readonly rejectUnauthorized: boolean; readonly servername?: string };
}

/**
 * Reads `redis://` or, with TLS, `rediss://[user[:password]]@host[:port][/db]`. Read here and not by ioredis, whose
 * query parameters override the client's options and whose TLS switch depends on the case of the scheme.
 *
 * @param tlsRejectUnauthorized False accepts a certificate that no known authority signed, for this one connection.
 * @throws TypeError for any other address; the sentence never holds the address, which holds a password.
 */
export function parseRedisUrl(url: string, tlsRejectUnauthorized: boolean): RedisAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^rediss?:$/.test(parsed.protocol) || parsed.hostname === '') {
    throw new TypeError(
      'the address of Redis has the form redis://host:port or, with TLS, rediss://host:port',
    );
  }
  if (parsed.search !== '' || parsed.hash !== '') {
    throw new TypeError('the address of Redis takes no parameters: leave out what stands behind ? or #');
  }
  const host = decodeURIComponent(parsed.hostname.replace(/^\[(.*)\]$/, '$1'));
  return {
    host,
    port: parsed.port === '' ? 6379 : Number(parsed.port),
    ...(parsed.username !== '' && { username: decodeURIComponent(parsed.username) }),
    ...(parsed.password !== '' && { password: decodeURIComponent(parsed.password) }),
    db: database(parsed.pathname),
    ...(parsed.protocol === 'rediss:' && { tls: tlsOptions(host, tlsRejectUnauthorized) }),
  };
}

function database(pathname: string): number {
  const match = /^\/?(\d{0,4})$/.exec(pathname);
  if (!match) throw new TypeError('the path of the address of Redis is the number of a database, such as /0');
  return Number(match[1]);
}

function tlsOptions(host: string, rejectUnauthorized: boolean) {
  // server name indication takes names only (RFC 6066, section 3)
  return isIP(host) === 0 ? { rejectUnauthorized, servername: host } : { rejectUnauthorized };
}
