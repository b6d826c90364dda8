/** Ways in which servers differ; each is tried with and without. */
const HABITS: readonly ((path: string) => string)[] = [
  // Tomcat and Jetty: path parameters
  (path) => path.replace(/;[^/\\]*/g, ''),
  // IIS
  (path) => path.replaceAll('\\', '/'),
  // what is decoded once more is cut at its own marks; a C library ends at NUL
  (path) => path.replace(/[?#\0][^]*/, ''),
  // Windows file names and trimmed keys
  (path) => path.replace(/(?<=[^/\\. +\t\u00a0])[. +\t\u00a0]+(?=[/\\]|$)/g, ''),
  (path) => path.replace(/\/[ +\t]+/g, '/'),
];

/**
 * Would some server out of IIS, Tomcat, nginx and PHP take this request target for the path or something below it?
 * Escapes are decoded up to twice, slashes merged, dot segments resolved, letters compared without case.
 */
export function namesPath(target: string, path: string): boolean {
  const wanted = segmentsOf(path);
  for (const reading of readingsOf(target)) {
    const segments = segmentsOf(reading);
    if (wanted.every((segment, index) => segments[index] === segment)) return true;
  }
  return false;
}

function readingsOf(target: string): Set<string> {
  const path = target.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#\\]*/i, '');
  let readings = new Set([path.replace(/[?#][^]*/, ''), path.replace(/\?[^]*/, '')]);
  for (let depth = 0; depth < 3; depth++) {
    for (const habit of HABITS) readings = new Set([...readings, ...[...readings].map(habit)]);
    readings = new Set([...readings, ...[...readings].map(decode)]);
  }
  return readings;
}

function decode(text: string): string {
  return text.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function segmentsOf(path: string): string[] {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment.toLowerCase());
  }
  return segments;
}
