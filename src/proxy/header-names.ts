/** What becomes of a header, by its name alone. */
export type Fate =
  | 'pass'
  /** Passes even when `Connection` nominates it: without it the body would be read as something else. */
  | 'keep'
  | 'drop'
  | 'connection'
  | 'content-length'
  | 'transfer-encoding'
  | 'cookie'
  | 'set-cookie'
  | 'clear-site-data'
  | 'location'
  /** Says which other origin may read an answer. */
  | 'sharing'
  /** Says how long an answer may be stored, and by whom. */
  | 'storage';

/**
 * One rule about names. The first one with an opinion decides.
 * @param exact the name in lower case
 * @param folded the same with every character outside `a-z 0-9` as `-`, as CGI and its kin read names: a rule that drops
 * looks at this one, so that no other spelling gets past it
 */
export type NamePass = (exact: string, folded: string) => Fate | undefined;

/** The fate of a header's name. Remembers what it has decided, for names repeat from request to request. */
export type NameTable = (name: string) => Fate;

/** Names remembered, and their length: a client that invents names must not fill the memory. */
const REMEMBERED_NAMES = 1024;
const REMEMBERED_LENGTH = 64;

/** Joins rules into one look-up. */
export function createNameTable(passes: readonly NamePass[]): NameTable {
  const known = new Map<string, Fate>();
  return (name) => {
    const remembered = known.get(name);
    if (remembered !== undefined) return remembered;
    const fate = decide(passes, name);
    if (name.length <= REMEMBERED_LENGTH) {
      if (known.size >= REMEMBERED_NAMES) known.clear();
      known.set(name, fate);
    }
    return fate;
  };
}

function decide(passes: readonly NamePass[], name: string): Fate {
  const exact = name.toLowerCase();
  const folded = exact.replace(/[^a-z0-9]/g, '-');
  for (const pass of passes) {
    const fate = pass(exact, folded);
    if (fate !== undefined) return fate;
  }
  return 'pass';
}

const HOP_BY_HOP = new Set([
  'connection',
  'content-length',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The client's address, under every name that a proxy or a content network has given it. */
const ADDRESS_CLAIMS = new Set([
  'cf-connecting-ip',
  'cf-connecting-ipv6',
  'cf-pseudo-ipv4',
  'client-ip',
  'fastly-client-ip',
  'fly-client-ip',
  'remote-addr',
  'true-client-ip',
  'x-appengine-user-ip',
  'x-azure-clientip',
  'x-azure-socketip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-envoy-external-address',
  'x-originating-ip',
  'x-proxyuser-ip',
  'x-real-ip',
  'x-real-port',
  'x-remote-addr',
  'x-remote-ip',
]);

/** Another address, method, scheme or host than the one in the request line. */
const TARGET_CLAIMS = new Set([
  'front-end-https',
  'x-envoy-original-path',
  'x-forwarded',
  'x-host',
  'x-http-method',
  'x-http-method-override',
  'x-method',
  'x-method-override',
  'x-proto',
  'x-scheme',
  'x-unencoded-url',
  'x-url-scheme',
  'x-waws-unencoded-url',
  // httpoxy, CVE-2016-5385: CGI makes an outgoing proxy of it
  'proxy',
]);

/** `Connection`, whose tokens nominate further headers (RFC 9110, 7.6.1). */
export const connectionPass: NamePass = (exact) => (exact === 'connection' ? 'connection' : undefined);

/** Framing is read, checked and written anew; it is never copied (GHSA-ggv3-7p47-pfv8). */
export const framingPass: NamePass = (exact) =>
  exact === 'content-length' || exact === 'transfer-encoding' ? exact : undefined;

/** Hop-by-hop headers of RFC 9110, 7.6.1, and other spellings of framing. */
export const hopByHopPass: NamePass = (_exact, folded) => (HOP_BY_HOP.has(folded) ? 'drop' : undefined);

/** What a body is. The gateway and the upstream must not read it as two different things. */
export const representationPass: NamePass = (exact, folded) => {
  if (folded !== 'content-type' && folded !== 'content-encoding') return undefined;
  return exact === folded ? 'keep' : 'drop';
};

/** The wall around identity headers: names that fold to the prefix. */
export function wallPass(folds: (name: string) => boolean): NamePass {
  return (exact) => (folds(exact) ? 'drop' : undefined);
}

/** Headers that some servers believe more than the request line or the socket. */
export const overridePass: NamePass = (_exact, folded) =>
  ADDRESS_CLAIMS.has(folded) ||
  TARGET_CLAIMS.has(folded) ||
  folded.startsWith('x-original-') ||
  folded.startsWith('x-rewrite-')
    ? 'drop'
    : undefined;

/** `Forwarded` (RFC 7239) and the whole `X-Forwarded-` family: the gateway writes its own. */
export const forwardedPass: NamePass = (_exact, folded) =>
  folded === 'forwarded' || folded.startsWith('x-forwarded-') ? 'drop' : undefined;

/** `Host` is the upstream's; `Expect` is answered by the gateway. */
export const ownPass: NamePass = (exact) => (exact === 'host' || exact === 'expect' ? 'drop' : undefined);

/** Cookies of a request are looked into. */
export const cookiePass: NamePass = (exact) => (exact === 'cookie' ? 'cookie' : undefined);

/** Members of an answer that are looked into. */
export const responsePass: NamePass = (exact) => {
  if (exact === 'set-cookie' || exact === 'clear-site-data' || exact === 'location') return exact;
  if (exact === 'access-control-allow-origin' || exact === 'access-control-allow-credentials')
    return 'sharing';
  // speaks of the upstream's own port, where there is no gateway (RFC 7838)
  if (exact === 'alt-svc') return 'drop';
  return undefined;
};

const STORAGE = new Set([
  'cache-control',
  'expires',
  'pragma',
  'surrogate-control',
  'edge-control',
  'x-accel-expires',
  'x-litespeed-cache-control',
]);

/**
 * Headers that a secure answer replaces by `Cache-Control: no-store`: those of RFC 9111, the targeted kind of RFC 9213, and
 * what Akamai, nginx, LiteSpeed and Varnish read before them.
 */
export const storagePass: NamePass = (exact) =>
  STORAGE.has(exact) || exact.endsWith('cdn-cache-control') ? 'storage' : undefined;
