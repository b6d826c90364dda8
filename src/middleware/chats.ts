import type { Audit } from '../audit/audit.ts';
import type { ChatRule, Queue } from '../config/gateway-config.ts';
import { GatewayError } from '../errors.ts';
import type { Logger } from '../observe/logger.ts';
import type { AnswerReading } from '../proxy/held-answer.ts';
import type { QueueRequest } from '../queues/answers.ts';
import type { Address } from '../queues/canonical-path.ts';
import { foldChatId } from '../queues/chat-id-text.ts';
import { createChatIds, type ChatIds, type NamedChat } from '../queues/chat-ids.ts';
import type { QueueResolver } from '../queues/resolve.ts';
import { readStartedChat } from '../queues/started-chat.ts';
import { createChatRecords, type ChatOwner, type ChatRecords } from '../session/chat-records.ts';
import type { RecordCache } from '../session/record-cache.ts';
import type { Sealer } from '../session/seal.ts';
import type { Persons } from '../session/persons.ts';
import type { StateStore } from '../session/state-store.ts';
import { identityChanged, type ChatOwners, type ChatPlace } from './chat-owners.ts';
import type { Entry } from './identity-block.ts';
import { isSecure, type SecureQueue } from './secure-queue.ts';

/** A chat that a request names, in a secure queue. */
export interface FoundChat {
  /** Of the chat, whatever the address says. */
  readonly queue: SecureQueue;
  /** Keyed pseudonym of the chat's id, for the audit record; undefined when no id was named. */
  readonly pseudonym: string | undefined;
  /** Of the chat, where a secret tail of its id has named it. */
  readonly sessionId: string | undefined;
  /**
   * Lets the person go on with the chat who started it.
   *
   * @throws GatewayError `identity_changed` where that person was here before, else `queue_refused`.
   */
  admit(place: ChatPlace, subject: string): Promise<void>;
}

/** Binds chats to who started them, by the ids of the chat server. */
export interface Chats {
  /** True when a chat rule reads the body of such a request, which then has to be there in full before `find`. */
  needsBody(method: string, address: Address): boolean;
  /**
   * The chat of a secure queue that the request names; undefined when it names none, or one of no secure queue.
   *
   * @param named the queue that the request names
   * @throws GatewayError `queue_ambiguous` for two chats, and for a chat of another queue; `queue_refused` and
   * `path_ambiguous` for what could be taken for somebody's chat; `session_store_unavailable`.
   */
  find(request: QueueRequest, named: Queue | undefined): Promise<FoundChat | undefined>;
  /**
   * How the answer to an admitted request is read, when it starts a chat.
   *
   * @param secret the tail that its id gets: without it nobody comes to this chat again
   */
  reading(
    method: string,
    address: Address,
    entry: Entry,
    requestId: () => string,
    secret?: AnswerSecret,
  ): AnswerReading | undefined;
}

/** A secret tail, and the answer that tells it to the page. */
export interface AnswerSecret {
  readonly tail: string;
  readonly write: (body: Buffer) => Buffer;
}

interface Parts {
  readonly state: StateStore;
  readonly sealer: Sealer;
  readonly cache?: RecordCache | undefined;
  readonly resolver: Pick<QueueResolver, 'findQueue'>;
  readonly chatOwners: Pick<ChatOwners, 'knows'>;
  readonly logger: Logger;
  readonly audit: Pick<Audit, 'record'>;
  readonly persons: Persons;
  readonly pseudonym: (text: string) => string;
}

interface Context extends Parts {
  readonly ids: ChatIds;
  readonly records: ChatRecords;
}

/** An answer that starts a chat is read up to this size. */
const ANSWER_LIMIT_BYTES = 64 * 1024;

/** Chats by these rules; undefined without any, and then nothing is ever asked. */
export function createChats(rules: readonly ChatRule[], parts: Parts): Chats | undefined {
  if (rules.length === 0) return undefined;
  const context: Context = { ...parts, ids: createChatIds(rules), records: createChatRecords(parts) };
  return {
    needsBody: (method, address) => context.ids.needsBody(method, address),
    async find(request, named) {
      const chat = context.ids.read(request);
      return chat && (await find(context, chat, named, request.address.tail));
    },
    reading: (...request) => reading(context, ...request),
  };
}

async function find(
  context: Context,
  chat: NamedChat,
  named: Queue | undefined,
  tail: string | undefined,
): Promise<FoundChat | undefined> {
  const known = await context.records.find(chat.chatId, chat.alike);
  const { owner } = known;
  const hash = tail === undefined ? undefined : tailHash(context, chat.chatId, tail);
  if (owner?.tail?.hash !== hash) throw foreignChat();
  if (owner === undefined) return unknownChat(chat, known.alike, named);
  const { chatId } = chat;
  const queue = queueOf(context, owner);
  if (named !== undefined && named !== queue) {
    throw new GatewayError(
      'queue_ambiguous',
      'The chat is in another queue than the one that the request names.',
    );
  }
  return {
    queue,
    pseudonym: chatId === undefined ? undefined : chatPseudonym(context, queue.customerKey, chatId),
    sessionId: owner.tail?.sessionId,
    async admit(place, subject) {
      if (subject === owner.subject) await known.prolong(foldChatId(chat.chatId ?? ''));
      else if (await context.chatOwners.knows(place, owner.subject)) throw identityChanged();
      else throw foreignChat();
    },
  };
}

/** Nobody is known to have started it. In a secure queue nobody then goes on with it; elsewhere it is like any request. */
function unknownChat(chat: NamedChat, alike: boolean, named: Queue | undefined): FoundChat | undefined {
  if (alike && chat.chatId === undefined) {
    throw new GatewayError('path_ambiguous', 'Some chat servers read this path as that of a verified chat.');
  }
  if (chat.chatId !== undefined && isSecure(named)) {
    return {
      queue: named,
      pseudonym: undefined,
      sessionId: undefined,
      admit: () => Promise.reject(foreignChat()),
    };
  }
  if (alike) throw foreignChat();
  return undefined;
}

/** The chat's queue as it is configured today. A chat whose queue has left its connection is nobody's any more. */
function queueOf({ resolver }: Context, owner: ChatOwner): SecureQueue {
  const queue = resolver.findQueue(owner.queueKey, owner.customerKey);
  if (!isSecure(queue) || queue.connection.id !== owner.connectionId) throw foreignChat();
  return queue;
}

function chatPseudonym({ pseudonym }: Parts, customerKey: string, chatId: string): string {
  return pseudonym(JSON.stringify(['chat', customerKey, chatId]));
}

function tailHash({ sealer }: Context, chatId = '', tail: string): string {
  return sealer.key('chat-tail', chatId, tail);
}

/** One refusal for both, so that nobody learns which ids exist. */
export function foreignChat(): GatewayError {
  return new GatewayError(
    'queue_refused',
    'This chat belongs to somebody else, or was not started here. Start a chat of your own.',
  );
}

function reading(
  context: Context,
  method: string,
  address: Address,
  { queue, admission }: Entry,
  requestId: () => string,
  secret?: AnswerSecret,
): AnswerReading | undefined {
  const { ids, records, logger, audit } = context;
  const sources = ids.startsWith(method, address);
  if (sources.length === 0 || method === 'HEAD') return undefined;
  const { customerKey, queueKey, connection } = queue;
  const { subject } = admission.record.identity;
  const owner: ChatOwner = { subject, connectionId: connection.id, customerKey, queueKey };
  const about = () => ({ requestId: requestId(), customer: customerKey, queue: queueKey, subject });
  const missed = (why: string) => {
    logger.warn({ ...about(), why }, 'an answer that should start a chat names none');
  };
  return {
    limitBytes: ANSWER_LIMIT_BYTES,
    missed,
    rewrite: secret?.write,
    async read(body) {
      const found = new Set(sources.map((source) => readStartedChat(body, source, customerKey)));
      found.delete(undefined);
      if (found.size === 0) missed('no id in it');
      for (const chatId of found) {
        if (chatId === undefined) continue;
        const tail = secret && {
          hash: tailHash(context, chatId, secret.tail),
          sessionId: admission.sessionId,
        };
        if (await records.start(chatId, foldChatId(chatId), { ...owner, tail })) {
          const chat = chatPseudonym(context, customerKey, chatId);
          audit.record({ kind: 'chat_started', ...about(), connection: connection.name, chat });
          continue;
        }
        logger.warn(about(), 'an answer would start a chat that belongs to somebody else');
        throw foreignChat();
      }
      if (found.size > 0) logger.info(about(), 'chat started');
    },
  };
}
