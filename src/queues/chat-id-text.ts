import { GatewayError } from '../errors.ts';
import { foldLeniently } from './fold-leniently.ts';
import { readKeyText } from './key-text.ts';
import { numberReadings } from './number-readings.ts';

/** Characters of the longest id that is looked for. */
const MAX_LENGTH = 1000;
/** Parts between commas of one id that are looked at. */
const MAX_PARTS = 8;

const GUID = /^[\da-f]{32}$/;
const LEADING_TOKEN = /^[\p{L}\p{N}_-]+/u;
const LEADING_NUMBER = /^\d+/;
const NUMBER = /^\d+(?:\.0*)?$/;

/**
 * The id of a chat exactly as it stands, outer blanks included; undefined for an empty or blank one. `place` is what the
 * error calls it.
 *
 * @throws GatewayError `request_malformed` for what `readKeyText` refuses, and for an id of more than 1000 characters.
 */
export function readChatIdText(text: string, place: string): string | undefined {
  if (text.length > MAX_LENGTH) {
    throw new GatewayError('request_malformed', `The ${place} has more than ${MAX_LENGTH} characters.`);
  }
  return readKeyText(text, place) === undefined ? undefined : text;
}

/**
 * The form under which ids are alike to the most forgiving reader: letters folded, outer blanks and dots dropped, a number
 * in any spelling one number, a GUID with or without hyphens and braces one GUID. Never tells which chat is meant.
 */
export function foldChatId(id: string): string {
  const text = trimLoosely(foldLeniently(id).replaceAll('+', ' '));
  const bare = text.replace(/[-{}()]/g, '');
  if (GUID.test(bare)) return bare;
  return NUMBER.test(text) ? withoutZeros(text.split('.', 1)[0] ?? '') : text;
}

/**
 * The folds of every id that some server could read in this text: the whole, its parts between commas (ASP.NET, Spring),
 * and what stands at its start:
 * a plain token (an extension, a `?` or `#` that was decoded too early) and a number in any spelling (PHP, MySQL).
 *
 * @throws GatewayError `queue_ambiguous` for a list of more than eight.
 */
export function chatIdReadings(text: string): readonly string[] {
  const whole = foldChatId(text);
  const parts = whole.split(',');
  if (parts.length > MAX_PARTS) {
    throw new GatewayError('queue_ambiguous', 'The request names more than one chat.');
  }
  const readings = parts.length === 1 ? [whole] : [whole, ...parts.map(foldChatId)];
  const starts = readings.flatMap((reading) => [
    foldChatId(LEADING_TOKEN.exec(reading)?.[0] ?? ''),
    withoutZeros(LEADING_NUMBER.exec(reading)?.[0] ?? ''),
    ...numberReadings(reading),
  ]);
  return [...new Set([...readings, ...starts])].filter((reading) => reading !== '');
}

function withoutZeros(digits: string): string {
  let start = 0;
  while (start < digits.length - 1 && digits[start] === '0') start += 1;
  return digits.slice(start);
}

function trimLoosely(text: string): string {
  const loose = (character: string | undefined) => character === ' ' || character === '.';
  let start = 0;
  let end = text.length;
  while (start < end && loose(text[start])) start += 1;
  while (end > start && loose(text[end - 1])) end -= 1;
  return text.slice(start, end);
}
