import type { DeskChats } from '../agent-desk/desk-chats.ts';
import type { ChatView, DeskMessage } from '../agent-desk/view.ts';
import type { Line, PuzzelChat } from './chats.ts';
import type { PuzzelServer } from './server.ts';

function messageOf(line: Line): DeskMessage[] {
  if (line.text === undefined) return [];
  const from = line.type === 'Event' ? 'system' : line.role === 0 ? 'visitor' : 'agent';
  const text = line.text.replaceAll(/\[br\]/gi, '\n').replaceAll(/\[\/?b\]/gi, '');
  const said = { id: line.id, from, text, at: Date.parse(line.sent) } as const;
  return [from === 'visitor' ? { ...said, name: line.nickName || 'Visitor' } : said];
}

/** A chat as the agent's screen shows it. */
export function puzzelChatView(chat: PuzzelChat): ChatView {
  return {
    id: chat.id,
    queueKey: chat.queueKey,
    state: chat.state,
    openedAt: chat.openedAt,
    messages: chat.lines.flatMap(messageOf),
    toldBy: 'body',
    verified: false,
    title: chat.nickName || 'Visitor',
    connection: undefined,
    method: undefined,
    verifiedAt: undefined,
    chatId: chat.chatId,
    nickName: chat.nickName,
    variables: chat.variables.map((variable) => ({ ...variable, description: variable.name })),
  };
}

/** The desk's side of the fake server. A chat that somebody takes or answers is no longer the canned agent's. */
export function puzzelDeskChats({ chats, agent }: PuzzelServer): DeskChats {
  return {
    list: () => chats.list().map(puzzelChatView),
    onChange: (listener) =>
      chats.onChange((chat) => {
        listener(puzzelChatView(chat));
      }),
    take: (id) => chats.connect(id) !== undefined,
    say(id, text) {
      agent.yield(id);
      return chats.say(id, text) !== undefined;
    },
    end: (id) => chats.end(id, 'agent') !== undefined,
  };
}
