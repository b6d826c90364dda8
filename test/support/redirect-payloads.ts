import fc from 'fast-check';
import { anyCodePoint } from './any-code-point.ts';

/** The places that payloads are built around. */
export interface RedirectPlaces {
  /** Host (and port) where returns are welcome. */
  readonly good: string;
  /** A host that is on no list. */
  readonly evil: string;
}

/** What stands before the slashes: nothing, a scheme in any dress, or one that runs or shows what it is given. */
const SCHEMES = [
  '', 'https:', 'http:', 'HtTpS:', 'ht\ttps:', '\u0001https:', ' https:', '\ufeffhttps:', 'https\u00a0:', 'https\uff1a', '%68ttps:',
  'https%3a', 'javascript:', 'JaVa\nScRiPt:', '\u0000javascript:', 'vbscript:', 'data:text/html,', 'blob:https:', 'view-source:https:',
  'file:', 'ftp:', 'ws:', 'wss:', 'about:', 'mailto:', 'intent:', 'x:', ':', 'url=https:', 'filesystem:http:', 'jar:https:', 'feed:https:',
]; // prettier-ignore

/** Slashes, what readers take for them, and what makes some of them disappear. */
const SLASHES = [
  '', '/', '//', '///', '////', '\\', '\\\\', '/\\', '\\/', '/\\/', '//\\', '\\\\\\', '/\t/', '/\n/', '/\r\n/', '/ /', '\t//', ' //', '/\u0000/',
  '/%09/', '/%0a/', '/%0d%0a/', '/%00/', '/%20/', '/%2f', '/%2F/', '%2f%2f', '/%5c', '%5c%5c', '/%252f', '/%255c', '/%c0%af', '/%e2%80%8b/',
  '/./', '/.//', '/..//', '/../..//', '/x/..//', '/%2e//', '/%2e%2e//', '/;/', '/;//', '/.;//', '/?/', '/#/', '\u2044\u2044', '\u2215\u2215',
  '\uff0f\uff0f', '\uff3c\uff3c', '/\uff0f', '/\u00a0/', '/\u200b/', '/\u00ad/', '/\u2028/', '/\u202e/', '/\ud800/', '\u3000//', '\u180e//',
]; // prettier-ignore

/** The authority: userinfo, look-alike dots and letters, numbers for addresses, suffixes and ports. */
function hosts({ good, evil }: RedirectPlaces): string[] {
  const plain = good.replace(/:\d+$/, '');
  const dotted = (dot: string) => evil.replaceAll('.', dot);
  return [
    evil, `${good}@${evil}`, `${good}:x@${evil}`, `${good}%40${evil}`, `${good}%00@${evil}`, `x@${evil}`, `@${evil}`, `:@${evil}`, `@@${evil}`,
    `${evil}\\@${good}`, `${evil}/@${good}`, `${evil}?@${good}`, `${evil}#@${good}`, `${evil};@${good}`, `${evil}%23@${good}`, `${evil}%2f@${good}`,
    `${good}\\@${evil}`, `${good};${evil}`, `${good},${evil}`, `${good}&${evil}`, `${good}%09.${evil}`, `${good}\t.${evil}`, `${good} ${evil}`,
    `${good}%0d%0aLocation:%20//${evil}`, `${good}\r\nLocation: //${evil}`, `${plain}.${evil}`, `${plain}${evil}`, `${plain}.`, `evil-${plain}`, `x.${plain}`,
    `${plain}:1`, `${plain}:`, `${plain}:443@${evil}`, `[${evil}]`, `[::1]`, `[::ffff:7f00:1]`, '2130706433', '0x7f.1', '127.1', '0177.0.0.1', '127\u30020\u30020\u30021',
    dotted('\u3002'), dotted('\uff0e'), dotted('\uff61'), dotted('%2e'), dotted('%E3%80%82'), `\u24d4vil.example`, `\uff45vil.example`, `ev\u00adil.example`,
    `${evil}.`, `${evil}:80`, `${evil}:`, `${evil}%00${good}`, `${evil}%20${good}`, `${good}%2f..%2f${evil}`, `.${evil}`, `-${evil}`, `xn--vil-bma.example`,
  ]; // prettier-ignore
}

const TAILS = ['', '/', '/..', '/%2f..', `?x=`, '#', '//', '%23', '\n', ' ', '?authCode=x', '/alert(1)'];

/** Nested encodings of a whole payload, as a careless reader undoes them: percent, percent twice, HTML, `\u`, `\x`. */
const WRAPPINGS: readonly ((text: string) => string)[] = [
  (text) => text,
  percent,
  (text) => percent(percent(text)),
  (text) => text.replace(/[/:\\]/g, (c) => `&#${c.charCodeAt(0)};`),
  (text) => text.replace(/[/:\\]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`),
  (text) => `/${text}`,
  (text) => `/redirect/${text}`,
  (text) => `"${text}`,
  (text) => `<${text}>`,
  (text) => `.${text}`,
];

/** Any payload of the class. */
export function redirectPayload(places: RedirectPlaces): fc.Arbitrary<string> {
  const built = fc
    .tuple(pick(SCHEMES), pick(SLASHES), pick(hosts(places)), pick(TAILS), fc.constantFrom(...WRAPPINGS))
    .map(([scheme, slashes, host, tail, wrap]) => wrap(scheme + slashes + host + tail));
  const pieces = [...SCHEMES, ...SLASHES, ...hosts(places), ...TAILS, '@', '.', '..', '%', '\u0085'];
  const mixed = fc.array(pick(pieces), { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));
  return fc.oneof(
    { weight: 4, arbitrary: built },
    { weight: 2, arbitrary: mixed },
    fc.string({ unit: anyCodePoint }),
  );
}

/** Every scheme, every run of slashes and every host at least once with every neighbour that matters: over a thousand. */
export function redirectPayloads(places: RedirectPlaces): readonly string[] {
  const all = hosts(places);
  const found = new Set<string>();
  for (const [i, slashes] of SLASHES.entries()) {
    for (const [j, scheme] of SCHEMES.entries())
      found.add(scheme + slashes + places.evil + (TAILS[(i + j) % TAILS.length] ?? ''));
  }
  for (const [i, host] of all.entries()) {
    for (const scheme of ['', 'https:', 'http:', 'javascript:']) {
      for (const slashes of ['//', '/', '\\\\', '/\t/', ''])
        found.add(scheme + slashes + host + (TAILS[i % TAILS.length] ?? ''));
    }
  }
  for (const wrap of WRAPPINGS)
    for (const start of ['//', '/\\', 'https://', 'javascript:']) found.add(wrap(start + places.evil));
  return [...found];
}

/** Addresses that a customer may well use: paths, queries and fragments of honest letters, on one of these origins or on none. */
export function honestReturn(origins: readonly string[]): fc.Arbitrary<string> {
  const letters = "abcXYZ019-._~!$&'()*+,;=:@";
  const escapes = ['%20', '%C3%A5', '%c3%b8', '%E2%82%AC', '%3F', '%23', '%40', '%7B', '%3A', '%22'];
  const unit = fc.oneof({ weight: 5, arbitrary: pick(Array.from(letters)) }, pick(escapes));
  const text = fc.array(unit, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(''));
  const segment = text.filter((part) => !/^(?:\.|%2e)+$/i.test(part));
  const path = fc.array(segment, { maxLength: 4 }).map((parts) => `/${parts.join('/')}`);
  // an apostrophe in a query becomes %27 in every browser
  const value = fc.oneof(
    text,
    pick(['https://elsewhere.example/x', '//x', '/a/../b', 'javascript:x', 'a%2Fb', '%5C']),
  );
  const pair = fc.tuple(text, value).map(([name, said]) => `n${name}=${said}`.replaceAll("'", ''));
  const query = fc.option(
    fc.array(pair, { minLength: 1, maxLength: 3 }).map((pairs) => `?${pairs.join('&')}`),
    { nil: '' },
  );
  const fragment = fc.option(
    value.map((said) => `#${said}`),
    { nil: '' },
  );
  return fc.tuple(pick(['', ...origins]), path, query, fragment).map((parts) => parts.join(''));
}

/** The text as a query value in which nothing is left to read: every byte of its UTF-8 that is not a letter or digit. */
export function percent(text: string): string {
  return [...Buffer.from(text, 'utf8')]
    .map((byte) => {
      const letter = String.fromCharCode(byte);
      return /[A-Za-z0-9]/.test(letter) ? letter : `%${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}

/** Does a browser that resolves this `Location` against `base` stay on one of these origins? The URL standard decides. */
export function staysOn(origins: readonly string[], location: string, base: string): boolean {
  if (!URL.canParse(location, base)) return true;
  const { origin, protocol } = new URL(location, base);
  return (protocol === 'https:' || protocol === 'http:') && origins.includes(origin);
}

function pick(values: readonly string[]): fc.Arbitrary<string> {
  return fc.constantFrom(...values);
}
