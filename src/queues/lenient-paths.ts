import { foldLeniently } from './fold-leniently.ts';

const PLAIN = /^[\w~/-]*$/;
const NONE: readonly string[] = [];

/**
 * Other readings of a decoded path that forgiving servers are known for, none when there are none: letters folded, `+`
 * read as a blank, outer blanks and dots of a segment dropped, what is then empty or a dot segment resolved, the path
 * ended at a decoded `?` or `#`, and the extension of the last segment taken for a format (`/queues/q_bank.json` in
 * Rails and Spring).
 */
export function lenientPaths(decodedPath: string): readonly string[] {
  if (PLAIN.test(decodedPath)) return NONE;
  const folded = foldLeniently(decodedPath).replaceAll('+', ' ');
  const end = folded.search(/[?#]/);
  const readings =
    end < 0 ? readingsOf(folded) : [...readingsOf(folded), ...readingsOf(folded.slice(0, end))];
  return readings.filter((reading) => reading !== decodedPath.toLowerCase());
}

/** What a server that decodes the path before it looks for `?` takes for a query, to the end or to a `#`; mostly none. */
export function hiddenQueries(decodedPath: string): readonly string[] {
  if (PLAIN.test(decodedPath)) return NONE;
  const folded = foldLeniently(decodedPath);
  const mark = folded.indexOf('?');
  if (mark < 0) return NONE;
  const query = folded.slice(mark + 1);
  return query.includes('#') ? [query, query.slice(0, query.indexOf('#'))] : [query];
}

/** The path resolved, and once more without the extension of its last segment where it has one. */
function readingsOf(path: string): string[] {
  const segments = resolveSegments(path);
  const whole = `/${segments.join('/')}`;
  const last = segments.at(-1) ?? '';
  const dot = last.lastIndexOf('.');
  if (dot <= 0) return [whole];
  const stem = trimSegment(last.slice(0, dot));
  return [whole, `/${[...segments.slice(0, -1), stem].join('/')}`];
}

function resolveSegments(path: string): string[] {
  const segments: string[] = [];
  for (const raw of path.split('/')) {
    if (raw.trim() === '..') segments.pop();
    const segment = trimSegment(raw);
    if (segment !== '') segments.push(segment);
  }
  return segments;
}

function trimSegment(segment: string): string {
  let end = segment.length;
  while (end > 0 && (segment[end - 1] === '.' || segment[end - 1] === ' ')) end -= 1;
  return segment.slice(0, end).trimStart();
}
