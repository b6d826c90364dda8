import type { Identity } from '../claims/identity-types.ts';
import type { Connection } from '../config/gateway-config.ts';
import { readBodyFields, type RequestBody } from '../queues/body-fields.ts';
import { createParameterReader } from '../queues/parameters.ts';
import { membersAt, withParts, type TextMember, type TextPart } from './json-text.ts';
import type { PuzzelCall } from './puzzel-v1.ts';
import { asciiJson, jsonObjectOf, kindAt, namedMembers, textAt, type JsonObject } from './puzzel-v1-text.ts';
import { withoutTail } from './puzzel-v1-tail.ts';
import { withVariables } from './puzzel-v1-variables.ts';

/** Whose identity is written into a body. */
export interface VerifiedVisitor {
  readonly identity: Identity;
  readonly connection: Connection;
}

const OF_A_START = ['auth', 'chatId', 'nickName', 'intro'] as const;
const PARENT = 'parentSessionId';
const OF_A_SURVEY = ['nickName', PARENT] as const;
const readParent = createParameterReader([PARENT]);

/**
 * The body of a secure queue's request with the identity in it. Everything that is not the gateway's to say stays as it
 * was sent, byte for byte: members, their order, numbers, escapes, blanks.
 *
 * A start loses `auth`; `chatId` is the identity's or gone; `intro.variables` get every mapped Variable. `nickName` is the
 * identity's, or gone where the mapping has a NickName that this person has not; without any in the mapping it stays the
 * client's own word.
 *
 * @throws GatewayError `request_malformed` for a body that a chat server could read differently.
 */
export function rewriteBody(call: PuzzelCall, body: RequestBody, visitor: VerifiedVisitor): Buffer {
  const object = jsonObjectOf(body);
  const { text, span } = object;
  if (call === 'start') return finished(object, startParts(object, visitor));
  const members = namedMembers(text, span, OF_A_SURVEY);
  const changes = new Changes();
  setNickName(changes, members.get('nickName'), visitor);
  const parent = call === 'survey' ? members.get(PARENT) : undefined;
  if (parent !== undefined && kindAt(text, parent.value) === 'text') {
    const id = textAt(text, parent.value, PARENT) ?? '';
    if (withoutTail(id) !== id) changes.set(parent, PARENT, withoutTail(id));
  }
  return finished(object, changes);
}

/**
 * The chats that a survey says it goes on from, in its body or its query, as they stand.
 *
 * @throws GatewayError `request_malformed`.
 */
export function parentsOf({ bytes, contentType, contentEncoding }: RequestBody, query: string): string[] {
  const inBody = readBodyFields(bytes, contentType, contentEncoding, [PARENT]).get(PARENT) ?? [];
  return [...inBody, ...(readParent(query).get(PARENT) ?? [])].filter((id) => id.trim() !== '');
}

/** The body without its `auth`. */
export function withoutAuth(body: RequestBody): Buffer {
  const object = jsonObjectOf(body);
  const changes = new Changes();
  changes.remove(namedMembers(object.text, object.span, ['auth']).get('auth'));
  return finished(object, changes);
}

/** What becomes of the members of one object. */
class Changes {
  readonly texts = new Map<TextMember, string | undefined>();
  readonly added: string[] = [];

  remove(member: TextMember | undefined): void {
    if (member !== undefined) this.texts.set(member, undefined);
  }

  set(member: TextMember | undefined, name: string, value: string): void {
    this.write(member, name, asciiJson(value));
  }

  write(member: TextMember | undefined, name: string, json: string): void {
    if (member === undefined) this.added.push(`${asciiJson(name)}:${json}`);
    else this.texts.set(member, json);
  }
}

function startParts(object: JsonObject, visitor: VerifiedVisitor): Changes {
  const { text, span } = object;
  const members = namedMembers(text, span, OF_A_START);
  const changes = new Changes();
  changes.remove(members.get('auth'));
  const { chatId } = visitor.identity;
  if (chatId === undefined) changes.remove(members.get('chatId'));
  else changes.set(members.get('chatId'), 'chatId', chatId);
  setNickName(changes, members.get('nickName'), visitor);
  const intro = members.get('intro');
  const written = withVariables(text, intro?.value, visitor);
  if (written !== undefined) changes.write(intro, 'intro', written);
  return changes;
}

function setNickName(changes: Changes, member: TextMember | undefined, visitor: VerifiedVisitor): void {
  const { identity, connection } = visitor;
  if (identity.nickName !== undefined) changes.set(member, 'nickName', identity.nickName);
  else if (connection.mapping.some(({ mapType }) => mapType === 'NickName')) changes.remove(member);
}

function finished({ text, span }: JsonObject, { texts, added }: Changes): Buffer {
  const parts = membersAt(text, span).map((member): TextPart => {
    const { start, value } = member;
    const place = { start, end: value.end };
    const change = [...texts].find(([changed]) => changed.start === start);
    if (change === undefined) return place;
    const json = change[1];
    return json === undefined
      ? { ...place, gone: true }
      : { ...place, text: text.slice(start, value.start) + json };
  });
  const object = withParts(text, span, parts, added);
  return Buffer.from(text.slice(0, span.start) + object + text.slice(span.end));
}
