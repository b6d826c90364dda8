import { GatewayError } from '../errors.ts';
import { readBodyFields, type RequestBody } from '../queues/body-fields.ts';
import { nameReadings } from '../queues/fold-name.ts';
import { membersAt, wholeOf, type TextMember, type TextSpan } from './json-text.ts';

const JSON_TYPE = /^application\/(?:[\w.-]+\+)*json[ \t]*(?:;|$)/i;

/** A JSON object as it came: its text, and where it stands in it. */
export interface JsonObject {
  readonly text: string;
  readonly span: TextSpan;
}

/**
 * The JSON object of a body that has to be one.
 *
 * @throws GatewayError `request_malformed` for another type, charset or coding, and for what is no JSON object.
 */
export function jsonObjectOf(body: RequestBody): JsonObject {
  if (!JSON_TYPE.test(body.contentType?.trim() ?? ''))
    throw new GatewayError('request_malformed', 'The body has to be application/json here.');
  // refuses what cannot be vouched for, and everything that is no object
  readBodyFields(body.bytes, body.contentType, body.contentEncoding, ['queueKey']);
  const text = body.bytes.toString('utf8');
  const span = wholeOf(text);
  if (span.end <= span.start) throw new GatewayError('request_malformed', 'The JSON body is empty.');
  return { text, span };
}

/** Is the body JSON by its type? */
export function saysJson(body: RequestBody): boolean {
  return JSON_TYPE.test(body.contentType?.trim() ?? '');
}

/**
 * The members of an object that is read for these names, by name.
 *
 * @throws GatewayError `request_malformed` when one is there twice, or in a spelling that only some servers take for it.
 */
export function namedMembers<Name extends string>(
  text: string,
  span: TextSpan,
  names: readonly Name[],
): ReadonlyMap<Name, TextMember> {
  const found = new Map<Name, TextMember>();
  for (const member of membersAt(text, span)) {
    const readings = nameReadings(member.name);
    const name = names.find((wanted) => readings.includes(wanted.toLowerCase()));
    if (name === undefined) continue;
    if (member.name !== name)
      throw new GatewayError('request_malformed', `The member "${name}" is spelt in another way.`);
    if (found.has(name))
      throw new GatewayError('request_malformed', `The JSON body holds "${name}" more than once.`);
    found.set(name, member);
  }
  return found;
}

/** What stands at a span: the first character tells the kind of a JSON value. */
export function kindAt(text: string, { start }: TextSpan): 'object' | 'array' | 'text' | 'null' | 'other' {
  const first = text[start];
  if (first === '{') return 'object';
  if (first === '[') return 'array';
  if (first === '"') return 'text';
  return first === 'n' ? 'null' : 'other';
}

/**
 * The text at a span; undefined for null.
 *
 * @throws GatewayError `request_malformed` for everything else. Numbers are no text.
 */
export function textAt(text: string, span: TextSpan, name: string): string | undefined {
  const kind = kindAt(text, span);
  if (kind === 'text') return String(JSON.parse(text.slice(span.start, span.end)));
  if (kind === 'null') return undefined;
  throw new GatewayError('request_malformed', `"${name}" in the JSON body has to be a text.`);
}

/** JSON in ASCII only, so that it is the same in every charset that a body may declare. */
export function asciiJson(value: string | boolean): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
