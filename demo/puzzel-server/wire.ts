/** What a line of a chat can be on the wire of Chat API v1. */
export type MessageType =
  'Message' | 'Event' | 'UserInfo' | 'Option' | 'OptionResult' | 'Evaluation' | 'Intro' | 'Command';

/** One line of a chat, as `GET messages` gives it out. */
export interface WireMessage {
  /** Counts from 1 within its chat. */
  readonly id: number;
  /** ISO 8601, UTC. */
  readonly sent: string;
  /** 1 is the agent's side and the server's own, 0 the visitor's. */
  readonly role: 0 | 1;
  readonly userId: number;
  readonly nickName: string;
  readonly type: MessageType;
  readonly content: unknown;
}

/** What the agent is told of a visitor under one name; a secret one is not for the visitor's own screen. */
export interface Variable {
  readonly name: string;
  readonly value: string;
  readonly secret: boolean;
}

/** JSON that is an object; undefined for anything else, arrays included. */
export function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

/** Text as it is, numbers and booleans as text, nothing else. */
export function plainText(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

function variable(name: string, given: unknown): Variable {
  const described = record(given);
  if (described === undefined) return { name, value: plainText(given), secret: false };
  return { name, value: plainText(described['value']), secret: described['secret'] === true };
}

/** `intro.variables`: a map of names to values, or to `{value, secret}`; or a list of `{name, value, secret}`. */
export function readVariables(given: unknown): Variable[] {
  if (Array.isArray(given))
    return given.map((entry: unknown) => variable(plainText(record(entry)?.['name']), entry));
  return Object.entries(record(given) ?? {}).map(([name, value]) => variable(name, value));
}
