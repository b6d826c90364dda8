import type { Persons } from './persons.ts';
import type { RecordCache } from './record-cache.ts';
import type { Sealer } from './seal.ts';
import { createSealedRecords, type StoredRecord } from './sealed-records.ts';
import type { StateStore } from './state-store.ts';

/** Whose a chat is, and where. */
export interface ChatOwner {
  /** Keyed pseudonym of the person who started it. */
  readonly subject: string;
  readonly connectionId: string;
  readonly customerKey: string;
  readonly queueKey: string;
  /** Present where the chat's id has a secret tail, which is then all that opens the chat. */
  readonly tail?: ChatTail | undefined;
}

/** The secret behind a chat's id, for a page without cookies. */
export interface ChatTail {
  /** Keyed hash of the chat's id and the secret. */
  readonly hash: string;
  /** The session under whose identity the chat goes on. */
  readonly sessionId: string;
}

/** What is known of the chat that a request names. */
export interface KnownChat {
  readonly owner: ChatOwner | undefined;
  /** Some chat has an id that a forgiving server could take this one for. */
  readonly alike: boolean;
  /** Begins the chat's life anew when an hour of it is gone. `fold` as in `start`. */
  prolong(fold: string): Promise<void>;
}

/**
 * The chats of secure queues, over all browsers and processes. Every method rejects with
 * `GatewayError('session_store_unavailable')` when the store cannot answer.
 */
export interface ChatRecords {
  /**
   * The chat is this person's from now on. False when it is another's: the first one keeps it, since an id that comes back
   * may be one that a client has chosen.
   *
   * @param fold the form under which ids are alike
   */
  start(chatId: string, fold: string, owner: ChatOwner): Promise<boolean>;
  /** One round trip, whatever is named; none for a chat that was found before and has not changed since. */
  find(chatId: string | undefined, folds: readonly string[]): Promise<KnownChat>;
}

/** Deletes those of these records whose chat this person has started; the ids then are nobody's. */
export async function forgetChats(
  { state, sealer }: { state: StateStore; sealer: Sealer },
  names: readonly string[],
  subject: string,
): Promise<void> {
  const records = createSealedRecords(state, sealer);
  const values = await state.getMany(names);
  const own = names.filter(
    (name, index) => (records.open(name, values[index])?.value as ChatOwner | undefined)?.subject === subject,
  );
  await state.delete(own);
}

const LIFE_MS = 30 * 86_400_000;
const HOUR_MS = 3_600_000;

/** What the records stand on. */
export interface ChatRecordsParts {
  readonly state: StateStore;
  readonly sealer: Sealer;
  /** Of that store. */
  readonly cache?: RecordCache | undefined;
  readonly persons: Pick<Persons, 'note'>;
}

/** Chats in the given store; each lives for 30 days after its last use. */
export function createChatRecords({ state, sealer, cache, persons }: ChatRecordsParts): ChatRecords {
  const records = createSealedRecords(state, sealer);
  const chatKey = (chatId: string) => sealer.key('chat', chatId);
  const foldKey = (fold: string) => sealer.key('chat-alike', fold);

  async function prolong(chatId: string, fold: string, record: StoredRecord): Promise<void> {
    const until = Date.now() + LIFE_MS;
    if (until - record.until < HOUR_MS) return;
    await records.write(foldKey(fold), true, until);
    await persons.note((record.value as ChatOwner).subject, { chat: chatKey(chatId), until });
    await records.write(chatKey(chatId), record.value, until);
  }

  /** What exists is kept, what does not is asked for again each time: a chat may start at any moment. */
  async function ask(key: string | undefined, folds: readonly string[]) {
    const marks = folds.map(foldKey);
    const read = key === undefined ? undefined : cache?.read(key, (sealed) => records.open(key, sealed));
    const asked = key === undefined || read !== undefined ? marks : [key, ...marks];
    const [kept, values] = await Promise.all([read, state.getMany(asked)]);
    const found = asked.map((name, index) => records.open(name, values[index]));
    const record = key === undefined || read !== undefined ? kept : found.shift();
    return { record, alike: found.some((mark) => mark !== undefined) };
  }

  return {
    async start(chatId, fold, owner) {
      const until = Date.now() + LIFE_MS;
      // first, so that no chat is ever without it
      await records.write(foldKey(fold), true, until);
      await persons.note(owner.subject, { chat: chatKey(chatId), until });
      if (await records.add(chatKey(chatId), owner, until)) return true;
      const read = await records.read(chatKey(chatId));
      const known = read?.value as ChatOwner | undefined;
      if (read === undefined || known?.subject !== owner.subject) return false;
      if (known.connectionId !== owner.connectionId) return false;
      if (owner.tail !== undefined) {
        await records.write(chatKey(chatId), owner, until);
        return true;
      }
      await prolong(chatId, fold, read);
      return true;
    },
    async find(chatId, folds) {
      const key = chatId === undefined ? undefined : chatKey(chatId);
      const known = key === undefined ? undefined : cache?.find(key);
      // with an owner, nobody asks what is alike
      const { record, alike } = known === undefined ? await ask(key, folds) : { record: known, alike: true };
      return {
        owner: record?.value as ChatOwner | undefined,
        alike,
        async prolong(fold) {
          if (chatId !== undefined && record !== undefined) await prolong(chatId, fold, record);
        },
      };
    },
  };
}
