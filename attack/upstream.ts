import { createHash } from 'node:crypto';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { readRequest, readRequests, type ReadRequest } from './lenient-framing.ts';

/** The upstream that the target is configured to proxy to: takes anything, records bytes, answers what it is told. */
export interface Upstream {
  readonly port: number;
  /** Forgets what arrived. @param answer bytes of every answer from now on; '' cuts the connection; default an echo */
  begin(answer?: string): void;
  /** Bytes since `begin`, of all connections in order. */
  readonly raw: string;
  /** Requests since `begin`, in the reading that finds the most. */
  readonly requests: readonly ReadRequest[];
  stop(): Promise<void>;
}

interface Connection {
  readonly socket: Socket;
  /** Bytes since `begin`. */
  log: string;
  /** Bytes that belong to no answered request yet. */
  pending: string;
  /** After a 101 the bytes are no HTTP. */
  raised: boolean;
}

/**
 * Starts it on loopback.
 * @param port 0 for any
 * @param onRequest told of every request that is answered
 */
export async function startUpstream(
  port: number,
  onRequest: (request: ReadRequest) => void = () => undefined,
): Promise<Upstream> {
  const connections = new Set<Connection>();
  let answer: string | undefined;
  const server = createServer((socket) => {
    const connection: Connection = { socket, log: '', pending: '', raised: false };
    connections.add(connection);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      const text = chunk.toString('latin1');
      connection.log += text;
      if (connection.raised) return;
      connection.pending += text;
      answerPending(connection, answer, onRequest);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    begin(told) {
      answer = told;
      for (const connection of connections) {
        connection.log = '';
        if (connection.socket.destroyed) connections.delete(connection);
      }
    },
    get raw() {
      return [...connections].map(({ log }) => log).join('');
    },
    get requests() {
      return [...connections].flatMap(({ log }) => mostRequests(log));
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const { socket } of connections) socket.destroy();
      await closed;
    },
  };
}

function mostRequests(text: string): ReadRequest[] {
  const [one, other] = [readRequests(text, 'chunked'), readRequests(text, 'length')];
  return one.length >= other.length ? one : other;
}

function answerPending(
  connection: Connection,
  told: string | undefined,
  onRequest: (request: ReadRequest) => void,
): void {
  const { socket } = connection;
  for (;;) {
    const request = readRequest(connection.pending, 'chunked');
    if (request === undefined) return;
    connection.pending = connection.pending.slice(
      connection.pending.indexOf(request.raw) + request.raw.length,
    );
    onRequest(request);
    if (told === '') {
      socket.destroy();
      return;
    }
    const key = request.headers.find(([name]) => /^sec-websocket-key$/i.test(name))?.[1];
    connection.raised = key !== undefined && told === undefined;
    socket.write(connection.raised ? raise(key ?? '') : (told ?? echo(request)), 'latin1');
    if (connection.raised) return;
  }
}

/** 200 with the bytes that arrived and the header lines that `X-Answer` asks for, for whoever tries a request by hand. */
function echo({ method, headers, raw }: ReadRequest): string {
  const asked = headers.filter(([name]) => /^x-answer$/i.test(name)).map(([, line]) => `${line}\r\n`);
  const body = method === 'HEAD' ? '' : raw;
  return `HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Length: ${raw.length}\r\n${asked.join('')}\r\n${body}`;
}

/** RFC 6455, section 4.2.2. */
function raise(key: string): string {
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
}
