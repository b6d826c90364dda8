import { foldLeniently } from './fold-leniently.ts';

const PLAIN_NAME = /^[\da-z]*$/i;

/**
 * The form in which names of parameters and members are compared: without case, outer blanks and invisible characters,
 * and with `.` and inner blanks as `_`, which is what PHP makes of them.
 */
export function foldName(name: string): string {
  return PLAIN_NAME.test(name) ? name.toLowerCase() : foldLeniently(name).trim().replace(/[. ]/g, '_');
}

/** The folded names that servers make of a decoded one. To a C string it ends at a NUL, to PHP and Express at a bracket. */
export function nameReadings(name: string): string[] {
  if (PLAIN_NAME.test(name)) return [name.toLowerCase()];
  const end = name.indexOf('\0');
  return end < 0 ? readBrackets(name) : [...readBrackets(name.slice(0, end)), ...readBrackets(name)];
}

/** PHP and Express' extended parser differ on brackets. */
function readBrackets(name: string): string[] {
  const inner = foldLeniently(name)
    .replaceAll('+', ' ')
    .replace(/^[\s?[]+/, '');
  const end = inner.search(/[[\]]/);
  const cut = foldName(end < 0 ? inner : inner.slice(0, end));
  return end < 0 ? [cut] : [cut, foldName(inner.replaceAll(/[[\]]/g, '_'))];
}
