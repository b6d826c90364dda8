import type { Duplex } from 'node:stream';

/** Upgraded connections of secure queues in this process, so that none outlives the identity it was admitted with. */
export interface OpenSockets {
  /** Keeps the socket until it closes, or until `expiresAt` (milliseconds since 1970), when it is destroyed. */
  admit(sessionId: string, socket: Duplex, expiresAt: number): void;
  /** Destroys the sockets of a session that has ended. */
  end(sessionId: string): void;
}

/** `setTimeout` takes 31 bits; a longer life is cut there, which only closes a socket that is 24 days old. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** An empty register. */
export function createOpenSockets(): OpenSockets {
  const bySession = new Map<string, Set<Duplex>>();
  return {
    admit(sessionId, socket, expiresAt) {
      const sockets = bySession.get(sessionId) ?? new Set();
      bySession.set(sessionId, sockets.add(socket));
      const expiry = setTimeout(
        () => socket.destroy(),
        Math.min(Math.max(expiresAt - Date.now(), 0), LONGEST_TIMER_MS),
      ).unref();
      socket.once('close', () => {
        clearTimeout(expiry);
        sockets.delete(socket);
        if (sockets.size === 0) bySession.delete(sessionId);
      });
    },
    end(sessionId) {
      for (const socket of bySession.get(sessionId) ?? []) socket.destroy();
    },
  };
}
