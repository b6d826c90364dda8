import { GatewayError } from '../errors.ts';
import { foldName, nameReadings } from './fold-name.ts';
import { scanMembers } from './json-members.ts';
import { createParameterReader, type Parameters } from './parameters.ts';

/** A body as it came: all its bytes, and the two headers that say how to read them. */
export interface RequestBody {
  readonly bytes: Buffer;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
}

type BodyKind = 'json' | 'form';

const NONE: Parameters = new Map();
/** Media type, then at most a charset (RFC 9110 section 8.3.1); anything else is not vouched for. */
const MEDIA_TYPE = /^([\w.+-]+\/[\w.+-]+)(?:[ \t]*;[ \t]*charset=(?:"([\w-]+)"|([\w-]+)))?[ \t]*;?$/i;
const SINGLE_BYTE_CHARSETS = ['us-ascii', 'ascii', 'iso-8859-1', 'latin1', 'windows-1252'];
const INTEGER = /^(?:0|-?[1-9]\d{0,14})$/;

/**
 * Reads the wanted top-level members of a JSON object, or the wanted fields of a URL-encoded form. Names count in
 * any case, with brackets, and up to a NUL. An empty body, an absent member and `null` give no value; a JSON integer gives its digits.
 *
 * @throws GatewayError `request_malformed` for every body that a chat server might read differently or better: another
 * type or charset, a compressed or unparsable one, JSON that is no object, a wanted member that is repeated or is
 * neither a string nor an integer.
 */
export function readBodyFields(
  bytes: Buffer,
  contentType: string | undefined,
  contentEncoding: string | undefined,
  wanted: readonly string[],
): Parameters {
  if (bytes.length === 0 || wanted.length === 0) return NONE;
  if (contentEncoding !== undefined && !/^(?:identity)?$/i.test(contentEncoding.trim())) {
    throw malformed('The body is compressed; send it without Content-Encoding.');
  }
  const { kind, charset } = readMediaType(contentType);
  const text = decodeText(bytes, charset);
  return kind === 'json' ? readJson(text, wanted) : readForm(text, wanted);
}

function malformed(detail: string, cause?: unknown): GatewayError {
  return new GatewayError('request_malformed', detail, { cause });
}

function readMediaType(contentType: string | undefined): { kind: BodyKind; charset: string } {
  const [, type = '', quoted, bare] = MEDIA_TYPE.exec(contentType?.trim() ?? '') ?? [];
  const charset = (quoted ?? bare ?? 'utf-8').toLowerCase();
  if (/^application\/(?:[\w.-]+\+)*json$/i.test(type)) return { kind: 'json', charset };
  if (type.toLowerCase() === 'application/x-www-form-urlencoded') return { kind: 'form', charset };
  throw malformed('The body has to be application/json or application/x-www-form-urlencoded in UTF-8.');
}

function decodeText(bytes: Buffer, charset: string): string {
  const isUtf8 = charset === 'utf-8' || charset === 'utf8';
  const isAscii = SINGLE_BYTE_CHARSETS.includes(charset) && bytes.every((byte) => byte < 0x80);
  if (!isUtf8 && !isAscii) throw malformed('The charset of the body has to be utf-8.');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw malformed('The body is not valid UTF-8.', cause);
  }
}

function readForm(text: string, wanted: readonly string[]): Parameters {
  if (/^\s*[[{]/.test(text)) {
    throw malformed('The body is declared as a form but looks like JSON; declare it as application/json.');
  }
  return createParameterReader(wanted)(text);
}

function readJson(text: string, wanted: readonly string[]): Parameters {
  const body = parseJson(text);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw malformed('The JSON body has to be an object.');
  }
  const names = new Map(wanted.map((name) => [foldName(name), name]));
  const seen = new Set<string>();
  const found = new Map<string, string[]>();
  for (const member of scanMembers(text)) {
    const name = nameReadings(member.name)
      .map((reading) => names.get(reading))
      .find((match) => match !== undefined);
    if (name === undefined) continue;
    if (seen.has(name)) throw malformed(`The JSON body holds "${name}" more than once.`);
    seen.add(name);
    const value = readMember(member.rawValue, name);
    if (value !== undefined) found.set(name, [value]);
  }
  return found;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw malformed('The body is not valid JSON.', cause);
  }
}

function readMember(rawValue: string, name: string): string | undefined {
  if (rawValue === 'null') return undefined;
  if (rawValue.startsWith('"')) return String(JSON.parse(rawValue));
  if (INTEGER.test(rawValue)) return rawValue;
  throw malformed(`"${name}" in the JSON body has to be a string or an integer.`);
}
