import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';

/** What the upstream saw of one request. */
export interface RecordedRequest {
  readonly method: string;
  readonly url: string;
  /** Names and values as they stood on the wire. */
  readonly rawHeaders: readonly string[];
  /** The same with lower-case names, as node:http joins them. */
  readonly headers: IncomingMessage['headers'];
  readonly upgrade: boolean;
  /** Numbers the TCP connections from 1. */
  readonly connection: number;
  /** What has been read of the body so far. */
  readonly body: Buffer;
  /** The body is complete. */
  ended: boolean;
  /** Resolves when the connection or the exchange is over, with true when it ended before its answer did. */
  readonly closed: Promise<boolean>;
}

/** Answers one request, in any way it likes; without one the upstream echoes (see `echo`). */
export type UpstreamHandler = (
  req: IncomingMessage,
  res: ServerResponse,
  recorded: RecordedRequest,
) => void | Promise<void>;

export type UpgradeHandler = (
  req: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  recorded: RecordedRequest,
) => void;

/** A real HTTP server on loopback that remembers what it was asked. */
export interface Upstream {
  /** `http://127.0.0.1:<port>` without a trailing slash. */
  readonly url: string;
  readonly port: number;
  /** In order of arrival; a request is here as soon as its head is. */
  readonly requests: RecordedRequest[];
  /** TCP connections so far. */
  readonly connections: number;
  /** The next request that arrives, or one that has arrived and was not asked for yet. */
  readonly next: () => Promise<RecordedRequest>;
  /** Ends every connection. */
  stop(): Promise<void>;
}

/**
 * Starts a recording upstream. Upgrades are WebSocket echoes unless a handler says otherwise.
 * @example const upstream = await startUpstream((_req, res) => void res.writeHead(204).end());
 */
export async function startUpstream(
  handler: UpstreamHandler = echo,
  onUpgrade: UpgradeHandler = echoWebSocket(),
): Promise<Upstream> {
  const log = createLog();
  const sockets = new Map<Duplex, number>();
  const server = createServer({ keepAliveTimeout: 30_000 }, (req, res) => {
    const recorded = record(req, sockets.get(req.socket) ?? 0, res);
    log.add(recorded);
    void handler(req, res, recorded);
  });
  server.on('connection', (socket) => {
    sockets.set(socket, sockets.size + 1);
  });
  server.on('upgrade', (req, socket, head) => {
    socket.on('error', () => socket.destroy()).on('end', () => socket.end());
    const recorded = record(req, sockets.get(socket) ?? 0, undefined);
    log.add(recorded);
    onUpgrade(req, socket, head, recorded);
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests: log.requests,
    get connections() {
      return sockets.size;
    },
    next: log.next,
    stop: () => stop(server, sockets.keys()),
  };
}

/** Answers 200 with what arrived: `{ method, url, rawHeaders, body }`, the body as latin1 text. */
export function echo(req: IncomingMessage, res: ServerResponse, recorded: RecordedRequest): void {
  req.resume().on('end', () => {
    const { method, url, rawHeaders, body } = recorded;
    res.setHeader('Content-Type', 'application/json');
    res.end(JSON.stringify({ method, url, rawHeaders, body: body.toString('latin1') }));
  });
}

/** A TCP server for what no HTTP server would say: each connection is yours, its first bytes are waited for. */
export interface RawUpstream {
  readonly url: string;
  readonly port: number;
  /** Everything that arrived, per connection, as latin1 text. */
  readonly received: string[];
  stop(): Promise<void>;
}

/**
 * @param answer called with each connection once the head of a request is there; bytes, or what to do
 * @example await startRawUpstream('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello');
 */
export async function startRawUpstream(answer: string | ((socket: Socket) => void)): Promise<RawUpstream> {
  const received: string[] = [];
  const sockets = new Set<Socket>();
  const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
    const index = received.push('') - 1;
    let answered = false;
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      received[index] = (received[index] ?? '') + chunk.toString('latin1');
      if (answered || !received[index].includes('\r\n\r\n')) return;
      answered = true;
      if (typeof answer === 'string') socket.write(answer, 'latin1');
      else answer(socket);
    });
  });
  const port = await listen(server);
  return { url: `http://127.0.0.1:${port}`, port, received, stop: () => stop(server, sockets) };
}

/** A port on loopback where nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createTcpServer();
  const port = await listen(server);
  await stop(server, []);
  return port;
}

/** Values of a header, in the order of the wire, whatever its case. */
export function headerValues(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]!.toLowerCase() === name.toLowerCase(),
  );
}

function record(req: IncomingMessage, connection: number, res: ServerResponse | undefined): RecordedRequest {
  const closed = new Promise<boolean>((resolve) => {
    let finished = false;
    res?.once('finish', () => {
      finished = true;
    });
    (res ?? req.socket).once('close', () => {
      resolve(!finished);
    });
  });
  const chunks: Buffer[] = [];
  const recorded: RecordedRequest = {
    method: req.method ?? '',
    url: req.url ?? '',
    rawHeaders: req.rawHeaders,
    headers: req.headers,
    upgrade: res === undefined,
    connection,
    get body() {
      return Buffer.concat(chunks);
    },
    ended: false,
    closed,
  };
  if (res === undefined) return recorded;
  const emit = req.emit.bind(req);
  // looks at the body without making it flow: the handler decides when it is read
  req.emit = (event: string, ...values: unknown[]) => {
    if (event === 'data') chunks.push(values[0] as Buffer);
    if (event === 'end') recorded.ended = true;
    return emit(event, ...values);
  };
  return recorded;
}

function createLog(): {
  requests: RecordedRequest[];
  add(r: RecordedRequest): void;
  next: () => Promise<RecordedRequest>;
} {
  const requests: RecordedRequest[] = [];
  const waiting: ((recorded: RecordedRequest) => void)[] = [];
  let asked = 0;
  return {
    requests,
    add(recorded) {
      requests.push(recorded);
      waiting.shift()?.(recorded);
    },
    next() {
      const here = requests[asked++];
      if (here !== undefined) return Promise.resolve(here);
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
}

function echoWebSocket(): UpgradeHandler {
  const server = new WebSocketServer({ noServer: true });
  return (req, socket, head) => {
    server.handleUpgrade(req, socket, head, (webSocket) => {
      webSocket.on('error', () => {
        webSocket.terminate();
      });
      webSocket.on('message', (data, isBinary) => {
        webSocket.send(data, { binary: isBinary });
      });
    });
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function stop(server: Server, sockets: Iterable<Duplex>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    for (const socket of sockets) socket.destroy();
  });
}
