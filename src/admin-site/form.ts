import { GatewayError } from '../errors.ts';

/** What a form has sent: one value for each name. */
export type Form = ReadonlyMap<string, string>;

/** More than the largest form of the pages has. */
const MAX_FIELDS = 1000;

/**
 * Reads `application/x-www-form-urlencoded` (URL standard, section 5). Line breaks come out as single line feeds.
 *
 * @throws GatewayError `request_malformed` for another type, for a name that comes twice and for too many of them.
 */
export function readForm(contentType: string | undefined, bytes: Buffer): Form {
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(contentType ?? ''))
    throw new GatewayError('request_malformed', 'The pages send forms, and nothing else.');
  const form = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(bytes.toString('utf8'))) {
    if (form.has(name)) throw new GatewayError('request_malformed', 'A field came more than once.');
    if (form.size === MAX_FIELDS)
      throw new GatewayError('request_malformed', 'The form has too many fields.');
    form.set(name, value.replaceAll(/\r\n?/g, '\n'));
  }
  return form;
}
