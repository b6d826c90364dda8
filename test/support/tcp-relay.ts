import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';

/** A wire between a client and a server that can be cut, or swallow all that comes. */
export interface TcpRelay {
  readonly port: number;
  /** From now on nothing arrives on either side, on open and new connections; they stay open. */
  swallow(): void;
  /** New bytes pass again. What was swallowed is lost, so the connections that were open are closed. */
  heal(): void;
  stop(): Promise<void>;
}

/** Starts one in front of a port of loopback. */
export async function startRelay(to: number): Promise<TcpRelay> {
  const sockets = new Set<Socket>();
  let swallowing = false;
  const server = createServer((client) => {
    const upstream = connect(to, '127.0.0.1');
    for (const [from, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk) => {
        if (!swallowing) other.write(chunk);
      });
      from.on('error', () => undefined);
      from.once('close', () => {
        sockets.delete(from);
        other.destroy();
      });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const closeAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    swallow: () => void (swallowing = true),
    heal() {
      swallowing = false;
      closeAll();
    },
    async stop() {
      closeAll();
      server.close();
      await once(server, 'close');
    },
  };
}
