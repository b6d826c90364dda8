import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { markExpectsContinue } from './proxy/expect-continue.ts';
import { endSocket } from './proxy/raw-response.ts';

/** Above the idle time of the routers and load balancers in front, so that it is they who close an idle connection. */
const KEEP_ALIVE_MS = 95_000;

/** While draining, how often connections that have fallen idle are closed. */
const IDLE_SWEEP_MS = 50;

/** What a server calls. */
export interface Serving {
  readonly listener: RequestListener;
  readonly upgrade: (req: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** A server with the gateway behind it: requests, upgrades, `Expect: 100-continue`, and answers to what is no HTTP. */
export function attachServer(server: Server, serving: Serving): Server {
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.headersTimeout = KEEP_ALIVE_MS + 1000;
  const upgraded = new Set<Duplex>();
  upgradedSockets.set(server, upgraded);
  return server
    .on('request', serving.listener)
    .on('checkContinue', (req: IncomingMessage, res: Parameters<RequestListener>[1]) => {
      markExpectsContinue(req);
      serving.listener(req, res);
    })
    .on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
      upgraded.add(socket.once('close', () => upgraded.delete(socket)));
      serving.upgrade(req, socket, head);
    })
    .on('clientError', refuseUnparsable);
}

/** Lets running exchanges finish for `graceMs`, then ends every connection of the server. */
export async function closeServer(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  const end = () => {
    for (const socket of upgradedSockets.get(server) ?? []) socket.destroy();
    server.closeAllConnections();
  };
  const grace = setTimeout(end, graceMs);
  // a connection that a running answer leaves open would otherwise be waited for until the end of the grace
  const idle = setInterval(() => {
    server.closeIdleConnections();
  }, IDLE_SWEEP_MS);
  await closed;
  clearTimeout(grace);
  clearInterval(idle);
}

const upgradedSockets = new WeakMap<Server, Set<Duplex>>();

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
  const body = JSON.stringify({
    type: 'about:blank',
    title: status.slice(4),
    status: Number(status.slice(0, 3)),
    detail: 'This is not a well-formed HTTP/1.1 request.',
    code: 'request_malformed',
  });
  endSocket(
    socket,
    `HTTP/1.1 ${status}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
