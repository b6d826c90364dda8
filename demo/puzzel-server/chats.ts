import { randomBytes, randomInt } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { encodeContent } from './content.ts';
import type { MessageType, Variable, WireMessage } from './wire.ts';

/** What `POST sessions` says of a new chat. */
export interface Opening {
  readonly customerKey: string;
  readonly queueKey: string;
  readonly nickName: string;
  readonly chatId: string;
  readonly variables: readonly Variable[];
  readonly welcomeHeader: string;
  readonly welcomeBody: string;
}

/** A line as it was said, beside what goes out. */
export interface Line extends WireMessage {
  /** For the agent's screen; undefined for what is no speech. */
  readonly text: string | undefined;
}

/** One chat. */
export interface PuzzelChat extends Opening {
  /** `{customerKey}-{iqSessionId}`, as in paths. */
  readonly id: string;
  readonly iqSessionId: string;
  readonly requestId: number;
  /** Milliseconds since 1970. */
  readonly openedAt: number;
  readonly state: 'waiting' | 'active' | 'ended';
  readonly lines: readonly Line[];
  /** The visitor has read to the end of a chat that is over, or has ended it: from then on it is not there. */
  readonly gone: boolean;
}

/** A line to be added. */
interface Saying {
  readonly role: 0 | 1;
  readonly nickName: string;
  readonly type: MessageType;
  readonly content: unknown;
  readonly text?: string;
}

const SYSTEM = '';
const AGENT = 'Ingrid';
const MAX_CHATS = 200;

function add(chat: PuzzelChat, ...sayings: readonly Saying[]): PuzzelChat {
  const lines = sayings.map(({ text, ...saying }, index) => ({
    id: chat.lines.length + index + 1,
    sent: new Date().toISOString(),
    userId: saying.nickName === AGENT ? 2 : saying.role === 0 ? 1 : 0,
    ...saying,
    text,
  }));
  return { ...chat, lines: [...chat.lines, ...lines] };
}

function event(content: string, text?: string): Saying {
  return { role: 1, nickName: SYSTEM, type: 'Event', content, ...(text !== undefined && { text }) };
}

/** All chats of the server, in memory; the newest 200 are kept. */
export class PuzzelChats {
  readonly #chats = new Map<string, PuzzelChat>();
  readonly #events = new EventEmitter().setMaxListeners(0);

  /** Oldest first. */
  list(): readonly PuzzelChat[] {
    return [...this.#chats.values()];
  }

  /** A chat by its id in paths, ended ones included. */
  get(id: string): PuzzelChat | undefined {
    return this.#chats.get(id);
  }

  /** A new chat, with its Intro, waiting in its queue. */
  open(opening: Opening): PuzzelChat {
    const iqSessionId = randomBytes(12).toString('hex');
    const chat: PuzzelChat = {
      ...opening,
      id: `${opening.customerKey}-${iqSessionId}`,
      iqSessionId,
      requestId: randomInt(100_000, 1_000_000_000),
      openedAt: Date.now(),
      state: 'waiting',
      lines: [],
      gone: false,
    };
    const { welcomeHeader, welcomeBody, variables } = opening;
    const intro = { welcomeHeader, welcomeBody, variables };
    this.#keep(
      add(
        chat,
        { role: 1, nickName: SYSTEM, type: 'Intro', content: intro },
        event('REQUEST_PUTINQUEUE_AGENTS', 'The visitor waits in the queue.'),
      ),
    );
    for (const oldest of this.#chats.keys()) {
      if (this.#chats.size <= MAX_CHATS) break;
      this.#chats.delete(oldest);
    }
    return this.get(chat.id) ?? chat;
  }

  /** An agent joins a chat that waits; undefined when it does not. */
  connect(id: string): PuzzelChat | undefined {
    const chat = this.#chats.get(id);
    if (chat?.state !== 'waiting') return undefined;
    return this.#keep(
      add(
        { ...chat, state: 'active' },
        { role: 1, nickName: AGENT, type: 'Event', content: 'USER_CONNECTED', text: `${AGENT} has joined.` },
        { role: 1, nickName: AGENT, type: 'UserInfo', content: { userType: 'Human', avatarUrl: '' } },
      ),
    );
  }

  /** Adds a visitor's text under the name that came with it. */
  hear(id: string, nickName: string, text: string): PuzzelChat | undefined {
    return this.#say(id, { role: 0, nickName, type: 'Message', content: encodeContent(text), text });
  }

  /** Adds the visitor's choice among the options of an earlier line. */
  choose(id: string, nickName: string, content: Readonly<Record<string, unknown>>): PuzzelChat | undefined {
    const { optionChoice } = content;
    const text = typeof optionChoice === 'string' ? optionChoice : 'chose nothing';
    return this.#say(id, { role: 0, nickName, type: 'OptionResult', content, text });
  }

  /** Adds an agent's text. */
  say(id: string, text: string): PuzzelChat | undefined {
    return this.#say(id, { role: 1, nickName: AGENT, type: 'Message', content: encodeContent(text), text });
  }

  /** Offers the visitor a choice. */
  offer(id: string, options: readonly string[]): PuzzelChat | undefined {
    const text = options.join(' / ');
    return this.#say(id, { role: 1, nickName: AGENT, type: 'Option', content: options, text });
  }

  /** Ends a chat. When the visitor does, it is gone at once; else the visitor may read to its end. */
  end(id: string, by: 'visitor' | 'agent'): PuzzelChat | undefined {
    const chat = this.#chats.get(id);
    if (chat === undefined || chat.state === 'ended') return undefined;
    const text = by === 'agent' ? `${AGENT} has ended the chat.` : 'The visitor has ended the chat.';
    return this.#keep(
      add(
        { ...chat, state: 'ended', gone: by === 'visitor' },
        event('USER_DISCONNECTED', text),
        event('REQUEST_DISCONNECTED'),
      ),
    );
  }

  /** Lines after this id; undefined is a 404, the chat's end or a chat that never was. */
  read(id: string, after: number): readonly WireMessage[] | undefined {
    const chat = this.#chats.get(id);
    if (chat === undefined || chat.gone) return undefined;
    if (chat.state === 'ended') this.#keep({ ...chat, gone: true });
    return chat.lines.filter((line) => line.id > after).map(({ text: _text, ...message }) => message);
  }

  /** Calls back after each change of any chat; the answer stops that. */
  onChange(listener: (chat: PuzzelChat) => void): () => void {
    this.#events.on('change', listener);
    return () => {
      this.#events.off('change', listener);
    };
  }

  #say(id: string, saying: Saying): PuzzelChat | undefined {
    const chat = this.#chats.get(id);
    if (chat === undefined || chat.state === 'ended') return undefined;
    return this.#keep(add(chat, saying));
  }

  #keep(chat: PuzzelChat): PuzzelChat {
    this.#chats.set(chat.id, chat);
    this.#events.emit('change', chat);
    return chat;
  }
}
