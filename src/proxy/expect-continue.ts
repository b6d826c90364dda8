import type { IncomingMessage, ServerResponse } from 'node:http';

const waiting = new WeakSet<IncomingMessage>();

/**
 * Notes that this client waits for `100 Continue` (RFC 9110, 10.1.1). For the server's `checkContinue` listener, which
 * then treats the request like any other: whoever first reads its body lets the client go on. A request that is refused
 * before costs the client no upload.
 */
export function markExpectsContinue(req: IncomingMessage): void {
  waiting.add(req);
}

/** Sends `100 Continue` to a client that waits for it: at most once, and never after the head of the answer. */
export function sendContinue(req: IncomingMessage, res: ServerResponse): void {
  if (waiting.delete(req) && !res.headersSent) res.writeContinue();
}
