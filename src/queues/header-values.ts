import { GatewayError } from '../errors.ts';

/**
 * All values of a header, from every line and between commas, in the order of the wire. Names fold as CGI and WSGI fold
 * them: `X_Queue` is `X-Queue`. `rawHeaders` is Node's list of name, value, name, value with bytes as latin1.
 *
 * @throws GatewayError `request_malformed` for a value that is not UTF-8.
 */
export function readHeaderValues(rawHeaders: readonly string[], name: string): string[] {
  const wanted = foldHeaderName(name);
  const values: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (foldHeaderName(rawHeaders[index] ?? '') !== wanted) continue;
    values.push(
      ...decode(rawHeaders[index + 1] ?? '', name)
        .split(',')
        .map(unquote),
    );
  }
  return values;
}

function foldHeaderName(name: string): string {
  return name.toLowerCase().replace(/[^a-z\d]/g, '-');
}

function decode(value: string, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(value, 'latin1'));
  } catch (cause) {
    throw new GatewayError('request_malformed', `The header "${name}" is not UTF-8.`, { cause });
  }
}

/** A quoted string (RFC 9110 section 5.6.4) and its bare text are one answer to most readers. */
function unquote(part: string): string {
  const text = part.trim();
  return text.startsWith('"') && text.endsWith('"') && text.length > 1 ? text.slice(1, -1) : text;
}
