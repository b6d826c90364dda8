import { ServerResponse, type IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Milliseconds for a client to take the rest of an answer after which the connection ends. */
const LINGER_MS = 2000;

/**
 * An ordinary response on the raw socket of an `upgrade` event: for a refusal, a problem, or an upstream that does not
 * switch. The connection ends with it.
 * @throws TypeError on anything but a socket of `net` or `tls`
 */
export function createRawResponse(req: IncomingMessage, socket: Duplex): ServerResponse {
  // node:http hands out one of these, and types it wider
  if (!(socket instanceof Socket))
    throw new TypeError('an upgrade needs the socket of a node:http(s) server');
  const res = new ServerResponse(req);
  res.shouldKeepAlive = false;
  res.assignSocket(socket);
  const onDrain = (): void => {
    res.emit('drain');
  };
  socket.on('drain', onDrain);
  // read, or nobody would notice that the client leaves
  socket.resume().once('end', () => {
    if (!res.writableFinished) socket.destroy();
  });
  res.once('finish', () => {
    socket.off('drain', onDrain);
    res.detachSocket(socket);
    res.emit('close');
    endSocket(socket);
  });
  return res;
}

/**
 * Ends a socket without losing what is written: what the client still sends is read and dropped for two seconds
 * (RFC 9112, 9.6).
 * @param last written before the end
 */
export function endSocket(socket: Duplex, last?: string): void {
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => {
    clearTimeout(timer);
  });
  if (last === undefined) socket.end();
  else socket.end(last);
  socket.resume();
}
