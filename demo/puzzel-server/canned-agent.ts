import type { PuzzelChat, PuzzelChats } from './chats.ts';

/** What the canned agent says, in this order, one line for each of the visitor's; then from the second on again. */
export const CANNED_LINES: readonly string[] = [
  'Hi [b]{nickName}[/b], this is Ingrid. What can I do for you?',
  'Let me look that up for you.',
  'Thank you. I see your accounts here.',
  'That has gone through today.[br]You will see it tomorrow morning.',
  'Do you want me to send it to you as a letter?',
  'I have made a note of it.',
  'You can change that yourself under [b]Settings[/b].',
  'There is no fee for that.',
  'It takes two banking days.',
  'Is there anything else?',
];

/** After this many answers the agent asks by a choice. */
const OFFER_AFTER = 4;
const OPTIONS = ['Yes, please', 'No, thank you'];

/** How fast the canned agent is, in milliseconds; 0 acts at once, before the request is answered. */
export interface AgentPace {
  /** From the start of a chat until the agent joins. */
  readonly joinsAfterMs: number;
  /** From the visitor's line to the answer. */
  readonly answersAfterMs: number;
}

function later(afterMs: number, act: () => void): void {
  if (afterMs === 0) act();
  else setTimeout(act, afterMs).unref();
}

/** The agent who answers when nobody sits at the desk. A chat that somebody takes there is theirs from then on. */
export class CannedAgent {
  readonly #chats: PuzzelChats;
  readonly #pace: AgentPace;
  /** How much has been said in the chats that are the canned agent's. */
  readonly #said = new Map<string, number>();

  constructor(chats: PuzzelChats, pace: AgentPace) {
    this.#chats = chats;
    this.#pace = pace;
  }

  /** A chat has begun. */
  greet({ id }: PuzzelChat): void {
    later(this.#pace.joinsAfterMs, () => {
      if (this.#chats.connect(id) === undefined) return;
      this.#said.set(id, 0);
      this.#answer(id);
    });
  }

  /** The visitor has said something. */
  heard(id: string): void {
    later(this.#pace.answersAfterMs, () => {
      this.#answer(id);
    });
  }

  /** Somebody at the desk goes on with this chat. */
  yield(id: string): void {
    this.#said.delete(id);
  }

  #answer(id: string): void {
    const said = this.#said.get(id);
    const chat = this.#chats.get(id);
    if (said === undefined || chat?.state !== 'active') return;
    const line = CANNED_LINES[said] ?? CANNED_LINES[1 + (said % (CANNED_LINES.length - 1))] ?? '';
    this.#chats.say(
      id,
      line.replace('{nickName}', () => chat.nickName || 'there'),
    );
    if (said === OFFER_AFTER) this.#chats.offer(id, OPTIONS);
    this.#said.set(id, said + 1);
  }
}
