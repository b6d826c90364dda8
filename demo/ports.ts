import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Everything listens on loopback only. */
export const HOST = '127.0.0.1';

/** One server of the demo: its name for people and the port it would like; 0 takes any free one. */
export interface Wish {
  readonly name: string;
  readonly port: number;
  /** The name in its address, one of loopback; default `localhost`. */
  readonly host?: string | undefined;
}

/** A server that listens already; requests that come early wait for whoever will answer there. */
export interface Reserved {
  readonly server: Server;
  /** Says who answers. */
  readonly answerWith: (listener: RequestListener) => void;
  readonly port: number;
  /** `http://<host>:<port>`. */
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

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

function isPortTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['EADDRINUSE', 'EACCES'].includes(String(error.code));
}

/**
 * Binds a port before anything is known of who will answer there: addresses go into one another's configuration, so all
 * of them must stand first. A wished port that is taken gives way to any free one.
 */
export async function reservePort({ port, host = 'localhost' }: Wish): Promise<Reserved> {
  const { promise: answering, resolve: answerWith } = withResolvers<RequestListener>();
  const server = createServer((incoming, outgoing) => {
    void answering.then((listener) => {
      listener(incoming, outgoing);
    });
  });
  const bound = await listen(server, port).catch((error: unknown) => {
    if (!isPortTaken(error)) throw error;
    return listen(server, 0);
  });
  return {
    server,
    answerWith,
    port: bound,
    origin: `http://${host}:${bound}`,
    moved: port !== 0 && bound !== port,
  };
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
