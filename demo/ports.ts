import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Everything listens on loopback only. */
export const HOST = '127.0.0.1';

/** One server of the demo: its name for people and the port it would like; 0 takes any free one. */
export interface Wish {
  readonly name: string;
  readonly port: number;
}

/** A server that listens already, though nothing answers there yet. */
export interface Reserved {
  readonly server: Server;
  readonly port: number;
  /** `http://localhost:<port>`. */
  readonly origin: string;
  /** True when the wished port was taken by another process. */
  readonly moved: boolean;
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function isPortTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['EADDRINUSE', 'EACCES'].includes(String(error.code));
}

/**
 * Binds a port before anything is known of who will answer there: addresses go into one another's configuration, so all
 * of them must stand first. A wished port that is taken gives way to any free one.
 */
export async function reservePort({ port }: Wish): Promise<Reserved> {
  const server = createServer();
  const bound = await listen(server, port).catch((error: unknown) => {
    if (!isPortTaken(error)) throw error;
    return listen(server, 0);
  });
  return { server, port: bound, origin: `http://localhost:${bound}`, moved: port !== 0 && bound !== port };
}

/** Stops listening, ends quiet connections, and ends the others too. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
