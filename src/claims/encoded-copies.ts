/** Runs that may be base64 or base64url (RFC 4648, sections 4 and 5); shorter ones hold no id. */
const BASE64_RUN = /[A-Za-z0-9+/_-]{10,}={0,2}/g;
const HEX_RUN = /[0-9A-Fa-f]{16,}/g;
const ESCAPE = /%[0-9A-Fa-f]{2}/g;

/**
 * Takes encoded copies of an id out of a text. A run of base64, base64url or hex that decodes to something that holds one,
 * from whatever place its groups begin, becomes stars; a text that holds one when it is percent-decoded becomes the decoded
 * text, for the mask to find it. Any other text stays as it is. Looks one encoding deep, at the ASCII in it, and takes time
 * linear in the text.
 *
 * @param holdsId true for a text that holds the id in any spelling that the mask knows
 */
export function uncoverCopies(text: string, holdsId: (decoded: string) => boolean): string {
  const starred = (run: string, readings: readonly string[]) =>
    readings.some((reading) => holdsId(reading)) ? '*'.repeat(run.length) : run;
  const plain = text
    .replace(BASE64_RUN, (run) => starred(run, base64Readings(run)))
    .replace(HEX_RUN, (run) => starred(run, hexReadings(run)));
  if (!plain.includes('%')) return plain;
  const decoded = percentDecoded(plain);
  return decoded !== plain && holdsId(decoded) ? decoded : plain;
}

function base64Readings(run: string): string[] {
  return [0, 1, 2, 3].map((start) => asciiOf(Buffer.from(run.slice(start), 'base64')));
}

function hexReadings(run: string): string[] {
  return [0, 1].map((start) => asciiOf(Buffer.from(run.slice(start), 'hex')));
}

function asciiOf(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/[^ -~]+/g, '');
}

/** UTF-8, as `decodeURIComponent`, without its refusals. */
function percentDecoded(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) =>
    Buffer.from((run.match(ESCAPE) ?? []).map((escape) => Number.parseInt(escape.slice(1), 16))).toString(
      'utf8',
    ),
  );
}
