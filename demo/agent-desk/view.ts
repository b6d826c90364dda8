import type { Chat, Message } from '../chat-server/chats.ts';
import type { VisitorVariable } from '../chat-server/visitor.ts';

/** How the desk names the eID behind an `acr`. */
const METHODS: readonly (readonly [pattern: RegExp, label: string])[] = [
  [/[:.]nbid/, 'BankID (Norway)'],
  [/[:.]sbid/, 'BankID (Sweden)'],
  [/[:.]mitid/, 'MitID (Denmark)'],
  [/[:.]ftn/, 'Finnish Trust Network'],
];

/** One line of it; `name` is who the line says it is from, where lines say that. */
export interface DeskMessage extends Message {
  readonly name?: string;
}

/** One chat as the agent's screen shows it. */
export interface ChatView {
  readonly id: string;
  readonly queueKey: string;
  readonly state: Chat['state'];
  readonly openedAt: number;
  readonly messages: readonly DeskMessage[];
  /** How the chat server knows who it is: `headers` of the gateway, or members of the `body` that opened the chat. */
  readonly toldBy: 'headers' | 'body';
  readonly verified: boolean;
  /** What to call the visitor. */
  readonly title: string;
  readonly connection: string | undefined;
  readonly method: string | undefined;
  /** Milliseconds since 1970. */
  readonly verifiedAt: number | undefined;
  readonly chatId: string | undefined;
  /** Undefined where the desk shows the title in its place. */
  readonly nickName?: string;
  /** A secret one is not for the visitor's own screen. */
  readonly variables: readonly (VisitorVariable & { readonly secret?: boolean })[];
}

/** The name of an eID for people, or the `acr` itself where it is none of the known ones. */
export function methodLabel(acr: string | undefined): string | undefined {
  return METHODS.find(([pattern]) => pattern.test(acr ?? ''))?.[1] ?? acr;
}

/** A chat as the agent's screen shows it. */
export function chatView({ id, queueKey, state, openedAt, messages, visitor }: Chat): ChatView {
  const name = visitor.variables.find((variable) => variable.name === 'name')?.value;
  return {
    id,
    queueKey,
    state,
    openedAt,
    messages,
    toldBy: 'headers',
    verified: visitor.verified,
    title: visitor.verified ? (name ?? visitor.nickName ?? 'Verified visitor') : 'Unverified visitor',
    connection: visitor.connection,
    method: methodLabel(visitor.acr),
    verifiedAt: visitor.authTime === undefined ? undefined : visitor.authTime * 1000,
    chatId: visitor.chatId,
    variables: visitor.variables,
  };
}
