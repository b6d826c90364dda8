import { escapeHtml } from '../page/html.ts';

const BBCODE: readonly (readonly [pattern: RegExp, markup: string])[] = [
  [/\[br\]/gi, '<br>'],
  [/\[b\]([^]*?)\[\/b\]/gi, '<b>$1</b>'],
];

/** What becomes of text that is posted: HTML-encoded, then `[br]` and `[b]` made into HTML. */
export function encodeContent(text: string): string {
  return BBCODE.reduce((encoded, [pattern, markup]) => encoded.replaceAll(pattern, markup), escapeHtml(text));
}
