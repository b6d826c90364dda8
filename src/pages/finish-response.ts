import type { IncomingMessage, ServerResponse } from 'node:http';

/** Bytes of a declared body that are rather read off than paid for with a new connection. */
const READ_OFF_BYTES = 64 * 1024;

/** Bounds of what is still read from a client that goes on sending after its answer. */
const LINGER_BYTES = 4 * 1024 * 1024;
const LINGER_MS = 2_000;

/**
 * Writes status, headers and body as the whole answer, once: false, and nothing done, when an answer has begun or the
 * client is gone. HEAD gets the headers of a GET. What the client still sends is taken care of: a small declared body is
 * read off and the connection lives on; after a larger or chunked one, or an upgrade, it is closed, and only once the
 * answer has left and the client has stopped or 4 MiB or 2 s have gone by. Closing at once would reset the connection,
 * and the client would lose the answer (RFC 9112, section 9.6).
 */
export function finishResponse(
  req: IncomingMessage,
  res: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
): boolean {
  if (res.headersSent || res.writableEnded || res.destroyed) return false;
  const lingering = leavesTooMuch(req);
  if (lingering || req.headers.upgrade !== undefined) res.setHeader('Connection', 'close');
  res.writeHead(status, { ...headers, 'Content-Length': String(body.byteLength) });
  // Whoever was reading has no use for the rest, and a paused body would stall the connection.
  req.unpipe();
  if (lingering) {
    if (req.method === 'HEAD') res.flushHeaders();
    else res.write(body);
    linger(req, res);
  } else {
    res.end(req.method === 'HEAD' ? undefined : body);
  }
  req.resume();
  return true;
}

/** Is there more to come of the request's body than is worth reading for the sake of the connection? */
function leavesTooMuch(req: IncomingMessage): boolean {
  if (req.complete) return false;
  if (req.headers['transfer-encoding'] !== undefined) return true;
  return Number(req.headers['content-length'] ?? 0) > READ_OFF_BYTES;
}

/** Ends the response, and with it the connection, when the client has stopped sending or has sent enough. */
function linger(req: IncomingMessage, res: ServerResponse): void {
  let received = 0;
  const end = (): void => {
    clearTimeout(timer);
    req.off('data', count);
    if (!res.writableEnded) res.end();
  };
  const count = (chunk: Buffer): void => {
    received += chunk.length;
    if (received > LINGER_BYTES) end();
  };
  const timer = setTimeout(end, LINGER_MS);
  timer.unref();
  req.on('data', count);
  for (const event of ['end', 'error', 'close']) req.once(event, end);
}
