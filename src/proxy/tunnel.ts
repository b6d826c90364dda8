import type { Duplex } from 'node:stream';

/** Milliseconds that one side has to end after the other has. */
const LINGER_MS = 10_000;

/**
 * Joins two sockets until both are closed, and returns at once. Either side may end first and still receive (half-close); the death of one is
 * the death of the other.
 */
export function joinSockets(client: Duplex, upstream: Duplex): void {
  let open = 2;
  let linger: NodeJS.Timeout | undefined;
  const destroyBoth = (): void => {
    client.destroy();
    upstream.destroy();
  };
  const onEnd = (): void => {
    linger ??= setTimeout(destroyBoth, LINGER_MS).unref();
  };
  const onClose = (other: Duplex): void => {
    // an ended side may still have bytes to flush; one that was not ended lost its partner
    if (!other.writableEnded) other.destroy();
    else onEnd();
    if (--open === 0) clearTimeout(linger);
  };
  join(client, upstream, destroyBoth, onEnd, onClose);
  join(upstream, client, destroyBoth, onEnd, onClose);
}

function join(
  from: Duplex,
  to: Duplex,
  onError: () => void,
  onEnd: () => void,
  onClose: (other: Duplex) => void,
): void {
  from.on('error', onError).on('end', onEnd);
  from.once('close', () => {
    onClose(to);
  });
  from.pipe(to);
}
