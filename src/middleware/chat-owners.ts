import { foldQueueKey } from '../config/fold-queue-key.ts';
import { GatewayError } from '../errors.ts';
import type { Sealer } from '../session/seal.ts';
import { createSealedRecords } from '../session/sealed-records.ts';
import type { StateStore } from '../session/state-store.ts';

/**
 * Whose chat it is: for each browser, connection and queue, the person who opened the chat there. Kept beside the
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

type Owners = Readonly<Record<string, string>>;

const ATTEMPTS = 5;

/** Owners in the given store; each life is `absoluteSeconds`, that of the longest identity. */
export function createChatOwners(parts: {
  state: StateStore;
  sealer: Sealer;
  absoluteSeconds: number;
}): ChatOwners {
  const { state, sealer } = parts;
  const records = createSealedRecords(state, sealer);
  const name = (sessionId: string, connectionId: string) =>
    sealer.key('chat-owners', sessionId, connectionId);
  const until = () => Date.now() + parts.absoluteSeconds * 1000;

  async function update(place: ChatPlace, decide: (owner: string | undefined) => string): Promise<void> {
    const key = name(place.sessionId, place.connectionId);
    const queue = foldQueueKey(place.queueKey);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const read = await records.read(key);
      const owners = new Map(Object.entries((read?.value ?? {}) as Owners));
      const owner = decide(owners.get(queue));
      if (owners.get(queue) === owner) return;
      const next = Object.fromEntries(owners.set(queue, owner));
      const written =
        read === undefined ? records.add(key, next, until()) : records.replace(key, read, next, until());
      if (await written) return;
    }
    throw new GatewayError('session_store_unavailable', 'The session changed too often at once. Try again.');
  }

  return {
    enter: (place, subject, navigation) =>
      update(place, (owner) => {
        if (owner !== undefined && owner !== subject && !navigation) throw changed();
        return subject;
      }),
    assign: (place, subject) => update(place, () => subject),
    async copy(oldId, newId, connectionIds) {
      for (const connectionId of connectionIds) {
        const read = await records.read(name(oldId, connectionId));
        if (read !== undefined) await records.write(name(newId, connectionId), read.value, read.until);
      }
    },
    async move(oldId, newId, connectionIds) {
      for (const connectionId of connectionIds) {
        const taken = await records.take(name(oldId, connectionId));
        if (taken !== undefined) await records.write(name(newId, connectionId), taken.value, taken.until);
      }
    },
    forget: (sessionId, connectionIds) => state.delete(connectionIds.map((id) => name(sessionId, id))),
  };
}

function changed(): GatewayError {
  return new GatewayError(
    'identity_changed',
    'Another person has logged in since this chat was opened. Open the chat again to start one of your own.',
  );
}
