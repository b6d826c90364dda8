/** Printable ASCII without `%`, no blank at either end; the empty text too. */
const PLAIN = /^(?! )[ -$&-~]*(?<! )$/;

/**
 * Text as a header value. Printable ASCII (space to `~`) without `%` and without a blank at either end goes as it is;
 * anything else is percent-encoded UTF-8 (`encodeURIComponent`). So `decodeURIComponent` of the result is always the
 * text, lone surrogates as U+FFFD, and the result is always a legal field value (RFC 9110 section 5.5).
 */
export function encodeHeaderValue(text: string): string {
  return PLAIN.test(text) ? text : encodeURIComponent(text.toWellFormed());
}

/**
 * JSON in printable ASCII: everything else as `\u` escapes, and `%` too, so that the result is also itself when it is
 * percent-decoded like every other header. `JSON.parse` gives the value back. What JSON cannot hold is `null`.
 */
export function asciiJson(value: unknown): string {
  const json = JSON.stringify(value) as string | undefined;
  return (json ?? 'null').replace(
    /[^ -~]|%/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
