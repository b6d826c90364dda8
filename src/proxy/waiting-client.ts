import type { Duplex } from 'node:stream';

/** Bytes that a client may send ahead of the answer to its upgrade; then it is no longer read. */
const EARLY_BYTES = 64 * 1024;

/** A client between its request to upgrade and the answer. */
export interface WaitingClient {
  /** Stops reading and gives back what came meanwhile, `head` included. */
  stop(): Buffer;
}

/**
 * Reads from a socket that nobody else reads yet: one that is not read never tells that its client has left.
 * @param head what came with the request
 * @param onGone called once when the client ends or loses its connection
 */
export function watchClient(socket: Duplex, head: Buffer, onGone: () => void): WaitingClient {
  const early = [head];
  let length = head.length;
  const onData = (chunk: Buffer): void => {
    early.push(chunk);
    length += chunk.length;
    if (length >= EARLY_BYTES) socket.pause();
  };
  const stop = (): Buffer => {
    socket.off('data', onData).off('end', gone).off('close', gone);
    socket.pause();
    return Buffer.concat(early, length);
  };
  const gone = (): void => {
    stop();
    onGone();
  };
  socket.on('data', onData).on('end', gone).on('close', gone);
  return { stop };
}
