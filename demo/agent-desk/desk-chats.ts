import type { Chats } from '../chat-server/chats.ts';
import { chatView, type ChatView } from './view.ts';

/** What the desk needs of a chat server. Each act says whether the chat was there to take it. */
export interface DeskChats {
  /** Oldest first. */
  list(): readonly ChatView[];
  /** Calls back after each change of any chat; the answer stops that. */
  onChange(listener: (chat: ChatView) => void): () => void;
  take(id: string): boolean;
  say(id: string, text: string): boolean;
  end(id: string): boolean;
}

/** The desk's side of the legacy chat server. */
export function legacyDeskChats(chats: Chats): DeskChats {
  return {
    list: () => chats.list().map(chatView),
    onChange: (listener) =>
      chats.onChange((chat) => {
        listener(chatView(chat));
      }),
    take: (id) => chats.take(id) !== undefined,
    say: (id, text) => chats.say(id, 'agent', text) !== undefined,
    end: (id) => chats.end(id, 'Ingrid has ended the chat. Thank you!') !== undefined,
  };
}
