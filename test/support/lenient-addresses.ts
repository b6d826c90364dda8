/** What the reader looks for: the ways to the secure queues of a site, in its own words. */
export interface LenientSite {
  /** Queue of a path, given as its segments in lower case. */
  readonly queueOfPath: (segments: readonly string[]) => string | undefined;
  /** Names of parameters that name a queue, in lower case. */
  readonly parameters: readonly string[];
  /** Keys of the secure queues, in lower case. */
  readonly secureKeys: readonly string[];
}

const DECODINGS = 5;

/** Letters that code pages and collations without Unicode tables take for an ASCII one. */
const BEST_FIT: Readonly<Record<string, string>> = {
  '\u2044': '/',
  '\u2215': '/',
  '\u2216': '\\',
  '\u3002': '.',
  '\u0131': 'i',
  '\u0142': 'l',
  '\u00f8': 'o',
  '\u0180': 'b',
};

/**
 * IIS, Tomcat, nginx, PHP and Express in one: returns every secure queue that one of them, or two behind each other,
 * could come to by a request target. Written without any code of the gateway, as its judge.
 */
export function createLenientReader(site: LenientSite): (target: string) => Set<string> {
  return (target) => {
    const reached = new Set<string>();
    const add = (key: string | undefined): void => {
      if (key !== undefined && site.secureKeys.includes(key)) reached.add(key);
    };
    const mark = target.search(/[?#]/);
    const query = mark < 0 ? '' : target.slice(mark + 1).replace(/#.*$/s, '');
    for (const key of readQuery(query, site.parameters)) add(key);
    for (const path of decodings(mark < 0 ? target : target.slice(0, mark))) {
      for (const segments of readPath(path)) add(site.queueOfPath(segments));
      const folded = foldText(path);
      const inner = folded.indexOf('?');
      if (inner >= 0) for (const key of readQuery(folded.slice(inner + 1), site.parameters)) add(key);
    }
    return reached;
  };
}

/** A text and what one, two ... decoders behind each other make of it. */
function decodings(text: string): string[] {
  const texts = [text];
  for (let depth = 0; depth < DECODINGS; depth += 1) {
    const next = decodeOnce(texts.at(-1) ?? '');
    if (next === texts.at(-1)) break;
    texts.push(next);
  }
  return texts;
}

/** Broken escapes stay; overlong UTF-8 and the `%u` of IIS count. */
function decodeOnce(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(/%u([\da-f]{4})|(?:%[\da-f]{2})+/gi, (run, code: string | undefined) => {
    if (code !== undefined) return String.fromCharCode(parseInt(code, 16));
    const bytes = Buffer.from(run.replaceAll('%', ''), 'hex')
      .toString('latin1')
      .replace(/[\xc0\xc1][\x80-\xbf]/g, (two) =>
        String.fromCharCode(((two.charCodeAt(0) & 1) << 6) | (two.charCodeAt(1) & 63)),
      )
      .replace(/\xe0[\x80\x81][\x80-\xbf]/g, (three) =>
        String.fromCharCode(((three.charCodeAt(1) & 1) << 6) | (three.charCodeAt(2) & 63)),
      );
    return Buffer.from(bytes, 'latin1').toString('utf8');
  });
}

/** Case, accents, invisible characters and compatibility forms gone. */
function foldText(text: string): string {
  if (/^[ -~]*$/.test(text)) return text.toLowerCase();
  return text
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}\ufffd]/gu, '')
    .replace(/[^\0-\x7f]/gu, (letter) => BEST_FIT[letter] ?? letter)
    .toLowerCase();
}

/** Routes of a decoded path: with and without what stands behind a mark, a NUL and the last extension. */
function readPath(decoded: string): string[][] {
  const text = foldText(decoded).replaceAll('+', ' ').replaceAll('\\', '/');
  const routes: string[][] = [];
  for (const ended of new Set([text, text.replace(/[?#].*$/su, ''), text.replace(/\0.*$/su, '')])) {
    const segments = readSegments(ended);
    const last = segments.at(-1) ?? '';
    routes.push(segments, [...segments.slice(0, -1), last.replace(/\.[^.]*$/, '')]);
  }
  return routes;
}

function readSegments(path: string): string[] {
  const stack: string[] = [];
  for (const raw of path.split('/')) {
    const bare = raw.replace(/;.*$/su, '').replace(/:[^:]*:?\$.*$/su, '');
    if (bare.trim() === '..') stack.pop();
    const segment = bare.replace(/[.\s\p{Cc}]+$/gu, '').replace(/^[\s\p{Cc}]+/u, '');
    if (segment !== '' && !/^\([a-z]\(.*\)\)$/.test(segment)) stack.push(segment);
  }
  return stack;
}

/** All values that some server finds under one of the names: `;` splits as `&` does, or not; commas make lists. */
function readQuery(query: string, names: readonly string[]): string[] {
  if (query === '') return [];
  const values: string[] = [];
  for (const pair of new Set([...query.split('&'), ...query.split(/[&;]/)])) {
    const equals = pair.indexOf('=');
    if (equals < 0) continue;
    if (!decodings(pair.slice(0, equals)).some((name) => namesOf(name).some((one) => names.includes(one))))
      continue;
    for (const value of decodings(pair.slice(equals + 1))) values.push(...keysOf(value));
  }
  return values;
}

/** PHP: leading blanks go, `.`, blank and a lone `[` become `_`, `[` ends the name; qs: brackets around it go. */
function namesOf(decoded: string): string[] {
  const text = foldText(decoded)
    .replaceAll('+', ' ')
    .replace(/^[\s?[]+/, '')
    .replace(/\0.*$/s, '');
  const php = (name: string): string => name.trim().replace(/[. ]/g, '_');
  return [php(text.replace(/[[\]].*$/s, '')), php(text.replace(/[[\]]/g, '_'))];
}

function keysOf(decoded: string): string[] {
  const text = foldText(decoded).replaceAll('+', ' ').replace(/\0.*$/s, '');
  return [text, ...text.split(',')].map((key) => key.trim());
}
