import type { Duplex } from 'node:stream';

/**
 * An error of the socket ends it, and never the process. The listener stays for as long as the socket, with nothing of a
 * request in its reach.
 */
export function endOnError(socket: Duplex): void {
  socket.on('error', destroyIt);
}

function destroyIt(this: Duplex): void {
  this.destroy();
}
