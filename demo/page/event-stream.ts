import type { Response } from 'express';

const HEARTBEAT_MS = 15_000;

/**
 * Turns an answer into a stream of server-sent events (WHATWG HTML, 9.2) and returns the function that sends one.
 * A comment every 15 s keeps proxies from closing a quiet stream.
 *
 * @param onClose called once when the reader has gone
 */
export function eventStream(response: Response, onClose: () => void): (data: unknown) => void {
  response.set({ 'Content-Type': 'text/event-stream; charset=utf-8', 'Cache-Control': 'no-store' });
  response.flushHeaders();
  const heartbeat = setInterval(() => response.write(':\n\n'), HEARTBEAT_MS);
  response.on('close', () => {
    clearInterval(heartbeat);
    onClose();
  });
  return (data) => {
    response.write(`data: ${JSON.stringify(data)}\n\n`);
  };
}
