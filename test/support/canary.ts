import { createHash } from 'node:crypto';

/** How deep encodings are looked into: base64 of JSON that holds base64, and one more. */
const MAX_DEPTH = 3;

/** Decodings that a reader of the text could undo, by name. Each gives every text that it can be read as. */
const DECODERS: readonly (readonly [name: string, decode: (text: string) => string[]])[] = [
  [
    'percent-encoded',
    (text) =>
      unless(
        text,
        text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => char(hex, 16)),
      ),
  ],
  ['UTF-8 as latin1', (text) => unless(text, utf8(text))],
  ['UTF-16', (text) => unless(text, text.replaceAll('\0', ''))],
  [
    'JSON escapes',
    (text) =>
      unless(
        text,
        text.replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => char(hex, 16)),
      ),
  ],
  [
    'HTML entities',
    (text) =>
      unless(
        text,
        text
          .replace(/&#x([0-9a-f]{1,5});/gi, (_, hex: string) => char(hex, 16))
          .replace(/&#(\d{1,6});/g, (_, digits: string) => char(digits, 10)),
      ),
  ],
  ['base64', base64Readings],
  ['hex', (text) => (text.match(/[0-9a-f]{12,}/gi) ?? []).flatMap(hexReadings)],
];

/**
 * Looks for a national id in something that was written, sent or stored, in every spelling that gives it away: as it is,
 * with other separators or none, in full-width or Arabic digits, a Swedish number without its century, a Finnish one
 * without its century sign, percent-encoded (once and twice), base64 and base64url at any offset, hex, UTF-16, JSON
 * escapes, HTML entities, and as a plain hash, which anybody could turn back.
 *
 * @param text bytes are read as latin1 and as UTF-8
 * @param id the unmasked number, as the provider sends it
 * @returns the name of the spelling found, such as `base64 > other separators`; undefined when there is none
 * @example assert.equal(findCanary(JSON.stringify(log), '17029012345'), undefined);
 */
export function findCanary(text: string | Buffer, id: string): string | undefined {
  const forms = formsOf(id);
  const readings = typeof text === 'string' ? [text] : [text.toString('latin1'), text.toString('utf8')];
  for (const reading of readings) {
    const found = search(reading, id, forms, 0) ?? hashOf(reading, id);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The number in letters and digits only, and the shorter forms in which people write it. */
function formsOf(id: string): readonly RegExp[] {
  const bare = fold(id).replace(/[^a-z0-9]/g, '');
  const shorter = [
    ...(/^(?:18|19|20)\d{10}$/.test(bare) ? [bare.slice(2)] : []),
    ...(/^\d{6}[a-z]\d{3}[a-z0-9]$/.test(bare) ? [bare.slice(0, 6) + bare.slice(7)] : []),
  ];
  // a star is no separator here: `170290*****` must not be completed by what follows it
  return [bare, ...shorter].map((form) => new RegExp(Array.from(form).join('[^a-z0-9*"{}]{0,3}'), 'u'));
}

function search(text: string, id: string, forms: readonly RegExp[], depth: number): string | undefined {
  if (text.includes(id)) return 'plain';
  const folded = fold(text);
  if (forms.some((form) => form.test(folded))) return 'other separators or digits';
  if (depth === MAX_DEPTH) return undefined;
  for (const [name, decode] of DECODERS) {
    for (const decoded of decode(text)) {
      const found = search(decoded, id, forms, depth + 1);
      if (found !== undefined) return `${name} > ${found}`;
    }
  }
  return undefined;
}

function hashOf(text: string, id: string): string | undefined {
  for (const form of [id, fold(id).replace(/[^a-z0-9]/g, '')]) {
    for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512']) {
      const hash = createHash(algorithm).update(form).digest();
      const written = [hash.toString('hex'), hash.toString('base64url'), hash.toString('base64')];
      if (written.some((spelling) => text.includes(spelling.replace(/=+$/, '')))) return `plain ${algorithm}`;
    }
  }
  return undefined;
}

/** Lower case; compatibility forms as their plain letters; every decimal digit of Unicode as `0` to `9`. */
function fold(text: string): string {
  const plain = text.normalize('NFKD').toLowerCase();
  return plain.replace(/[^\0-\x7f]/gu, (letter) => (/\p{Nd}/u.test(letter) ? digitOf(letter) : letter));
}

function digitOf(letter: string): string {
  const code = letter.codePointAt(0)!;
  let zero = code;
  while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  // digits stand in runs of ten; of runs side by side the arithmetic ones of mathematics begin at U+1D7CE
  return String(code >= 0x1d7ce && code <= 0x1d7ff ? (code - 0x1d7ce) % 10 : code - zero);
}

/** Every run that may be base64, from each of the four places at which a group may begin. */
function base64Readings(text: string): string[] {
  return (text.match(/[A-Za-z0-9+/_-]{8,}/g) ?? []).flatMap((run) =>
    [0, 1, 2, 3].map((start) => Buffer.from(run.slice(start), 'base64').toString('latin1')),
  );
}

function hexReadings(run: string): string[] {
  return [0, 1].map((start) => Buffer.from(run.slice(start), 'hex').toString('latin1'));
}

function utf8(text: string): string {
  return /[\x80-\xff]/.test(text) && !/[^\0-\xff]/.test(text) ? Buffer.from(text, 'latin1').toString() : text;
}

function unless(text: string, decoded: string): string[] {
  return decoded === text ? [] : [decoded];
}

function char(digits: string, base: number): string {
  const code = Number.parseInt(digits, base);
  return code <= 0x10ffff ? String.fromCodePoint(code) : '';
}
