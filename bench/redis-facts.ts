import { once } from 'node:events';
import { connect } from 'node:net';

/** What a Redis server says of itself (INFO). */
export interface RedisFacts {
  readonly pid: number;
  /** Commands since its start, but for those that ask for this. */
  readonly commands: number;
  readonly usedBytes: number;
  readonly keys: number;
}

/** Asks a server on loopback. */
export async function askRedis(port: number): Promise<RedisFacts> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.write('INFO everything\r\n');
    let text = '';
    // the length of the answer stands in its first line (RESP2, bulk string)
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      text += chunk.toString('latin1');
      const length = /^\$(\d+)\r\n/.exec(text);
      if (length !== null && text.length >= length[0].length + Number(length[1]) + 2) break;
    }
    return parseInfo(text);
  } finally {
    socket.destroy();
  }
}

/** Reads the answer to INFO. */
export function parseInfo(text: string): RedisFacts {
  const number = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0);
  let commands = 0;
  for (const [, name, calls] of text.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm))
    if (name !== 'info') commands += Number(calls);
  return {
    pid: number(/^process_id:(\d+)/m),
    commands,
    usedBytes: number(/^used_memory:(\d+)/m),
    keys: number(/^db0:keys=(\d+)/m),
  };
}
