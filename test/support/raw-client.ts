import { connect, type Socket } from 'node:net';

/** A TCP client that sends exactly the bytes it is given; text is latin1 both ways. */
export interface RawClient {
  readonly socket: Socket;
  /** Everything received so far. */
  readonly text: string;
  write(bytes: string | Buffer): void;
  /** Resolves with everything received once it holds this text; rejects when the connection ends before. */
  until(text: string): Promise<string>;
  /** Resolves when the connection is over: `reset` when by RST, and all that was received. */
  readonly closed: Promise<{ readonly reset: boolean; readonly text: string }>;
  destroy(): void;
}

/** Opens a connection to loopback. */
export async function openRaw(port: number): Promise<RawClient> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  let reset = false;
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const check of waiting) check();
  };
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
    wake();
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    reset ||= error.code === 'ECONNRESET';
  });
  const closed = new Promise<{ reset: boolean; text: string }>((resolve) => {
    socket.once('close', () => {
      resolve({ reset, text });
      wake();
    });
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve).once('error', reject);
  });
  return {
    socket,
    get text() {
      return text;
    },
    write(bytes) {
      if (typeof bytes === 'string') socket.write(bytes, 'latin1');
      else socket.write(bytes);
    },
    until: (wanted) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (text.includes(wanted)) resolve(text);
          else if (socket.destroyed)
            reject(new Error(`the connection ended before ${JSON.stringify(wanted)}: ${text}`));
          else return;
          waiting.delete(check);
        };
        waiting.add(check);
        check();
      }),
    closed,
    destroy() {
      socket.destroy();
    },
  };
}

/** Sends these bytes and resolves with everything that came back, when the other side has closed. */
export async function rawRequest(port: number, bytes: string | Buffer): Promise<string> {
  const client = await openRaw(port);
  client.write(bytes);
  const { text } = await client.closed;
  return text;
}
