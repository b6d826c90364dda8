import { isGatewayError } from '../errors.ts';
import { readChatIdText } from './chat-id-text.ts';
import { scanMembers } from './json-members.ts';

const PLACEHOLDER = /\{([^{}]+)\}/g;
/** Digits are kept as they stand: an id may be longer than a JavaScript number is exact. */
const INTEGER = /^(?:0|-?[1-9]\d*)$/;

/**
 * The id of the chat that an answer starts; undefined when there is none to be read: no JSON object in UTF-8 (RFC 8259), a
 * member that is absent, repeated with another value, or neither text nor integer, or an id that no request could name.
 *
 * @param body the whole answer, without content coding
 * @param chatIdFrom the member (`chat.id`), or a text with members in braces, where `{customerKey}` is the queue's
 */
export function readStartedChat(body: Buffer, chatIdFrom: string, customerKey: string): string | undefined {
  const text = jsonText(body);
  if (text === undefined) return undefined;
  if (!chatIdFrom.includes('{')) return asChatId(readMember(text, chatIdFrom));
  const values = new Map<string, string | undefined>();
  for (const [, name = ''] of chatIdFrom.matchAll(PLACEHOLDER))
    values.set(name, name === 'customerKey' ? customerKey : readMember(text, name));
  if ([...values.values()].some((value) => value === undefined || value === '')) return undefined;
  return asChatId(chatIdFrom.replace(PLACEHOLDER, (_braces, name: string) => values.get(name) ?? ''));
}

function jsonText(body: Buffer): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    JSON.parse(text);
    return text;
  } catch {
    return undefined;
  }
}

function readMember(text: string, path: string): string | undefined {
  let value = text.trim();
  for (const name of path.split('.')) {
    if (!value.startsWith('{')) return undefined;
    const members = scanMembers(value).filter((member) => member.name === name);
    const [first] = members;
    if (first === undefined || members.some(({ rawValue }) => rawValue !== first.rawValue)) return undefined;
    value = first.rawValue;
  }
  if (value.startsWith('"')) return String(JSON.parse(value));
  return INTEGER.test(value) ? value : undefined;
}

function asChatId(id: string | undefined): string | undefined {
  try {
    return id === undefined ? undefined : readChatIdText(id, 'chat id');
  } catch (error) {
    if (isGatewayError(error)) return undefined;
    throw error;
  }
}
