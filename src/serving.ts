import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { Server as TcpServer } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { GatewayError } from './errors.ts';
import { problemDocument } from './pages/problem-document.ts';
import { atClose, type ClosingTask } from './proxy/at-close.ts';
import { markExpectsContinue } from './proxy/expect-continue.ts';
import { endSocket } from './proxy/raw-response.ts';

/** Above the idle time of the routers and load balancers in front, so that it is they who close an idle connection. */
const KEEP_ALIVE_MS = 95_000;

/** While draining, how often it is looked whether something still runs. */
const DRAIN_LOOK_MS = 25;

/** Without a request on any of its connections, a server that retires ends them. */
const RETIRED_QUIET_MS = 3000;

/** What a server calls. */
export interface Serving {
  readonly listener: RequestListener;
  readonly upgrade: (req: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** A server with the gateway behind it: requests, upgrades, `Expect: 100-continue`, and answers to what is no HTTP. */
export function attachServer(server: Server, serving: Serving): Server {
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.headersTimeout = KEEP_ALIVE_MS + 1000;
  const connections = new Set<Connection>();
  connectionsOf.set(server, connections);
  const bySocket = new WeakMap<Duplex, Connection>();
  const connectionOf = (socket: Duplex): Connection => {
    const known = bySocket.get(socket);
    if (known !== undefined) return known;
    const connection: Connection = { socket, running: 0 };
    bySocket.set(socket, connection);
    connections.add(connection);
    // an answer that waits behind another on this connection is never told that it has closed
    socket.once('close', () => connections.delete(connection));
    return connection;
  };
  const serve = (req: IncomingMessage, res: ServerResponse): void => {
    atClose(res, new Running(connectionOf(req.socket)));
    serving.listener(req, res);
  };
  return server
    .on('connection', connectionOf)
    .on('request', serve)
    .on('checkContinue', (req: IncomingMessage, res: ServerResponse) => {
      markExpectsContinue(req);
      serve(req, res);
    })
    .on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
      connectionOf(socket).running += 1;
      serving.upgrade(req, socket, head);
    })
    .on('clientError', refuseUnparsable);
}

/** How much runs on one connection; one that was upgraded runs to its end. */
interface Connection {
  readonly socket: Duplex;
  running: number;
}

/** One answer of it. */
class Running implements ClosingTask {
  nextTask: ClosingTask | undefined;
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.running += 1;
  }

  closed(): void {
    this.#connection.running -= 1;
  }
}

const connectionsOf = new WeakMap<Server, Set<Connection>>();

function busyOn(server: Server): Connection[] {
  return [...(connectionsOf.get(server) ?? [])].filter(({ running }) => running > 0);
}

/**
 * Waits for what runs, `graceMs` at most, and then ends every connection. Until then the server listens on, so that
 * whoever comes hears from the gateway that it is draining.
 */
export async function closeServer(server: Server, graceMs: number): Promise<void> {
  const end = performance.now() + graceMs;
  while (busyOn(server).length > 0 && performance.now() < end) await delay(DRAIN_LOOK_MS);
  const closed = once(server, 'close');
  server.close();
  for (const { socket } of busyOn(server)) socket.destroy();
  server.closeAllConnections();
  await closed;
}

/**
 * Takes no new connection, serves on those that are open, and ends them when they have been quiet for a while: a client
 * that sends its next request meanwhile is answered, and told to make a new connection. After `graceMs` they all end.
 */
export async function retireServer(server: Server, graceMs: number): Promise<void> {
  const begun = performance.now();
  const done = { closed: false };
  const closed = once(server, 'close').then(() => {
    done.closed = true;
  });
  // node:http's own would end idle connections at once, and with them a request that is on its way
  TcpServer.prototype.close.call(server);
  for (let quietSince = begun; !done.closed;) {
    const now = performance.now();
    if (busyOn(server).length > 0) quietSince = now;
    if (now - quietSince > RETIRED_QUIET_MS || now - begun > graceMs) break;
    await Promise.race([closed, delay(DRAIN_LOOK_MS)]);
  }
  for (const { socket } of busyOn(server)) socket.destroy();
  server.closeAllConnections();
  await closed;
}

/** Bytes that are no HTTP request: there is no request to answer, so the answer goes straight to the socket. */
function refuseUnparsable(error: NodeJS.ErrnoException, socket: Duplex): void {
  // in the middle of an answer, this one would be read as the rest of that
  const answering = '_httpMessage' in socket && Boolean(socket._httpMessage);
  if (error.code === 'ECONNRESET' || !socket.writable || answering) {
    socket.destroy();
    return;
  }
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request';
  const problem = new GatewayError('request_malformed', 'This is not a well-formed HTTP/1.1 request.');
  const document = { ...problemDocument(problem, randomUUID()), status: Number(status.slice(0, 3)) };
  const body = JSON.stringify(document);
  endSocket(
    socket,
    `HTTP/1.1 ${status}\r\nContent-Type: application/problem+json\r\nCache-Control: no-store\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
