import { WebSocket } from 'ws';

type Values = Record<string, unknown>;

/** A connection that speaks WebDriver BiDi (W3C): commands with an answer each. Events are not subscribed to. */
export interface BidiClient {
  /** @throws Error with the browser's word for what went wrong */
  send(method: string, params?: Values): Promise<Values>;
  close(): void;
}

/** Connects to `ws://.../session` of a browser. */
export async function connectBidi(url: string): Promise<BidiClient> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  const waiting = new Map<number, PromiseWithResolvers>();
  let count = 0;
  socket.on('message', (data: Buffer) => {
    const { id, result, error, message } = JSON.parse(data.toString()) as {
      id?: number;
      result?: Values;
      error?: string;
      message?: string;
    };
    const command = waiting.get(id ?? 0);
    if (command === undefined) return;
    waiting.delete(id ?? 0);
    if (error === undefined) command.resolve(result ?? {});
    else command.reject(new Error(`${error}: ${message ?? ''}`));
  });
  socket.on('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('the browser has ended the connection'));
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return {
    send: (method, params = {}) =>
      new Promise((resolve, reject) => {
        count += 1;
        waiting.set(count, { resolve, reject });
        socket.send(JSON.stringify({ id: count, method, params }));
      }),
    close: () => {
      socket.close();
    },
  };
}

interface PromiseWithResolvers {
  readonly resolve: (value: Values) => void;
  readonly reject: (error: Error) => void;
}
