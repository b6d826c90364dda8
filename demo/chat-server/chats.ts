import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { Visitor } from './visitor.ts';

/** One line of a conversation. */
export interface Message {
  /** Counts from 1 within its chat. */
  readonly id: number;
  readonly from: 'visitor' | 'agent' | 'system';
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** One conversation. */
export interface Chat {
  readonly id: string;
  readonly queueKey: string;
  /** Who opened it; never changes afterwards. */
  readonly visitor: Visitor;
  readonly openedAt: number;
  readonly state: 'waiting' | 'active' | 'ended';
  readonly messages: readonly Message[];
}

const MAX_CHATS = 200;
const MAX_TEXT = 2000;

/** All conversations of the chat server, in memory; the newest 200 are kept. */
export class Chats {
  readonly #chats = new Map<string, Chat>();
  readonly #events = new EventEmitter().setMaxListeners(0);

  /** Oldest first. */
  list(): readonly Chat[] {
    return [...this.#chats.values()];
  }

  get(id: string): Chat | undefined {
    return this.#chats.get(id);
  }

  /** Opens a chat in a queue, where it waits for an agent. */
  open(queueKey: string, visitor: Visitor): Chat {
    const chat: Chat = {
      id: randomUUID(),
      queueKey,
      visitor,
      openedAt: Date.now(),
      state: 'waiting',
      messages: [],
    };
    this.#chats.set(chat.id, chat);
    for (const id of this.#chats.keys()) {
      if (this.#chats.size <= MAX_CHATS) break;
      this.#chats.delete(id);
    }
    return this.say(chat.id, 'system', 'Welcome to Fjordbank. An agent will be here shortly.') ?? chat;
  }

  /** An agent takes a waiting chat. */
  take(id: string): Chat | undefined {
    if (this.#chats.get(id)?.state !== 'waiting') return undefined;
    this.#change(id, { state: 'active' });
    return this.say(id, 'system', 'Ingrid has joined the chat.');
  }

  /** Adds a message, cut to 2000 characters; undefined when there is no such chat, it has ended, or nothing is said. */
  say(id: string, from: Message['from'], text: string): Chat | undefined {
    const chat = this.#chats.get(id);
    const said = text.trim().slice(0, MAX_TEXT);
    if (chat === undefined || chat.state === 'ended' || said === '') return undefined;
    const message: Message = { id: chat.messages.length + 1, from, text: said, at: Date.now() };
    return this.#change(id, { messages: [...chat.messages, message] });
  }

  end(id: string, text: string): Chat | undefined {
    const last = this.say(id, 'system', text);
    return last && this.#change(id, { state: 'ended' });
  }

  /** Calls back after each change of any chat; the answer stops that. */
  onChange(listener: (chat: Chat) => void): () => void {
    this.#events.on('change', listener);
    return () => {
      this.#events.off('change', listener);
    };
  }

  /** Waits until any chat changes, or `signal` aborts. */
  async nextChange(signal: AbortSignal): Promise<void> {
    await once(this.#events, 'change', { signal }).catch(() => undefined);
  }

  #change(id: string, part: Partial<Chat>): Chat | undefined {
    const chat = this.#chats.get(id);
    if (chat === undefined) return undefined;
    const changed: Chat = { ...chat, ...part };
    this.#chats.set(id, changed);
    this.#events.emit('change', changed);
    return changed;
  }
}
