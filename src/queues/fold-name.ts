import { foldLeniently } from './fold-leniently.ts';

const PLAIN_NAME = /^[\da-z]*$/i;

/**
 * The form in which names of parameters and members are compared: without case, outer blanks and invisible characters,
 * and with `.` and inner blanks as `_`, which is what PHP makes of them.
 */
export function foldName(name: string): string {
  return PLAIN_NAME.test(name) ? name.toLowerCase() : foldLeniently(name).trim().replace(/[. ]/g, '_');
}
