import { randomUUID } from 'node:crypto';
import type { CannedAgent } from './canned-agent.ts';
import type { PuzzelChats } from './chats.ts';
import { plainText, readVariables, record } from './wire.ts';

/** What goes back. */
export interface Reply {
  readonly status: number;
  /** Undefined for an answer without a body. */
  readonly json?: unknown;
}

/** What a call works on. */
export interface Floor {
  readonly chats: PuzzelChats;
  readonly agent: CannedAgent;
}

type Body = Readonly<Record<string, unknown>>;
type Handler = (floor: Floor, parameters: readonly string[], body: Body) => Reply;

const DONE: Reply = { status: 204 };
const NOT_THERE: Reply = { status: 404, json: { message: 'The session is not there.' } };

function malformed(message: string): Reply {
  return { status: 400, json: { message } };
}

function openSession({ chats, agent }: Floor, _parameters: readonly string[], body: Body): Reply {
  const [customerKey, queueKey] = [plainText(body['customerKey']), plainText(body['queueKey'])];
  if (customerKey === '' || queueKey === '') return malformed('customerKey and queueKey are mandatory.');
  const intro = record(body['intro']) ?? {};
  const chat = chats.open({
    customerKey,
    queueKey,
    nickName: plainText(body['nickName']),
    chatId: plainText(body['chatId']),
    variables: readVariables(intro['variables']),
    welcomeHeader: plainText(intro['msgWelcomeHeader']),
    welcomeBody: plainText(intro['msgWelcome']),
  });
  agent.greet(chat);
  return { status: 200, json: { iqSessionId: chat.iqSessionId, requestId: chat.requestId } };
}

function readMessages({ chats }: Floor, [id = '', after = '0']: readonly string[]): Reply {
  const messages = chats.read(id, Number(after));
  return messages === undefined ? NOT_THERE : { status: 200, json: messages };
}

function postMessage({ chats, agent }: Floor, [id = '']: readonly string[], body: Body): Reply {
  const nickName = plainText(body['nickName']);
  const { content, type } = body;
  const choice = record(content);
  if (chats.get(id) === undefined) return NOT_THERE;
  if (type === 'Message' && typeof content === 'string') {
    if (chats.hear(id, nickName, content) === undefined) return NOT_THERE;
  } else if (type === 'OptionResult' && choice !== undefined) {
    if (chats.choose(id, nickName, choice) === undefined) return NOT_THERE;
  } else return malformed('A client posts a Message with text, or an OptionResult.');
  agent.heard(id);
  return DONE;
}

function endSession({ chats }: Floor, [id = '', requestId]: readonly string[]): Reply {
  if (String(chats.get(id)?.requestId) !== requestId) return NOT_THERE;
  return chats.end(id, 'visitor') === undefined ? NOT_THERE : DONE;
}

function sendTranscript({ chats }: Floor, [id = '']: readonly string[], body: Body): Reply {
  if (chats.get(id) === undefined) return NOT_THERE;
  return plainText(body['toEmailAddress']) === '' ? malformed('toEmailAddress is mandatory.') : DONE;
}

function keepSurvey({ chats }: Floor, [id = '']: readonly string[]): Reply {
  return chats.get(id) === undefined ? NOT_THERE : { status: 200, json: randomUUID() };
}

function configuration(): Reply {
  return {
    status: 200,
    json: { botMessageTimerMs: '1000', variables: 'Topic;Language', languageCode: 'EN' },
  };
}

/** The calls of Chat API v1; parameters in the order of the path. */
const CALLS: readonly (readonly [method: string, path: RegExp, handler: Handler])[] = [
  ['POST', /^\/chat\/v1\/sessions$/, openSession],
  ['GET', /^\/chat\/v1\/sessions\/([^/]+)\/messages\/(\d+)$/, readMessages],
  ['POST', /^\/chat\/v1\/sessions\/([^/]+)\/messages$/, postMessage],
  ['DELETE', /^\/chat\/v1\/sessions\/([^/]+)\/([^/]+)$/, endSession],
  ['POST', /^\/chat\/v1\/sessions\/([^/]+)\/email$/, sendTranscript],
  ['POST', /^\/chat\/v1\/sessions\/([^/]+)\/survey$/, keepSurvey],
  ['GET', /^\/chat\/v1\/configurations\/[^/]+-[^/]+$/, configuration],
];

/** The call that an address names, ready for its body; undefined where there is none. */
export function matchCall(
  method: string,
  target: string,
): ((floor: Floor, body: unknown) => Reply) | undefined {
  const path = target.split('?')[0] ?? '';
  for (const [wanted, pattern, handler] of CALLS) {
    const parameters = wanted === method ? pattern.exec(path)?.slice(1) : undefined;
    if (parameters !== undefined) return (floor, body) => handler(floor, parameters, record(body) ?? {});
  }
  return undefined;
}
