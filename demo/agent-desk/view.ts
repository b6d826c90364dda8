import type { Chat } from '../chat-server/chats.ts';
import type { Visitor } from '../chat-server/visitor.ts';

/** How the desk names the eID behind an `acr`. */
const METHODS: readonly (readonly [pattern: RegExp, label: string])[] = [
  [/[:.]nbid/, 'BankID (Norway)'],
  [/[:.]sbid/, 'BankID (Sweden)'],
  [/[:.]mitid/, 'MitID (Denmark)'],
  [/[:.]ftn/, 'Finnish Trust Network'],
];

/** One chat as the agent's screen shows it. */
export interface ChatView {
  readonly id: string;
  readonly queueKey: string;
  readonly state: Chat['state'];
  readonly openedAt: number;
  readonly messages: Chat['messages'];
  readonly verified: boolean;
  /** What to call the visitor. */
  readonly title: string;
  readonly connection: string | undefined;
  readonly method: string | undefined;
  /** Milliseconds since 1970. */
  readonly verifiedAt: number | undefined;
  readonly chatId: string | undefined;
  readonly variables: Visitor['variables'];
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
    verified: visitor.verified,
    title: visitor.verified ? (name ?? visitor.nickName ?? 'Verified visitor') : 'Unverified visitor',
    connection: visitor.connection,
    method: methodLabel(visitor.acr),
    verifiedAt: visitor.authTime === undefined ? undefined : visitor.authTime * 1000,
    chatId: visitor.chatId,
    variables: visitor.variables,
  };
}
