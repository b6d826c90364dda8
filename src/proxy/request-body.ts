import { MisuseError } from '../errors.ts';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/** Milliseconds for which an upload that nobody wants any more is still read, so that the client gets to the answer. */
const LINGER_MS = 5000;

/** True when the request's framing announces a body (RFC 9112, 6.3), though it may turn out to be empty. */
export function announcesBody(req: IncomingMessage): boolean {
  const length = req.headers['content-length'];
  return req.headers['transfer-encoding'] !== undefined || (length !== undefined && !/^0+$/.test(length));
}

/**
 * Guards against a body that somebody else has read.
 * @throws MisuseError when nothing is left to forward
 */
export function assertUnread(req: IncomingMessage): void {
  if (req.readableDidRead || req.readableEnded) {
    throw new MisuseError(
      'The body of this request was read before it reached the gateway: mount secureChat before body parsers.',
    );
  }
}

/**
 * Reads an upload to its end without keeping it, for at most five seconds; then the connection is cut. A client that
 * reads only after it has written would otherwise never see an early answer (RFC 9112, 9.6).
 */
export function discardUpload(req: IncomingMessage): void {
  if (req.complete || req.destroyed) return;
  const timer = setTimeout(cutUpload, LINGER_MS, req);
  timer.unref();
  req.once('close', () => {
    clearTimeout(timer);
  });
  req.resume();
}

function cutUpload(req: IncomingMessage): void {
  if (!req.complete) req.socket.destroy();
}

/**
 * The client's upload as a stream of its own. undici destroys the body that it is given when an exchange fails; given
 * the request itself, it would take down the client's connection before a problem could be written to it.
 */
export class RequestBody extends Readable {
  /** `performance.now()` of the last byte that the client sent. */
  lastByteAt = performance.now();
  readonly #req: IncomingMessage;
  readonly #onData = (chunk: Buffer): void => {
    this.lastByteAt = performance.now();
    if (!this.push(chunk)) this.#req.pause();
  };
  readonly #onEnd = (): void => {
    this.push(null);
  };

  constructor(req: IncomingMessage) {
    super({ highWaterMark: 64 * 1024 });
    this.#req = req;
    req.pause();
    req.on('data', this.#onData).on('end', this.#onEnd);
  }

  /** All bytes are here, whether or not the upstream has taken them. */
  get received(): boolean {
    return this.#req.complete;
  }

  override _read(): void {
    this.#req.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#req.off('data', this.#onData).off('end', this.#onEnd);
    discardUpload(this.#req);
    callback(error);
  }
}
