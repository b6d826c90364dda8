import { customerOf } from '../config/connection-id.ts';
import { foldQueueKey } from '../config/fold-queue-key.ts';
import { GatewayError } from '../errors.ts';
import type { Sealer } from '../session/seal.ts';
import { createSealedRecords, type SealedRecords, type StoredRecord } from '../session/sealed-records.ts';
import type { StateStore } from '../session/state-store.ts';

/**
 * Whose chat it is: for each browser, customer and queue, the person who opened the chat there. Kept beside the
 * identities, since it has to outlive a new login of somebody else in the same browser.
 */
export interface ChatOwners {
  /**
   * Lets a person into a queue. A navigation loads the chat anew and so opens one of its own; anything else goes on with
   * the chat that is there.
   *
   * @throws GatewayError `identity_changed` when that chat was opened by another person.
   */
  enter(place: ChatPlace, subject: string, navigation: boolean): Promise<void>;
  /**
   * Lets a person into a queue with a request that names a chat of their own. True when the chat that is there without a
   * name is theirs too, or was nobody's; false when it is another's, and stays so.
   */
  enterOwn(place: ChatPlace, subject: string): Promise<boolean>;
  /** Has this person opened a chat of this customer in this browser? */
  knows(place: ChatPlace, subject: string): Promise<boolean>;
  /** From now on the chat in this queue is this person's. */
  assign(place: ChatPlace, subject: string): Promise<void>;
  /** The chats of a session are its successor's too, which has a session id of its own beside it. */
  copy(oldId: string, newId: string, connectionIds: readonly string[]): Promise<void>;
  /** Takes the owners along to a new session id. */
  move(oldId: string, newId: string, connectionIds: readonly string[]): Promise<void>;
  forget(sessionId: string, connectionIds: readonly string[]): Promise<void>;
}

/** Where a chat is: one queue in one browser. */
export interface ChatPlace {
  readonly sessionId: string;
  readonly connectionId: string;
  readonly queueKey: string;
}

/** Owners by folded queue key, and everybody who has opened a chat, the latest last. */
interface Kept {
  readonly owners: Readonly<Record<string, string>>;
  readonly persons: readonly string[];
}

/** As it is stored. */
type StoredOwners = Pick<Kept, 'owners'> & Partial<Kept>;

const NOTHING: Kept = { owners: {}, persons: [] };
const ATTEMPTS = 5;
/** Persons that one browser is remembered by. */
const PERSONS = 16;

/** Owners in the given store; each life is `absoluteSeconds`, that of the longest identity. */
export function createChatOwners(parts: {
  state: StateStore;
  sealer: Sealer;
  absoluteSeconds: number;
}): ChatOwners {
  const { state, sealer } = parts;
  const records = createSealedRecords(state, sealer);
  // not by the connection: a queue that is given another one keeps the owners of its chats, who are then strangers there
  const name = (sessionId: string, connectionId: string) =>
    sealer.key('chat-owners', sessionId, customerOf(connectionId));
  const until = () => Date.now() + parts.absoluteSeconds * 1000;

  async function update(
    place: ChatPlace,
    subject: string,
    decide: (owner: string | undefined) => string,
  ): Promise<string> {
    const key = name(place.sessionId, place.connectionId);
    const queue = foldQueueKey(place.queueKey);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const read = await records.read(key);
      const kept = keptOf(read);
      const owners = new Map(Object.entries(kept.owners));
      const owner = decide(owners.get(queue));
      if (owners.get(queue) === owner && kept.persons.includes(subject)) return owner;
      const next: Kept = {
        owners: Object.fromEntries(owners.set(queue, owner)),
        persons: [...kept.persons.filter((person) => person !== subject), subject].slice(-PERSONS),
      };
      const written =
        read === undefined
          ? records.add(key, storedOf(next), until())
          : records.replace(key, read, storedOf(next), until());
      if (await written) return owner;
    }
    throw new GatewayError('session_store_unavailable', 'The session changed too often at once. Try again.');
  }

  return {
    async enter(place, subject, navigation) {
      await update(place, subject, (owner) => {
        if (owner !== undefined && owner !== subject && !navigation) throw identityChanged();
        return subject;
      });
    },
    async enterOwn(place, subject) {
      return (await update(place, subject, (owner) => owner ?? subject)) === subject;
    },
    async knows({ sessionId, connectionId }, subject) {
      const read = await records.read(name(sessionId, connectionId));
      return keptOf(read).persons.includes(subject);
    },
    async assign(place, subject) {
      await update(place, subject, () => subject);
    },
    copy: (...ids) => carry(records, name, 'read', ...ids),
    move: (...ids) => carry(records, name, 'take', ...ids),
    forget: (sessionId, connectionIds) => state.delete(connectionIds.map((id) => name(sessionId, id))),
  };
}

type Name = (sessionId: string, connectionId: string) => string;

/** Writes what is kept under the old session id under the new one as well, or there only. */
async function carry(
  records: SealedRecords,
  name: Name,
  how: 'read' | 'take',
  oldId: string,
  newId: string,
  connectionIds: readonly string[],
): Promise<void> {
  for (const connectionId of connectionIds) {
    const kept = await records[how](name(oldId, connectionId));
    if (kept !== undefined) await records.write(name(newId, connectionId), kept.value, kept.until);
  }
}

/** Nearly every browser is one person's: the list is stored where it says more than the owners do. */
function storedOf({ owners, persons }: Kept): StoredOwners {
  const [only] = persons;
  const sayAll = persons.length === 1 && Object.values(owners).every((owner) => owner === only);
  return sayAll ? { owners } : { owners, persons };
}

/** A record of an older release, which had the owners alone and no name for them, counts as none. */
function keptOf(read: StoredRecord | undefined): Kept {
  const value = read?.value;
  if (typeof value !== 'object' || value === null || !('owners' in value)) return NOTHING;
  const { owners, persons = [...new Set(Object.values(owners))] } = value as StoredOwners;
  return { owners, persons };
}

/** The refusal of a person who is not the one that opened the chat in this browser. */
export function identityChanged(): GatewayError {
  return new GatewayError(
    'identity_changed',
    'Another person has logged in since this chat was opened. Open the chat again to start one of your own.',
  );
}
