/** Levels of arrays and objects that are shown; what lies deeper counts as absent. */
const MAX_DEPTH = 8;

const LINE_BREAK = /\r\n|[\r\n\u0085\u2028\u2029]/g;

/** Every Cc but the line breaks, and the bidi controls: what no agent's screen should obey. */
const UNWANTED =
  /[\u0000-\u0009\u000B\u000C\u000E-\u001F\u007F-\u0084\u0086-\u009F\u202A-\u202E\u2066-\u2069]/g;

/**
 * The text of a claim, or undefined when it counts as absent.
 *
 * - string: cleaned (see below). Text of blanks only counts as empty, and empty text as absent.
 * - number: plain decimal, never with an exponent; NaN and the infinities are absent. Boolean: `true`, `false`.
 * - array: the texts of its members joined with `, `; absent members left out.
 * - OIDC address (OpenID Connect Core section 5.1.1): `formatted`, else street, postal code and locality, region, country.
 * - any other object: the texts of its members joined with `, `, in the order in which they came.
 * - null, undefined, anything deeper than eight levels: absent.
 *
 * Cleaning: lone surrogates become U+FFFD; control characters (Cc) and the bidi controls U+202A-202E and U+2066-2069
 * are taken out; a line break (CRLF, CR, LF, U+0085, U+2028, U+2029) becomes one space, in an address `, ` for a run of
 * them and nothing at either end. Time and result are linear in the value's size.
 *
 * @param name the claim's name: `address`, `x.address`, `home_address` and `address.formatted` are addresses.
 */
export function claimText(name: string, value: unknown): string | undefined {
  return render(value, isAddressName(name), 0);
}

/** True for a JSON object, as opposed to an array or null. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAddressName(name: string): boolean {
  return name.split('.').some((part) => /(?:^|_)address$/i.test(part));
}

function render(value: unknown, address: boolean, depth: number): string | undefined {
  if (typeof value === 'string') return unlessBlank(clean(value, address));
  if (typeof value === 'number') return Number.isFinite(value) ? plainDecimal(value) : undefined;
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (depth >= MAX_DEPTH) return undefined;
  if (Array.isArray(value)) {
    return join(
      value.map((member: unknown) => render(member, address, depth + 1)),
      ', ',
    );
  }
  return isRecord(value) ? renderObject(value, address, depth + 1) : undefined;
}

function renderObject(
  members: Readonly<Record<string, unknown>>,
  named: boolean,
  depth: number,
): string | undefined {
  const address =
    named || ['formatted', 'street_address', 'postal_code'].some((key) => Object.hasOwn(members, key));
  const everyMember = () =>
    join(
      Object.values(members).map((member) => render(member, address, depth)),
      ', ',
    );
  return address ? (renderAddress(members, depth) ?? everyMember()) : everyMember();
}

function renderAddress(members: Readonly<Record<string, unknown>>, depth: number): string | undefined {
  const part = (key: string) => (Object.hasOwn(members, key) ? render(members[key], true, depth) : undefined);
  const town = join([part('postal_code'), part('locality')], ' ');
  return part('formatted') ?? join([part('street_address'), town, part('region'), part('country')], ', ');
}

function join(texts: readonly (string | undefined)[], separator: string): string | undefined {
  const present = texts.filter((text) => text !== undefined);
  return present.length === 0 ? undefined : present.join(separator);
}

function clean(text: string, address: boolean): string {
  const harmless = text.toWellFormed().replace(UNWANTED, '');
  if (!address) return harmless.replace(LINE_BREAK, ' ');
  const lines = harmless.split(LINE_BREAK);
  if (lines.length === 1) return harmless;
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(', ');
}

function unlessBlank(text: string): string | undefined {
  return text.trim() === '' ? undefined : text;
}

function plainDecimal(value: number): string {
  const text = String(value);
  const [, sign, first, rest = '', exponent] = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? [];
  if (sign === undefined || first === undefined || exponent === undefined) return text;
  const digits = first + rest;
  const shift = Number(exponent);
  return sign + (shift < 0 ? `0.${'0'.repeat(-shift - 1)}${digits}` : digits.padEnd(shift + 1, '0'));
}
