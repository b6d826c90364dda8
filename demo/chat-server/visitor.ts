/** One line of what the agent sees about a verified visitor. */
export interface VisitorVariable {
  readonly name: string;
  readonly description: string;
  readonly value: string;
}

/** Who sent a request, as far as the chat server can tell. */
export interface Visitor {
  /** True when the request carried identity headers. */
  readonly verified: boolean;
  /** The id under which the visitor's chats belong together; undefined for an unverified one. */
  readonly chatId: string | undefined;
  readonly nickName: string | undefined;
  readonly connection: string | undefined;
  readonly variables: readonly VisitorVariable[];
  readonly acr: string | undefined;
  /** Seconds since 1970. */
  readonly authTime: number | undefined;
}

/** Names and values in the order of the wire: `IncomingMessage.rawHeaders`. */
export type RawHeaders = readonly string[];

const PREFIX = 'x-secure-chat-';

/** The identity headers of a request, as they arrived. */
export function identityHeaders(rawHeaders: RawHeaders): (readonly [name: string, value: string])[] {
  const found: [string, string][] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.toLowerCase().startsWith(PREFIX)) found.push([name, rawHeaders[index + 1] ?? '']);
  }
  return found;
}

function readVariables(json: string | undefined): VisitorVariable[] {
  const entries = JSON.parse(json ?? '[]') as { name: string; description?: string; value: string }[];
  return entries.map(({ name, description, value }) => ({ name, description: description ?? name, value }));
}

/**
 * Reads who a visitor is from the headers of a request: all that a chat server has to learn in order to sit behind the
 * gateway. Without identity headers the visitor is unverified.
 */
export function readVisitor(rawHeaders: RawHeaders): Visitor {
  const headers = new Map(identityHeaders(rawHeaders).map(([name, value]) => [name.toLowerCase(), value]));
  const read = (name: string): string | undefined => {
    const value = headers.get(PREFIX + name);
    return value === undefined ? undefined : decodeURIComponent(value);
  };
  const authTime = Number(read('auth-time'));
  return {
    verified: headers.has(`${PREFIX}connection`),
    chatId: read('id'),
    nickName: read('nickname'),
    connection: read('connection'),
    variables: readVariables(headers.get(`${PREFIX}variables`)),
    acr: read('acr'),
    authTime: Number.isSafeInteger(authTime) && authTime > 0 ? authTime : undefined,
  };
}
